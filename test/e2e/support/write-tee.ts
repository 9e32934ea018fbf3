import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import type { Influxd } from './influxd.ts';

/** Takes `/api/v2/write` and hands each request on: as it is to one database, its lines to InfluxDB's own parser. */
export interface WriteTee {
  readonly url: string;
  /** What each of the two said to each request, `204 204` when all is well. */
  readonly answers: readonly string[];
  stop(): Promise<void>;
}

export async function startWriteTee(to: { wire: string; parser: Influxd }): Promise<WriteTee> {
  const answers: string[] = [];
  const server = createServer((request, response) => {
    const pass = async (): Promise<void> => {
      const body = await buffer(request);
      const wire = await fetch(`${to.wire}${request.url ?? ''}`, {
        method: 'POST',
        headers: kept(request.headers),
        body,
      });
      const lines = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
      const parser = await to.parser.write(lines.toString('utf8'));
      answers.push(`${wire.status} ${parser.status}${parser.body === '' ? '' : ` ${parser.body}`}`);
      response.writeHead(wire.status).end();
    };
    pass().catch((error: unknown) => {
      // A request that was broken off has no answer: whoever sent it sends it again.
      if (request.complete) answers.push(String(error));
      response.writeHead(500).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function kept(headers: IncomingHttpHeaders): Record<string, string> {
  const names = ['authorization', 'content-type', 'content-encoding'];
  return Object.fromEntries(
    names.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]])),
  );
}
