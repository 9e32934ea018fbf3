import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands before a Locust that can be made unreachable. */
export interface InterruptibleProxy {
  readonly url: string;
  /** From now on every request is answered with 503, or handed on again. */
  interrupt(isInterrupted: boolean): void;
  stop(): Promise<void>;
}

export async function startInterruptibleProxy(upstreamUrl: string): Promise<InterruptibleProxy> {
  let interrupted = false;
  const server = createServer((request, response) => {
    const pass = async (): Promise<void> => {
      const answer = await fetch(`${upstreamUrl}${request.url ?? ''}`);
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
    };
    if (interrupted) response.writeHead(503).end();
    else pass().catch((error: unknown) => response.writeHead(502).end(String(error)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    interrupt(isInterrupted) {
      interrupted = isInterrupted;
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
