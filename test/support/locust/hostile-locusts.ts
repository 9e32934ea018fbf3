import { gzipSync } from 'node:zlib';
import type { Socket } from 'node:net';
import { bodyOf } from './scripted-locust.ts';
import { flood, startRawServer } from './raw-server.ts';
import type { RawServer } from './raw-server.ts';

/** A target that does harm, and the outcomes that are right for it. */
interface Hostile {
  /** `ok` where what is usable of it is stored. */
  readonly outcomes: readonly string[];
  readonly protocol?: 'https';
  readonly host?: string;
  readonly answer: (socket: Socket) => void;
}

const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
const reportEnd = '"state":"running","user_count":5';
const total = '{"method":"","name":"Aggregated","num_requests":9,"current_rps":1}';

function send(socket: Socket, body: string | Buffer, more = ''): void {
  socket.write(`${head}${more}content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n`);
  socket.end(body);
}
const sending =
  (body: () => string | Buffer, more = '') =>
  (socket: Socket): void => {
    send(socket, body(), more);
  };
/** An answer with these in the place of its rows and errors. */
const report = (rows: string, errors = ''): string => `{"stats":[${rows}${total}],"errors":[${errors}],${reportEnd}}`;

function trickle(socket: Socket): void {
  socket.write(`${head}\r\n`);
  const timer = setInterval(() => socket.write(Buffer.alloc(6_554, ' ')), 100);
  socket.once('close', () => {
    clearInterval(timer);
  });
}

/** All of a large body but its end. */
export function hold(socket: Socket): void {
  const bytes = 7_900_000;
  socket.write(`${head}content-length: ${bytes}\r\n\r\n`);
  socket.write(Buffer.alloc(bytes - 1, ' '));
}

let changes = 0;
function changingNames(): string {
  changes += 1;
  const rows = Array.from({ length: 10_000 }, (_, index) => `{"name":"/${changes}/${index}","num_requests":1},`);
  return report(rows.join(''));
}

const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024));
const row = '{"method":"GET","name":"/","num_requests":1}';

/** Every kind of them, by name. */
export const hostileKinds: Readonly<Record<string, Hostile>> = {
  trickle: { outcomes: ['timeout'], answer: trickle },
  'endless-headers': {
    outcomes: ['too-large'],
    answer: (socket) => {
      socket.write(head);
      flood(socket, `x-a: ${'a'.repeat(1000)}\r\n`);
    },
  },
  'interim-answers': {
    outcomes: ['too-large'],
    answer: (socket) => {
      flood(socket, 'HTTP/1.1 103 \r\n\r\n'.repeat(1_000));
    },
  },
  'headers-never-end': { outcomes: ['timeout'], answer: (socket) => socket.write(`${head}x-a: 1\r\n`) },
  gigabyte: {
    // Large bodies wait while others hold what there is.
    outcomes: ['too-large', 'timeout'],
    answer: (socket) => {
      socket.write(`${head}\r\n`);
      flood(socket, Buffer.alloc(65_536, ' '));
    },
  },
  'gzip-bomb': { outcomes: ['too-large'], answer: sending(() => bomb, 'content-encoding: gzip\r\n') },
  'changing-names': { outcomes: ['ok'], answer: sending(changingNames) },
  'error-text': {
    outcomes: ['ok', 'timeout'],
    answer: sending(() => report('', `{"name":"/","error":"${'Boom 17, '.repeat(550_000)}","occurrences":1}`)),
  },
  'deep-json': {
    outcomes: ['too-large', 'ok'],
    answer: sending(() => `{"stats":[${total}],"x":${'['.repeat(100_000)}${']'.repeat(100_000)},${reportEnd}}`),
  },
  'many-objects': { outcomes: ['too-large', 'timeout'], answer: sending(() => report('{},'.repeat(2_600_000))) },
  'duplicate-rows': { outcomes: ['ok'], answer: sending(() => report(`${row},${row},`)) },
  numbers: {
    outcomes: ['ok'],
    answer: sending(() => report('{"name":"/","num_requests":-5,"avg_response_time":1e400,"current_rps":-1e308},')),
  },
  surrogates: { outcomes: ['ok'], answer: sending(() => report('{"name":"\\ud800x\\udfff","num_requests":1},')) },
  proto: {
    outcomes: ['ok'],
    answer: sending(() => report('{"__proto__":{"polluted":1},"name":"__proto__","constructor":1},')),
  },
  redirect: {
    outcomes: ['redirected'],
    answer: (socket) => socket.end('HTTP/1.1 302 Found\r\nlocation: /stats/requests\r\ncontent-length: 0\r\n\r\n'),
  },
  'tls-hangs': { outcomes: ['timeout'], protocol: 'https', answer: () => undefined },
  rebinding: {
    outcomes: ['ok', 'blocked-address'],
    host: 'rebinding.test',
    answer: sending(() => bodyOf({ state: 'running', requests: 1 })),
  },
  silent: { outcomes: ['timeout'], answer: () => undefined },
  'other-protocol': { outcomes: ['not-locust'], answer: (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n') },
  resets: { outcomes: ['refused'], answer: (socket) => socket.resetAndDestroy() },
  'tiny-pieces': {
    outcomes: ['too-large'],
    answer: (socket) => {
      socket.write(`${head}transfer-encoding: chunked\r\n\r\n`);
      flood(socket, '1\r\n \r\n'.repeat(10_000));
    },
  },
};

/** A hostile target that is there. */
export interface HostileLocust {
  readonly url: string;
  readonly server: RawServer;
}

export async function startHostile({
  answer,
  protocol,
  host = '127.0.0.1',
}: Omit<Hostile, 'outcomes'>): Promise<HostileLocust> {
  const server = await startRawServer(answer);
  return { url: `${protocol ?? 'http'}://${host}:${server.port}`, server };
}
