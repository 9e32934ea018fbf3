import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import type { Influxd } from './influxd.ts';

/** Takes `/api/v2/write`, which influxd 1.6 does not know, and hands the lines to its `/write`. */
export interface WriteToInfluxd {
  readonly url: string;
  /** What influxd said to each request that came through, `204` when all is well. */
  readonly answers: readonly string[];
  /** From now on every request is answered with 503, or handed on again. */
  interrupt(isInterrupted: boolean): void;
  /** One line that is to come, and it alone, gets a field of another type than influxd has it: influxd refuses it. */
  spoilOne(measurement: string): void;
  stop(): Promise<void>;
}

export async function startWriteToInfluxd(influxd: Influxd): Promise<WriteToInfluxd> {
  const answers: string[] = [];
  const spoiler = createSpoiler();
  let isDown = false;
  const server = createServer((request, response) => {
    const pass = async (): Promise<void> => {
      const body = await buffer(request);
      const lines = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
      const answer = await influxd.write(spoiler.spoilt(lines.toString('utf8')));
      answers.push(`${answer.status}${answer.body === '' ? '' : ` ${answer.body}`}`);
      response.writeHead(answer.status).end(answer.body);
    };
    if (isDown) response.writeHead(503).end();
    else
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
    interrupt(isInterrupted) {
      isDown = isInterrupted;
    },
    spoilOne(measurement) {
      spoiler.spoilOne(measurement);
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** Makes one line bad, each time that it is sent. */
function createSpoiler(): { spoilOne(measurement: string): void; spoilt(lines: string): string } {
  let next: string | undefined;
  let chosen: string | undefined;
  return {
    spoilOne(measurement) {
      next = `${measurement},`;
    },
    spoilt(text) {
      const lines = text.split('\n');
      const found = next === undefined ? undefined : lines.find((line) => line.startsWith(next ?? ''));
      if (found !== undefined) [chosen, next] = [found, undefined];
      return lines.map((line) => (line === chosen ? line.replace(/=\d+i/, '="five"') : line)).join('\n');
    },
  };
}
