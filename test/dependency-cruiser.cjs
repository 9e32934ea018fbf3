/** The arrows: collector, api → recording → runs, targets, windows, influx, locust → runtime. Never back, never a circle. */
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
    forbid('windows-import-nothing-but-runtime', room('windows'), '^lambda/', '^lambda/(windows|runtime)/'),
    forbid('runs-imports-locust-only', room('runs'), '^lambda/', '^lambda/(runs|locust|runtime)/'),
    forbid(
      'targets-import-runs-and-runtime',
      room('targets'),
      '^lambda/',
      '^lambda/((targets|runs|locust|runtime)/|influx/points/reserved-tag-keys)',
    ),
    forbid(
      'points-take-types-from-locust-and-runs',
      room('influx/points'),
      '^lambda/',
      '^lambda/(influx/(lines|points)|locust|runs|runtime)',
    ),
    forbid(
      'delivery-and-spool-know-lines-alone',
      '^lambda/influx/(delivery|spool)/',
      '^lambda/',
      '^lambda/(influx|runtime)/',
    ),
    forbid('spool-imports-no-points', room('influx/spool'), room('influx/points'), 'normal-form'),
    forbid(
      'recording-imports-what-lies-below-it',
      room('recording'),
      '^lambda/',
      '^lambda/(recording|runs|targets|influx|locust|runtime)/',
    ),
    forbid('collector-and-api-apart', room('collector'), room('api')),
    forbid('api-and-collector-apart', room('api'), room('collector')),
    forbid('the-page-is-a-room-of-its-own', '^lambda/(?!console/)', room('console')),
    forbid(
      'the-page-takes-shared-rules-and-types',
      room('console'),
      '^lambda/',
      '^lambda/(console/|targets/(collection-rule|status-refresh)|runs/lost-after)',
    ),
    // The page's bundle holds them, so whatever they imported would be sent to browsers.
    forbid(
      'the-shared-rules-import-nothing',
      '^lambda/(targets/(collection-rule|status-refresh)|runs/lost-after)',
      '.',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^test/e2e/[.]parts/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
};
