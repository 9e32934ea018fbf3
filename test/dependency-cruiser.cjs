/** The arrows: collector, admin → recording → runs, registry, influx, locust → runtime. Never back, never a circle. */
const room = (name) => `^lambda/${name}/`;
const forbid = (name, from, to, except) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: except === undefined ? { path: to } : { path: to, pathNot: except },
});

module.exports = {
  forbidden: [
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphan',
      severity: 'error',
      from: { orphan: true, path: '^(lambda|infra)/', pathNot: '[.]d[.]ts$' },
      to: {},
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-dev-package-in-the-product',
      severity: 'error',
      from: { path: '^(lambda/|infra/local/|infra/build-console)' },
      to: { dependencyTypes: ['npm-dev'] },
    },
    forbid('lambda-never-imports-infra', '^lambda/', '^(infra|test)/'),
    forbid('infra-never-imports-tests', '^infra/', '^test/'),
    forbid('runtime-imports-no-room', room('runtime'), '^lambda/', room('runtime')),
    forbid('locust-imports-runtime-only', room('locust'), '^lambda/', '^lambda/(locust|runtime)/'),
    forbid('runs-imports-locust-only', room('runs'), '^lambda/', '^lambda/(runs|locust|runtime)/'),
    forbid(
      'registry-imports-runs-and-runtime',
      room('registry'),
      '^lambda/',
      '^lambda/((registry|runs|locust|runtime)/|influx/reserved-tag-keys)',
    ),
    forbid(
      'influx-takes-types-from-locust-and-runs',
      room('influx'),
      '^lambda/',
      '^lambda/(influx|locust|runs|runtime)/',
    ),
    forbid(
      'recording-imports-what-lies-below-it',
      room('recording'),
      '^lambda/',
      '^lambda/(recording|runs|registry|influx|locust|runtime)/',
    ),
    forbid('collector-and-admin-apart', room('collector'), room('admin')),
    forbid('admin-and-collector-apart', room('admin'), room('collector')),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^test/e2e/[.]parts/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
};
