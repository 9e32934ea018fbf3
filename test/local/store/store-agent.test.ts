import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openInfluxStore, type InfluxStore } from '../../../infra/local/store/influx-store.ts';
import { StoreAgent } from '../../../infra/local/store/store-agent.ts';
import { createInfluxWriter, type InfluxWriter } from '../../../lambda/influx/delivery/influx-writer.ts';
import { systemClock } from '../../../lambda/runtime/clock.ts';

const access = { bucket: 'locust', org: 'local', token: 's3cret' };
const atMs = Date.UTC(2026, 10, 22, 12);
const lines = (count: number) => ({ text: `m,t=${'x'.repeat(200)} f=1 ${atMs}\n`.repeat(count), count });

let folder = '';
let store: InfluxStore;
/** The store's ends of all connections there were. */
let accepted: Duplex[];
let agent: StoreAgent;
let writer: InfluxWriter;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'store-agent-'));
  store = await openInfluxStore({ ...access, folder, clock: systemClock });
  accepted = [];
  agent = new StoreAgent({
    accept(connection) {
      accepted.push(connection);
      store.accept(connection);
    },
  });
  writer = createInfluxWriter({ ...access, url: 'http://embedded-store', clock: systemClock, agent });
});
afterEach(async () => {
  writer.close();
  await store.stop();
  await rm(folder, { recursive: true });
});

const stored = (): Promise<string> => readFile(join(store.path, '2026-11-22.lp'), 'utf8');

test('what the collector sends is stored, and nothing listens for it', async () => {
  const handles = (): string[] => process.getActiveResourcesInfo().filter((each) => /TCP|Pipe/.test(each));
  const before = handles();

  expect(await writer.write(lines(1), 60_000)).toEqual({ outcome: 'delivered', status: 204 });
  expect(await writer.write(lines(2_000), 60_000)).toEqual({ outcome: 'delivered', status: 204 });

  expect(handles()).toEqual(before);
  expect((await stored()).split('\n')).toHaveLength(2_002);
});

test('bad lines are refused over it as by InfluxDB', async () => {
  expect(await writer.write({ text: 'nonsense\n', count: 1 }, 60_000)).toMatchObject({
    outcome: 'rejected',
    status: 400,
  });
});

test('a sender that breaks off leaves no connection behind', async () => {
  const sending = request('http://embedded-store/api/v2/write?org=local&bucket=locust', {
    agent,
    method: 'POST',
    headers: { authorization: 'Token s3cret', 'content-length': 1000 },
  });
  sending.once('error', () => undefined);
  sending.write(`m f=1 ${atMs}\n`);
  const [connection] = accepted;
  if (connection === undefined) throw new Error('it has not been connected');
  const closed = once(connection, 'close');

  sending.destroy();

  await closed;
});

test('after the stop nothing is stored, and the sender is told so', async () => {
  await store.stop();

  expect(await writer.write(lines(1), 60_000)).toMatchObject({ outcome: 'retryable' });
  store = await openInfluxStore({ ...access, folder, clock: systemClock });
});
