import { randomUUID } from 'node:crypto';
import { readdir, readFile, mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseLine } from '../../../../infra/local/store/line-protocol-parser.ts';
import { runner } from '../../../support/rigs/typescript-program.ts';
import type { StoredRow } from '../influx/influxd.ts';
import { freePort, startProcess, waitUntilReady } from '../part-process.ts';

const npmStart = join(import.meta.dirname, 'companion-npm-start.ts');

/** `shut` closes every connection at once, as if nothing listened; `shut for one call` is open after the next one. */
type GateState = 'open' | 'shut' | 'shut for one call';

export interface RunOnRecord {
  readonly run: string;
  readonly startedAt: string;
  readonly outcome?: string;
  readonly endedAt?: string;
  readonly peakUsers: number;
  readonly total: Readonly<Record<string, number>>;
}

/** `npm start` with the embedded store, behind a gate. */
export interface CompanionCollector {
  /** Through the gate. */
  readonly url: string;
  readonly reporterToken: string;
  readonly gate: (is: GateState) => void;
  /** A call past the gate, with the admin token. @throws Error with what was answered when it is refused */
  get(path: string): Promise<unknown>;
  /** The same for what changes something. */
  send(method: 'PUT' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<void>;
  /** `GET /locust2influx.py`, without a token. */
  companion(): Promise<string>;
  target(id: string): Promise<Readonly<Record<string, unknown>>>;
  runs(id: string): Promise<readonly RunOnRecord[]>;
  /** `…/stats.csv` of a run. */
  csv(id: string, run: string): Promise<string>;
  /** What is stored of a target, the last one written for each point, in order of time. */
  rows(id: string): Promise<readonly StoredRow[]>;
  /** What `npm start` has printed. */
  output(): string;
  stop(): Promise<void>;
}

export async function startCompanionCollector(): Promise<CompanionCollector> {
  const folder = await mkdtemp(join(tmpdir(), 'companion-collector-'));
  const [adminToken, reporterToken, port] = [randomUUID(), randomUUID(), await freePort()];
  const collector = startProcess({
    program: process.execPath,
    args: [runner, npmStart, '--data', folder, '--port', String(port)],
    env: {
      PATH: process.env['PATH'] ?? '',
      ...{ IDLE_SECONDS: '2', ADMIN_TOKEN: adminToken, REPORTER_TOKEN: reporterToken },
    },
  });
  const url = `http://127.0.0.1:${port}`;
  const get = (path: string): Promise<unknown> => fetchText(`${url}${path}`, { token: adminToken }).then(JSON.parse);
  await waitUntilReady(collector, async () => (await get('/v1/targets')) !== undefined);
  const gate = await startGate(port);
  return {
    url: gate.url,
    reporterToken,
    gate: gate.set,
    get,
    async send(method, path, body) {
      await fetchText(`${url}${path}`, { token: adminToken, method, body });
    },
    companion: () => fetchText(`${url}/locust2influx.py`),
    target: (id) => get(`/v1/targets/${id}`) as Promise<Readonly<Record<string, unknown>>>,
    runs: async (id) => ((await get(`/v1/targets/${id}/runs`)) as { runs: RunOnRecord[] }).runs,
    csv: (id, run) => fetchText(`${url}/v1/targets/${id}/runs/${run}/stats.csv`, { token: adminToken }),
    rows: (id) => readRows(join(folder, 'influx', 'locust'), id),
    output: () => collector.output(),
    async stop() {
      await gate.stop();
      await collector.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Asking {
  readonly token?: string;
  readonly method?: string;
  readonly body?: object | undefined;
}

/** Long, for a machine that has much to do. */
const answerMs = 60_000;

async function fetchText(url: string, { token, method = 'GET', body }: Asking = {}): Promise<string> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(answerMs),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`);
  return text;
}

interface Gate {
  readonly url: string;
  readonly set: (is: GateState) => void;
  stop(): Promise<void>;
}

async function startGate(port: number): Promise<Gate> {
  let state: GateState = 'open';
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
    if (state === 'open') handOn(socket, port);
    else socket.destroy();
    if (state === 'shut for one call') state = 'open';
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const ownPort = typeof address === 'object' ? address?.port : undefined;
  const shut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${ownPort ?? 0}`,
    set: (is) => {
      state = is;
      if (is !== 'open') shut();
    },
    async stop() {
      server.close();
      shut();
      await once(server, 'close');
    },
  };
}

function handOn(socket: Socket, port: number): void {
  const upstream = connect(port, '127.0.0.1');
  socket.pipe(upstream).pipe(socket);
  upstream.on('error', () => socket.destroy());
  socket.on('close', () => upstream.destroy());
}

/** The embedded store keeps nanoseconds. */
const nanosecondsInMs = 1_000_000n;

async function readRows(folder: string, target: string): Promise<readonly StoredRow[]> {
  const days = await readdir(folder);
  const texts = await Promise.all(days.map((day) => readFile(join(folder, day), 'utf8')));
  const rows = new Map<string, StoredRow>();
  for (const line of texts
    .join('')
    .split('\n')
    .filter((text) => text.includes(`target=${target}`))) {
    const { measurement, tags, fields, timestamp } = parseLine(line);
    const row = {
      measurement,
      atMs: Number((timestamp ?? 0n) / nanosecondsInMs),
      tags: Object.fromEntries(tags),
      fields: Object.fromEntries([...fields].map(([key, { value }]) => [key, plain(value)])),
    };
    rows.set(JSON.stringify([measurement, row.atMs, row.tags]), row);
  }
  return [...rows.values()].filter(({ tags }) => tags['target'] === target).toSorted((a, b) => a.atMs - b.atMs);
}

const plain = <Value>(value: Value | bigint): Value | number => (typeof value === 'bigint' ? Number(value) : value);
