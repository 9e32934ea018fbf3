import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../../lambda/runtime/clock.ts';
import { demoReport } from './demo-plan.ts';

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Simulated Locust</title>
<h1>This is a simulated Locust</h1>
<p>It loads nothing and measures nothing. locust2influx --demo plays the same invented load test on it over and over:
ready, spawning, running with a few failures, stopped. Its figures are at <a href="/stats/requests">/stats/requests</a>,
where a real Locust has them.</p>
</html>
`;

/** So many connections at once, more than the collector and a browser have; others on this machine reach it, too. */
export const maxDemoConnections = 64;
const limits = { headersTimeout: 10_000, requestTimeout: 10_000, connectionsCheckingInterval: 2_000 };

export interface DemoLocust {
  /** `http://127.0.0.1:<port>`, the base URL to register as a target. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * A simulated Locust on loopback and a free port: it answers `GET /stats/requests` as Locust 2.46 would while a load
 * test is played from now on (see `demo-plan`), without any load or any test. `/` says so.
 */
export async function startDemoLocust({ clock }: { readonly clock: Clock }): Promise<DemoLocust> {
  const startedAtMs = clock.now();
  const server = createServer(limits, (request, response) => {
    const [pathname] = (request.url ?? '/').split('?');
    if (request.method !== 'GET') {
      response.writeHead(405, { allow: 'GET' }).end();
    } else if (pathname === '/stats/requests') {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(demoReport(startedAtMs, clock.now())));
    } else if (pathname === '/') {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
    } else {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('The simulated Locust has no such page.\n');
    }
  });
  server.maxConnections = maxDemoConnections;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
