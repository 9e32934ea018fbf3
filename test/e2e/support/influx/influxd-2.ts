import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InfluxDB } from '@influxdata/influxdb-client';
import { programs } from '../parts.ts';
import { answers, freePort, startProcess, waitUntilReady } from '../part-process.ts';
import type { PartProcess } from '../part-process.ts';
import { askInfluxql, storedRows } from './influxd.ts';
import type { Influxd, InfluxSeries } from './influxd.ts';

/** A bucket of an InfluxDB 2, and who owns it. */
export interface BucketOf2 {
  readonly id: string;
  readonly orgID: string;
  readonly name: string;
}

/** InfluxDB 2 with an organisation, a bucket and a token that may do anything. */
export interface Influxd2 extends Influxd {
  /** Where a collector writes. */
  readonly settings: {
    readonly url: string;
    readonly org: string;
    readonly bucket: string;
    readonly token: string;
  };
  /** Who may sign in to it. */
  readonly admin: { readonly username: string; readonly password: string };
  /**
   * Asks its API as that token.
   * @returns what it answered, undefined for nothing
   * @throws Error with InfluxDB's answer where that is no success
   */
  api(method: string, path: string, body?: object): Promise<unknown>;
  /** The bucket that everything is written to: another one after `clear`. */
  bucket(): BucketOf2;
  createBucket(name: string, retentionSeconds?: number): Promise<BucketOf2>;
  /** Makes a token for one bucket. */
  createToken(bucket: BucketOf2, ...actions: ('read' | 'write')[]): Promise<string>;
  /** Runs one query in Flux. Times are texts. */
  flux(query: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Stops it, or kills it where it stands. It stays away until `resume`. */
  halt(how: 'stop' | 'kill'): Promise<void>;
  /** Starts it again under the same address with what is on disk. */
  resume(): Promise<void>;
}

const org = 'load-tests';
const bucketName = 'locust';
const token = 'token-of-an-operator';
const admin = { username: 'admin', password: 'first-password' };

/** Starts InfluxDB 2 on loopback and sets it up through its API; it reports nothing to anyone. */
export async function startInfluxd2(): Promise<Influxd2> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const folder = await mkdtemp(join(tmpdir(), 'influxd-2-'));
  let process = await startProgram(url, folder);
  const api = (method: string, path: string, body?: object): Promise<unknown> => askApi(url, { method, path, body });
  const setUp = { ...admin, org, bucket: bucketName, token };
  let { bucket } = (await api('POST', '/api/v2/setup', setUp)) as { bucket: BucketOf2 };
  const query = (influxql: string): Promise<readonly InfluxSeries[]> =>
    askInfluxql({ url, database: bucketName, headers }, influxql);
  const createBucket: Influxd2['createBucket'] = async (name, retentionSeconds = 0) => {
    const retentionRules = retentionSeconds === 0 ? [] : [{ type: 'expire', everySeconds: retentionSeconds }];
    return (await api('POST', '/api/v2/buckets', { orgID: bucket.orgID, name, retentionRules })) as BucketOf2;
  };
  return {
    url,
    settings: { url, org, bucket: bucketName, token },
    admin,
    api,
    bucket: () => bucket,
    createBucket,
    async createToken({ id, orgID }, ...actions) {
      const permissions = actions.map((action) => ({ action, resource: { type: 'buckets', id, orgID } }));
      const made = await api('POST', '/api/v2/authorizations', { orgID, permissions });
      return (made as { token: string }).token;
    },
    async write(lines) {
      const to = new URLSearchParams({ org, bucket: bucketName, precision: 'ms' });
      const init = { method: 'POST', headers, body: lines };
      const response = await fetch(`${url}/api/v2/write?${to.toString()}`, init);
      return { status: response.status, body: await response.text() };
    },
    query,
    flux: (text) => new InfluxDB({ url, token }).getQueryApi(org).collectRows(text),
    rows: (measurement) => storedRows(query, measurement),
    async clear() {
      await api('DELETE', `/api/v2/buckets/${bucket.id}`);
      bucket = await createBucket(bucketName);
    },
    halt: (how) => process[how](),
    async resume() {
      process = await startProgram(url, folder);
    },
    async stop() {
      await process.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const headers = { authorization: `Token ${token}` };

/** All that it keeps is in the folder: what is not named would be put into the home folder. */
async function startProgram(url: string, folder: string): Promise<PartProcess> {
  const process = startProcess({
    program: programs.influxd2,
    args: [
      ...['--reporting-disabled', '--ui-disabled', '--log-level', 'warn', '--http-bind-address', new URL(url).host],
      ...['--bolt-path', join(folder, 'influxd.bolt'), '--sqlite-path', join(folder, 'influxd.sqlite')],
      ...['--engine-path', join(folder, 'engine')],
    ],
  });
  await waitUntilReady(process, () => answers(`${url}/health`));
  return process;
}

async function askApi(
  url: string,
  { method, path, body }: { method: string; path: string; body: object | undefined },
): Promise<unknown> {
  const response = await fetch(url + path, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
