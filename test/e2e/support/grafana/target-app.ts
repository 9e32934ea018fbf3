import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The application under load. */
export interface TargetApp {
  readonly url: string;
  /** What `/slow` takes from now on, ms. */
  slowDownTo(ms: number): void;
  stop(): Promise<void>;
}

/** Every fifth request to /sometimes fails. */
const failEvery = 5;
const usualSlowMs = 120;

/**
 * Starts what locustfile.py asks: `/ok` answers 200 with `ok`, `/slow` the same after 120 ms or as told, `/sometimes` answers 500 to
 * the 5th, 10th, 15th … request.
 */
export async function startTargetApp(): Promise<TargetApp> {
  let sometimes = 0;
  let slowMs = usualSlowMs;
  const server = createServer((request, response) => {
    request.resume();
    if (request.url === '/sometimes') {
      sometimes += 1;
      response.statusCode = sometimes % failEvery === 0 ? 500 : 200;
    }
    if (request.url !== '/slow') response.end('ok');
    else setTimeout(() => response.end('ok'), slowMs);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    slowDownTo(ms) {
      slowMs = ms;
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
}
