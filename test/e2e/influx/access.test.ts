import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createInfluxWriter } from '../../../lambda/influx/delivery/influx-writer.ts';
import { toLines } from '../../../lambda/influx/lines.ts';
import { provideToken } from '../../../lambda/influx-setup/provide-token.ts';
import type { InfluxSetupPorts, Provided } from '../../../lambda/influx-setup/provide-token.ts';
import { setRetention } from '../../../lambda/influx-setup/set-retention.ts';
import { systemClock as clock } from '../../../lambda/runtime/clock.ts';
import { askInfluxql } from '../support/influx/influxd.ts';
import { startInfluxd2 } from '../support/influx/influxd-2.ts';
import type { Influxd2 } from '../support/influx/influxd-2.ts';
import { describeWithInfluxd2 } from '../support/parts.ts';

const infra = join(import.meta.dirname, '../../../infra');
const line = `m v=1i ${Date.now()}`;

interface Authorization {
  readonly id: string;
  readonly description?: string;
}

describeWithInfluxd2('Who gets at InfluxDB 2', () => {
  let influxd: Influxd2;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'locust2influx-e2e-access-'));
    influxd = await startInfluxd2();
    await influxd.createBucket('other');
  });
  beforeEach(async () => {
    await influxd.clear();
    await influxd.write(line);
  });
  afterAll(async () => {
    await influxd.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const statusOfWrite = async (token: string, bucket = influxd.settings.bucket): Promise<number | undefined> => {
    const writer = createInfluxWriter({ ...influxd.settings, token, bucket, clock });
    const { status } = await writer.write(toLines([line]), 60_000);
    writer.close();
    return status;
  };
  const read = (authorization: string): Promise<unknown> => {
    const { url, bucket: database } = influxd.settings;
    return askInfluxql({ url, database, headers: { authorization } }, 'SELECT * FROM "m"');
  };
  const ownTokens = async (): Promise<readonly Authorization[]> => {
    const answer = await influxd.api('GET', '/api/v2/authorizations');
    const { authorizations } = answer as { authorizations: readonly Authorization[] };
    return authorizations.filter(({ description }) => description?.startsWith('locust2influx') === true);
  };

  test('the setup of a managed one makes a token that writes the one bucket, keeps it, and replaces it when it is gone', async () => {
    let secret = 'a-placeholder-that-is-no-token';
    const ports: InfluxSetupPorts = {
      clock,
      influx: influxd.settings,
      readSignIn: () => Promise.resolve(influxd.admin),
      readToken: () => Promise.resolve(secret),
      putToken(token) {
        secret = token;
        return Promise.resolve();
      },
    };
    const setUp = (): Promise<Provided> => provideToken(ports);

    expect(await setUp()).toBe('made');
    const first = secret;
    expect(await Promise.all([statusOfWrite(first), statusOfWrite(first, 'other')])).toEqual([204, 403]);
    expect(await read(`Token ${first}`).catch(String)).not.toMatchObject([{ name: 'm' }]);
    expect(await setUp()).toBe('kept');
    expect(secret).toBe(first);

    secret = 'lost';
    expect(await setUp()).toBe('made');
    expect(await ownTokens()).toHaveLength(1);
    expect(await statusOfWrite(first)).toBe(401);

    for (const { id } of await ownTokens()) await influxd.api('DELETE', `/api/v2/authorizations/${id}`);
    expect(await setUp()).toBe('made');
    expect(await statusOfWrite(secret)).toBe(204);

    const retention = async (): Promise<unknown> => {
      const { buckets } = (await influxd.api('GET', `/api/v2/buckets?name=${influxd.settings.bucket}`)) as {
        readonly buckets: readonly [{ readonly retentionRules: readonly [{ readonly everySeconds: number }] }];
      };
      return buckets[0].retentionRules[0].everySeconds;
    };
    for (const days of [30, 0]) {
      await setRetention(ports, days);
      expect(await retention()).toBe(days * 86_400);
    }
  });

  test('the commands that the documents give for a managed one print a token that reads the bucket and no more', async () => {
    const readme = await readFile(join(infra, 'README.md'), 'utf8');
    const commands = /```sh\n(INFLUX=[^`]*authorizations[^`]*)```/.exec(readme)?.[1] ?? 'none';
    const { org, bucket, url } = influxd.settings;
    const own = commands
      .replace(/^INFLUX=.*$/m, `INFLUX=${url}`)
      .replace('$(… |', `$(echo '${JSON.stringify(influxd.admin)}' |`)
      .replace('org=locust2influx&name=locust', `org=${org}&name=${bucket}`);
    expect(own).not.toMatch(/….*\|/);

    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', own], { cwd: folder });

    const token = stdout.trim();
    expect(await read(`Token ${token}`)).toMatchObject([{ name: 'm' }]);
    expect(await statusOfWrite(token)).toBe(403);
  });

  test('Grafana’s data source, as it is provisioned, reads the bucket as its own user, who writes nothing', async () => {
    const yaml = await readFile(join(infra, 'local/provisioning/datasources/influxdb.yaml'), 'utf8');
    const setup = await readFile(join(infra, 'local/influxdb-setup/grafana-reads.sh'), 'utf8');
    const said = (name: string): string => new RegExp(`^ +${name}: (.*)$`, 'm').exec(yaml)?.[1] ?? 'nothing';
    const environment: Readonly<Record<string, string>> = {
      $INFLUX_URL: influxd.url,
      $INFLUX_BUCKET: influxd.settings.bucket,
      $GRAFANA_INFLUX_PASSWORD: 'password-of-grafana',
    };
    const filled = (name: string): string => environment[said(name)] ?? said(name);
    // What the script does by InfluxDB's own command.
    const username = /--username (\S+)/.exec(setup)?.[1] ?? '';
    const { id: bucketID, orgID } = influxd.bucket();
    const permissions = [{ action: 'read', resource: { type: 'buckets', id: bucketID, orgID } }];
    const made = await influxd.api('POST', '/private/legacy/authorizations', { orgID, token: username, permissions });
    const { id } = made as { id: string };
    await influxd.api('POST', `/private/legacy/authorizations/${id}/password`, { password: filled('password') });

    expect([said('version'), said('httpMode')]).toEqual(['InfluxQL', 'POST']);
    const basic = `Basic ${Buffer.from(`${filled('user')}:${filled('password')}`).toString('base64')}`;
    const source = { url: filled('url'), database: filled('dbName'), headers: { authorization: basic } };
    expect(await askInfluxql(source, 'SELECT * FROM "m"')).toMatchObject([{ name: 'm' }]);
    const where = `${influxd.url}/write?db=${influxd.settings.bucket}`;
    const written = await fetch(where, { method: 'POST', headers: source.headers, body: line });
    expect(written.status).toBe(403);
  });
});
