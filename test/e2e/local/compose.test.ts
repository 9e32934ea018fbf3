import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

const localFolder = join(import.meta.dirname, '../../../infra/local');

/** The newer or the older Docker Compose, whichever is there: neither needs a Docker engine to read a file. */
const compose = [['docker', 'compose'] as const, ['docker-compose'] as const].find(
  ([program, ...words]) => spawnSync(program, [...words, 'version']).status === 0,
);

function composeConfig(): string {
  if (compose === undefined) throw new Error('missing: Docker Compose; run test/e2e/install.sh');
  const [program, ...words] = compose;
  const args = [...words, '-f', join(localFolder, 'compose.yaml'), 'config'];
  const text = readFileSync(join(localFolder, 'compose.yaml'), 'utf8');
  const secrets = Object.fromEntries([...text.matchAll(/\$\{(\w+)/g)].map(([, name = '']) => [name, 'of-a-test']));
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, ...secrets },
  });
  expect(status, stderr).toBe(0);
  return stdout;
}

test('Docker Compose understands compose.yaml, and every file that it names is there', () => {
  const config = composeConfig();
  for (const service of ['influxdb', 'collector', 'grafana', 'locust', 'shop']) {
    expect(config).toMatch(new RegExp(`^ {2}${service}:$`, 'm'));
  }
  const files = [...config.matchAll(/(\/\S*\/infra\/[^\s:]+)/g)].map(([, file = '']) => file);
  expect(files.length).toBeGreaterThan(2);
  for (const file of files) expect(existsSync(file), file).toBe(true);
  expect(existsSync(join(localFolder, 'Dockerfile'))).toBe(true);
});

test('nothing of it listens beyond this machine', () => {
  const text = readFileSync(join(localFolder, 'compose.yaml'), 'utf8');
  const ports = [...text.matchAll(/^ +ports: (.*)$/gm)].map(([, value]) => value);
  expect(ports).toHaveLength(2);
  for (const value of ports) expect(value).toMatch(/^\['127\.0\.0\.1:\d+:\d+'\]$/);
});

test('the collector’s image installs every package that its program loads', async () => {
  expect(readFileSync(join(localFolder, 'Dockerfile'), 'utf8')).toContain('npm ci --omit=dev');
  const { metafile } = await build({
    entryPoints: [join(localFolder, 'main.ts')],
    ...{ bundle: true, write: false, outdir: 'none', metafile: true },
    ...{ packages: 'external', platform: 'node', format: 'esm' },
  });
  const names = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  const packages = names
    .filter((name) => !isBuiltin(name))
    .map((name) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name);
  expect(packages.length).toBeGreaterThan(5);
  const root = JSON.parse(readFileSync(join(localFolder, '../../package.json'), 'utf8')) as { dependencies: object };
  expect([...new Set(packages)].filter((name) => !(name in root.dependencies))).toEqual([]);
});
