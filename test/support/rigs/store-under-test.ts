import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StoreServer, startStoreServer } from '../influx/store-server.ts';
import { type Clock, systemClock } from '../../../lambda/runtime/clock.ts';

/** What the store under test lets in. */
export const access = { bucket: 'load tests', org: 'acme', token: 's3cret' };

/** The instant at which the store under test believes to be, ms. */
export const noon = Date.UTC(2026, 10, 22, 12);

export const noonClock: Clock = { ...systemClock, now: () => noon };

export interface Write {
  readonly query?: Record<string, string>;
  readonly headers?: Record<string, string>;
}

export interface StoreUnderTest {
  readonly folder: string;
  readonly store: StoreServer;
  /** Writes as a client with the right token would, in ms, but for what is given. */
  write(body: string | Buffer, how?: Write): Promise<{ status: number; body: unknown }>;
  /** The text of one day's file. */
  stored(day?: string): Promise<string>;
  stop(): Promise<void>;
}

/** An embedded store with a folder of its own, which goes when it is stopped. */
export async function startStoreUnderTest(): Promise<StoreUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'influx-store-'));
  const store = await startStoreServer({ ...access, folder, port: 0, clock: noonClock });
  return {
    folder,
    store,
    async write(body, { query = {}, headers = {} } = {}) {
      const search = new URLSearchParams({ org: access.org, bucket: access.bucket, precision: 'ms', ...query });
      const response = await fetch(`${store.url}/api/v2/write?${search.toString()}`, {
        method: 'POST',
        headers: { authorization: `Token ${access.token}`, ...headers },
        body,
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
    },
    stored: (day = '2026-11-22') => readFile(join(store.path, `${day}.lp`), 'utf8'),
    async stop() {
      await store.stop();
      await rm(folder, { recursive: true });
    },
  };
}
