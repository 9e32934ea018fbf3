import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createManyEndpoints } from '../many-endpoints.ts';
import { answerCalls } from './answer-calls.ts';

/** Longer than any interval between samples, so that connections are kept as a Locust keeps them. */
const keepAliveTimeout = 120_000;
/** Of a simulated Locust's figures. */
const figuresMoveMs = 10_000;

export interface LocustsCalls {
  /** Starts Locusts on ports of their own, so that each costs a connection of its own. @returns their URLs */
  startMany(input: {
    readonly count: number;
    readonly endpoints: number;
    readonly startedAtMs: number;
  }): Promise<readonly string[]>;
  /** Starts Locusts that always give the same answer. @returns their URLs */
  startFixed(input: { readonly count: number; readonly body: string }): Promise<readonly string[]>;
}

async function start(count: number, bodyAt: (nowMs: number) => Buffer): Promise<readonly string[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer({ keepAliveTimeout }, (request, response) => {
        request.resume();
        if (request.url !== '/stats/requests') response.writeHead(404).end();
        else response.writeHead(200, { 'content-type': 'application/json' }).end(bodyAt(Date.now()));
      });
      return urlOf(server);
    }),
  );
}

async function urlOf(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

answerCalls<LocustsCalls>({
  startMany({ count, endpoints, startedAtMs }) {
    const bodyAt = createManyEndpoints(endpoints);
    let [slot, body] = [-1, Buffer.alloc(0)];
    return start(count, (nowMs) => {
      const current = Math.floor((nowMs - startedAtMs) / figuresMoveMs);
      if (current !== slot) [slot, body] = [current, Buffer.from(bodyAt((current * figuresMoveMs) / 1000))];
      return body;
    });
  },
  startFixed({ count, body }) {
    const bytes = Buffer.from(body);
    return start(count, () => bytes);
  },
});
