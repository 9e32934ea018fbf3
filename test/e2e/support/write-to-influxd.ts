import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import type { Influxd } from './influxd.ts';

/** Takes `/api/v2/write`, which influxd 1.6 does not know, and hands the lines to its `/write`. */
export interface WriteToInfluxd {
  readonly url: string;
  /** What influxd said to each request, `204` when all is well. */
  readonly answers: readonly string[];
  stop(): Promise<void>;
}

export async function startWriteToInfluxd(influxd: Influxd): Promise<WriteToInfluxd> {
  const answers: string[] = [];
  const server = createServer((request, response) => {
    const pass = async (): Promise<void> => {
      const body = await buffer(request);
      const lines = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
      const answer = await influxd.write(lines.toString('utf8'));
      answers.push(`${answer.status}${answer.body === '' ? '' : ` ${answer.body}`}`);
      response.writeHead(answer.status).end(answer.body);
    };
    pass().catch((error: unknown) => {
      answers.push(String(error));
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
