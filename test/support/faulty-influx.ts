import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

/** How an InfluxDB behaves. */
export type Behaviour =
  | 'works'
  /** Nothing listens. */
  | 'is-down'
  | 'hangs'
  /** It stores the lines, and the connection breaks in the middle of its answer. */
  | 'resets-mid-answer'
  /** Like InfluxDB 2: a bad line among them, and nothing of the request is stored. */
  | 'refuses-whole-requests'
  /** Like InfluxDB 1: the good lines are stored, the bad ones refused. */
  | 'refuses-bad-lines'
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly maxLines?: number };

/** A real server on loopback that keeps points as InfluxDB does: one of the same series and time overwrites another. */
export interface FaultyInflux {
  readonly settings: { readonly url: string; readonly org: string; readonly bucket: string; readonly token: string };
  /** The fields of each point, by the series and the time. */
  readonly points: Map<string, string>;
  /** How many requests came, and how many of their lines overwrote a point with what it held already. */
  readonly counts: { requests: number; repeated: number };
  readonly behaviour: Behaviour;
  behave(behaviour: Behaviour): Promise<void>;
  /** Lines that are bad in its eyes; none by default. */
  isBad: (line: string) => boolean;
  close(): Promise<void>;
}

export async function startFaultyInflux(): Promise<FaultyInflux> {
  const points = new Map<string, string>();
  const counts = { requests: 0, repeated: 0 };
  let behaviour: Behaviour = 'works';
  const store = (lines: readonly string[]): void => {
    for (const line of lines) {
      const { series, fields } = partsOf(line);
      if (points.get(series) === fields) counts.repeated += 1;
      points.set(series, fields);
    }
  };
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    void readLines(request).then((lines) => {
      counts.requests += 1;
      answer({ lines, response, behaviour, isBad: influx.isBad, store });
    });
  });
  const host = addressOfItsOwn();
  const port = await listen(server, { host, port: 0 });
  const influx: FaultyInflux = {
    settings: { url: `http://${host}:${port}`, org: 'test', bucket: 'tests', token: 'influx-token' },
    points,
    counts,
    get behaviour() {
      return behaviour;
    },
    async behave(next) {
      const wasDown = behaviour === 'is-down';
      behaviour = next;
      if (next === 'is-down' && !wasDown) await stop(server);
      if (next !== 'is-down' && wasDown) await listen(server, { host, port });
    },
    isBad: () => false,
    close: () => stop(server),
  };
  return influx;
}

interface Write {
  readonly lines: readonly string[];
  readonly response: ServerResponse;
  readonly behaviour: Behaviour;
  readonly isBad: (line: string) => boolean;
  readonly store: (lines: readonly string[]) => void;
}

function answer({ lines, response, behaviour, isBad, store }: Write): void {
  const refuse = (status: number, message: string): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ code: 'x', message }));
  };
  if (behaviour === 'hangs') return;
  if (behaviour === 'resets-mid-answer') {
    store(lines);
    response.writeHead(200, { 'content-length': '100' });
    response.write('{', () => response.socket?.resetAndDestroy());
    return;
  }
  if (typeof behaviour === 'object') {
    const { status, headers, maxLines = 0 } = behaviour;
    if (lines.length > maxLines) {
      response.writeHead(status, headers).end();
      return;
    }
  }
  const good = lines.filter((line) => !isBad(line));
  const isRefused = good.length < lines.length;
  if (!isRefused || behaviour !== 'refuses-whole-requests') store(good);
  if (!isRefused) response.writeHead(204).end();
  else if (behaviour === 'refuses-whole-requests') refuse(400, 'unable to parse a line');
  else refuse(422, 'partial write: field type conflict');
}

/** Series and time together name a point. No name in these tests holds an escaped space. */
function partsOf(line: string): { series: string; fields: string } {
  const [head, tail] = [line.indexOf(' '), line.lastIndexOf(' ')];
  return { series: `${line.slice(0, head)}${line.slice(tail)}`, fields: line.slice(head + 1, tail) };
}

async function readLines(request: IncomingMessage): Promise<readonly string[]> {
  const body = await buffer(request);
  return (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString().split('\n');
}

let opened = 0;

/** While it is down nobody else can take its port: a port of 127.0.0.1 may be anybody's a moment later. */
function addressOfItsOwn(): string {
  // Elsewhere loopback is one address.
  if (process.platform !== 'linux') return '127.0.0.1';
  opened += 1;
  return `127.${64 + (process.pid & 63)}.${(process.pid >> 6) & 255}.${1 + (opened % 250)}`;
}

async function listen(server: Server, at: { readonly host: string; readonly port: number }): Promise<number> {
  server.listen(at);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
