import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bodyOf } from './scripted-locust.ts';
import type { Saying } from './scripted-locust.ts';

/** Many Locusts behind one real server, each under a base path of its own. It remembers nothing but counts. */
export interface LocustFarm {
  urlOf(id: string): string;
  close(): Promise<void>;
}

/** @param say what a Locust says when it is asked for the first, the second, … time */
export async function startLocustFarm(say: (id: string, asked: number) => Saying): Promise<LocustFarm> {
  const asked = new Map<string, number>();
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    const [, id = ''] = (request.url ?? '').split('/');
    const count = (asked.get(id) ?? 0) + 1;
    asked.set(id, count);
    response.setHeader('content-type', 'application/json');
    response.end(bodyOf(say(id, count)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    urlOf: (id) => `http://127.0.0.1:${port}/${id}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
