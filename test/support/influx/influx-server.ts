import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { startInfluxListener } from './influx-listener.ts';
import type { InfluxRequest } from './influx-listener.ts';

/** How the server takes one write: with an answer, with none at all, or with bytes that no HTTP library would send. */
type Taking =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | { readonly raw: string }
  | 'hang'
  | 'reset';

/** A real server on 127.0.0.1 that takes writes as a test says. */
export interface InfluxServer {
  /** With the port, without a trailing slash. */
  readonly url: string;
  readonly requests: readonly InfluxRequest[];
  /** The lines of all writes that were answered with a 2xx. */
  readonly lines: readonly string[];
  /** One per TCP connection, in order. */
  readonly connections: readonly Socket[];
  /** How the next writes are taken, in order; beyond them each one is stored and answered with 204. */
  take(...takings: readonly Taking[]): void;
  /** Resolves when a client has closed a connection whose write was not answered. */
  readonly abandoned: Promise<void>;
  close(): Promise<void>;
}

/** Starts one on a free port. */
export async function startInfluxServer(): Promise<InfluxServer> {
  const requests: InfluxRequest[] = [];
  const lines: string[] = [];
  const script: Taking[] = [];
  const listener = await startInfluxListener((request, response) => {
    requests.push(request);
    const taking = script.shift() ?? { status: 204 };
    if (typeof taking === 'object' && 'status' in taking && taking.status < 300) lines.push(...request.lines);
    answer(response, taking);
  });
  const { url, connections, abandoned } = listener;
  return {
    ...{ url, connections, abandoned, requests, lines },
    take: (...takings) => script.push(...takings),
    close: () => listener.stop(),
  };
}

function answer(response: ServerResponse, taking: Taking): void {
  if (taking === 'hang') return;
  if (taking === 'reset') response.socket?.resetAndDestroy();
  else if ('raw' in taking) response.socket?.end(taking.raw, 'latin1');
  else response.writeHead(taking.status, taking.headers).end(taking.body);
}
