import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseOptions } from '../../infra/local/options.ts';
import { loadTokens } from '../../infra/local/api/tokens.ts';

const localFolder = join(import.meta.dirname, '../../infra/local');
const compose = readFileSync(join(localFolder, 'compose.yaml'), 'utf8');
const serviceOf = (name: string): string =>
  new RegExp(`^ {2}${name}:\\n((?: {4}.*\\n)+)`, 'm').exec(compose)?.[1] ?? '';
const secretNames = [...new Set([...compose.matchAll(/\$\{(\w+)/g)].map(([, name = '']) => name))].sort();

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'locust2influx-compose-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Runs a copy of the script beside which the secrets are made. @returns what it printed */
function makeEnv(): string {
  cpSync(join(localFolder, 'make-env.sh'), join(folder, 'make-env.sh'));
  return execFileSync('sh', [join(folder, 'make-env.sh')], { encoding: 'utf8' });
}

const madeSecrets = (): Record<string, string> =>
  Object.fromEntries(
    readFileSync(join(folder, '.env'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split('=') as [string, string]),
  );

test('the collector of compose.yaml is given options that it has, and listens where its published port leads', () => {
  const [, words = ''] = /command:\s*\[([^\]]*)\]/.exec(serviceOf('collector')) ?? [];
  const argv = [...words.matchAll(/'([^']*)'/g)].map(([, word = '']) => word);

  expect(parseOptions(argv, {})).toMatchObject({
    ...{ host: '0.0.0.0', port: 8787, dataFolder: '/data' },
    // The other containers call it by this name.
    allowedHosts: ['collector'],
  });
  expect(serviceOf('collector')).toContain("ports: ['127.0.0.1:8787:8787']");
});

test('no password and no token stands in the file: each is demanded, with how to make it', () => {
  expect(secretNames.length).toBeGreaterThan(4);
  for (const [variable] of compose.matchAll(/\$\{[^}]*\}/g)) {
    expect(variable).toMatch(/^\$\{\w+:\?run infra\/local\/make-env\.sh once\}$/);
  }
  for (const [, name = '', value = ''] of compose.matchAll(/^ +(\w*(?:PASSWORD|TOKEN)\w*): (.*)$/gm)) {
    expect(value, name).toMatch(/^\$\{/);
  }
});

test('the script makes every secret that is demanded, once, each another one, for its owner alone', async () => {
  const printed = makeEnv();
  const made = madeSecrets();

  expect(Object.keys(made).sort()).toEqual(secretNames);
  expect(new Set(Object.values(made)).size).toBe(secretNames.length);
  for (const secret of Object.values(made)) {
    expect(secret).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(printed).not.toContain(secret);
  }
  expect(statSync(join(folder, '.env')).mode & 0o777).toBe(0o600);
  expect(makeEnv()).toContain('is there already');
  expect(madeSecrets()).toEqual(made);
  expect(readdirSync(folder).sort()).toEqual(['.env', 'make-env.sh']);
  expect(await loadTokens(folder, made)).toEqual({ admin: made['ADMIN_TOKEN'], reporter: made['REPORTER_TOKEN'] });
});

test('InfluxDB is reached by the other containers alone, and Grafana may only read', () => {
  const setup = readFileSync(join(localFolder, 'influxdb-setup/grafana-reads.sh'), 'utf8');
  const dataSource = readFileSync(join(localFolder, 'provisioning/datasources/influxdb.yaml'), 'utf8');

  expect(serviceOf('influxdb')).not.toContain('ports:');
  expect(serviceOf('grafana')).not.toContain('INFLUX_TOKEN');
  expect(serviceOf('grafana')).toContain("GF_SERVER_ENFORCE_DOMAIN: 'true'");
  expect(setup).toMatch(/--read-bucket "\$DOCKER_INFLUXDB_INIT_BUCKET_ID"/);
  expect(setup).not.toContain('--write-bucket');
  const [, user = ''] = /--username (\w+)/.exec(setup) ?? [];
  expect(dataSource).toContain(`user: ${user}\n`);
  expect(dataSource).toContain('password: $GRAFANA_INFLUX_PASSWORD');
});

test('Grafana shows nobody anything without its password: other users of the machine reach its port', () => {
  expect(serviceOf('grafana')).not.toMatch(/ANONYMOUS|GF_AUTH_(?:DISABLE|PROXY)/);
  expect(serviceOf('grafana')).toMatch(/GF_SECURITY_ADMIN_PASSWORD: \$\{GRAFANA_PASSWORD:\?/);
});

test('an image of the collector takes none of the secrets along', () => {
  const ignored = readFileSync(join(localFolder, 'Dockerfile.dockerignore'), 'utf8').trim().split('\n');

  expect(ignored.indexOf('infra/local/.env')).toBeGreaterThan(ignored.indexOf('!infra'));
});
