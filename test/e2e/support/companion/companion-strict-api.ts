import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { LocustJson } from '../expected-rows.ts';

/** A call of the companion. */
export interface RecordedCall {
  readonly method: string;
  /** `/v1/targets/{id}` or `/v1/targets/{id}/reports` */
  readonly path: string;
  /** The report's instant, ms; NaN where the call is no report. */
  readonly reportedAtMs: number;
  readonly body: unknown;
  readonly headers: IncomingMessage['headers'];
  readonly askedAtMs: number;
}

export interface StrictAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly problem?: string;
  /** A web page instead of an answer of the API. */
  readonly page?: string;
}

/** Stands in for the API where a test needs answers that the real one gives only when something is wrong. */
export interface StrictApi {
  readonly url: string;
  readonly calls: readonly RecordedCall[];
  /** What is asked next: an answer for each call, or undefined, which is never answered. Default: all is well. */
  answerWith(answer: (call: RecordedCall) => StrictAnswer | undefined): void;
  /** Everything is well again; what hangs goes on hanging. */
  recover(): void;
  stop(): Promise<void>;
}

const allIsWell = ({ method }: RecordedCall): StrictAnswer => ({ status: method === 'POST' ? 202 : 200 });

/** Takes nothing but what the companion's protocol has; answers anything else with 501, which is no answer of it. */
export async function startStrictApi(): Promise<StrictApi> {
  const calls: RecordedCall[] = [];
  let answer: (call: RecordedCall) => StrictAnswer | undefined = allIsWell;
  const server = createServer((request, response) => {
    const take = async (): Promise<void> => {
      const call = await readCall(request);
      calls.push(call);
      const given = isInProtocol(call) ? answer(call) : { status: 501 };
      if (given === undefined) return;
      const type = given.page === undefined ? 'application/problem+json' : 'text/html';
      response.writeHead(given.status, { 'content-type': type, ...given.headers });
      response.end(given.page ?? JSON.stringify(given.problem === undefined ? {} : { detail: given.problem }));
    };
    take().catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    answerWith(next) {
      answer = next;
    },
    recover() {
      answer = allIsWell;
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function readCall(request: IncomingMessage): Promise<RecordedCall> {
  const askedAtMs = Date.now();
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const sent = Buffer.concat(chunks);
  const isGzip = request.headers['content-type'] === 'application/gzip';
  const url = new URL(request.url ?? '', 'http://api');
  return {
    method: request.method ?? '',
    path: url.pathname,
    reportedAtMs: Date.parse(url.searchParams.get('at') ?? ''),
    body: sent.length === 0 ? undefined : (JSON.parse((isGzip ? gunzipSync(sent) : sent).toString()) as unknown),
    headers: request.headers,
    askedAtMs,
  };
}

function isInProtocol({ method, path, reportedAtMs, headers, body }: RecordedCall): boolean {
  const type = headers['content-type'];
  if (method === 'POST') return type === 'application/gzip' && path.endsWith('/reports') && reportedAtMs > 0;
  if (method === 'GET') return /^\/v1\/targets\/[a-z0-9-]{3,64}$/.test(path);
  if (type !== 'application/json' || !/^\/v1\/targets\/[a-z0-9-]{3,64}$/.test(path)) return false;
  return (
    method === 'PUT' || (method === 'PATCH' && /^\{"(expiresAt":"[^"]+Z"|enabled":false)\}$/.test(JSON.stringify(body)))
  );
}

/** The reports among the calls, as they came. */
export function reportsOf(calls: readonly RecordedCall[]): readonly (RecordedCall & { readonly body: LocustJson })[] {
  return calls.filter((call): call is RecordedCall & { body: LocustJson } => call.method === 'POST');
}
