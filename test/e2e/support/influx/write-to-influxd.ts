import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import type { Influxd2 } from './influxd-2.ts';

/** Stands before InfluxDB 2 and hands every request on as it came. */
export interface WriteToInfluxd {
  /** Where a collector writes. */
  readonly settings: Influxd2['settings'];
  /** What influxd said to each request that came through, `204` when all is well. */
  readonly answers: readonly string[];
  /** How many lines influxd took more than once, of which it keeps the last: the same point, written again. */
  writtenAgain(): number;
  /** Kills influxd where it stands. */
  kill(): Promise<void>;
  /** Starts it again with what it has on disk. */
  resume(): Promise<void>;
  /** One line that is to come, and it alone, gets a field of another type than influxd has it: influxd refuses it. */
  spoilOne(measurement: string): void;
  stop(): Promise<void>;
}

export async function startWriteToInfluxd(influxd: Influxd2): Promise<WriteToInfluxd> {
  const answers: string[] = [];
  const points = { taken: 0, known: new Set<string>() };
  const spoiler = createSpoiler();
  let isAway = false;
  const server = createServer((request, response) => {
    const pass = async (): Promise<void> => {
      const body = spoiler.spoilt(await buffer(request), request.headers['content-encoding'] === 'gzip');
      const init = { method: 'POST', headers: kept(request.headers, body), body: body.bytes };
      const answer = await fetch(`${influxd.url}${request.url ?? ''}`, init);
      const text = await answer.text();
      answers.push(`${answer.status}${text === '' ? '' : ` ${text}`}`);
      if (answer.ok) {
        for (const line of linesOf(body)) {
          points.taken += 1;
          points.known.add(pointOf(line));
        }
      }
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
    };
    pass().catch((error: unknown) => {
      // A request that was broken off, by either side, has no answer: it is sent again.
      if (request.complete && !isAway) answers.push(String(error));
      response.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    settings: { ...influxd.settings, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    answers,
    writtenAgain: () => points.taken - points.known.size,
    async kill() {
      isAway = true;
      await influxd.halt('kill');
    },
    async resume() {
      await influxd.resume();
      isAway = false;
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

interface Body {
  readonly bytes: Buffer<ArrayBuffer>;
  readonly isGzip: boolean;
}

const linesOf = ({ bytes, isGzip }: Body): readonly string[] =>
  (isGzip ? gunzipSync(bytes) : bytes)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');

/** What a line has in common with those that are written over it: its series and its instant. */
function pointOf(line: string): string {
  const [series = ''] = /^(?:\\.|[^\\ ])*/.exec(line) ?? [];
  return `${series} ${line.slice(line.lastIndexOf(' ') + 1)}`;
}

function kept(headers: IncomingHttpHeaders, { isGzip }: Body): Record<string, string> {
  const names = ['authorization', 'content-type'];
  const found = names.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]]));
  return { ...(Object.fromEntries(found) as Record<string, string>), ...(isGzip && { 'content-encoding': 'gzip' }) };
}

/** Makes one line bad, each time that it is sent. */
function createSpoiler(): {
  spoilOne(measurement: string): void;
  spoilt(bytes: Buffer<ArrayBuffer>, isGzip: boolean): Body;
} {
  let next: string | undefined;
  let chosen: string | undefined;
  return {
    spoilOne(measurement) {
      next = `${measurement},`;
    },
    spoilt(bytes, isGzip) {
      const lines = (isGzip ? gunzipSync(bytes) : bytes).toString('utf8').split('\n');
      const found = next === undefined ? undefined : lines.find((line) => line.startsWith(next ?? ''));
      if (found !== undefined) [chosen, next] = [found, undefined];
      if (chosen === undefined || !lines.includes(chosen)) return { bytes, isGzip };
      const bad = lines.map((line) => (line === chosen ? line.replace(/=\d+i/, '="five"') : line));
      return { bytes: Buffer.from(bad.join('\n')), isGzip: false };
    },
  };
}
