import type { ServerResponse } from 'node:http';
import { ownLoopback } from '../net/own-loopback.ts';
import { startInfluxListener } from './influx-listener.ts';

/** How an InfluxDB behaves. */
export type Behaviour =
  | 'works'
  /** Nothing listens. */
  | 'is-down'
  | 'hangs'
  /** It stores the lines, and the connection breaks in the middle of its answer. */
  | 'resets-mid-answer'
  /** Like InfluxDB 2: a bad line among them, and nothing of the request is stored. */
  | 'refuses-whole-requests'
  /** Like InfluxDB 1: the good lines are stored, the bad ones refused. */
  | 'refuses-bad-lines'
  /** The same, of releases that answer 500: InfluxDB 2.0.0 to 2.1.1. */
  | 'refuses-bad-lines-with-500'
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly maxLines?: number };

/** A real server on loopback that keeps points as InfluxDB does: one of the same series and time overwrites another. */
export interface FaultyInflux {
  readonly settings: { readonly url: string; readonly org: string; readonly bucket: string; readonly token: string };
  /** The fields of each point, by the series and the time. */
  readonly points: Map<string, string>;
  /** How many requests came, and how many of their lines overwrote a point with what it held already. */
  readonly counts: { requests: number; repeated: number };
  readonly behaviour: Behaviour;
  behave(behaviour: Behaviour): Promise<void>;
  /** Lines that are bad in its eyes; none by default. */
  isBad: (line: string) => boolean;
  /** What it says of them, where it stores the good ones. */
  words: (bad: readonly string[]) => string;
  close(): Promise<void>;
}

export async function startFaultyInflux(): Promise<FaultyInflux> {
  const points = new Map<string, string>();
  const counts = { requests: 0, repeated: 0 };
  let behaviour: Behaviour = 'works';
  const store = (lines: readonly string[]): void => {
    for (const line of lines) {
      const { series, fields } = partsOf(line);
      if (points.get(series) === fields) counts.repeated += 1;
      points.set(series, fields);
    }
  };
  const listener = await startInfluxListener(({ lines }, response) => {
    counts.requests += 1;
    answer({ lines, response, behaviour, influx, store });
  }, ownLoopback());
  const influx: FaultyInflux = {
    settings: { url: listener.url, org: 'test', bucket: 'tests', token: 'influx-token' },
    points,
    counts,
    get behaviour() {
      return behaviour;
    },
    async behave(next) {
      behaviour = next;
      if (next === 'is-down') await listener.stop();
      else await listener.listen();
    },
    isBad: () => false,
    words: () => 'partial write: field type conflict',
    close: () => listener.stop(),
  };
  return influx;
}

interface Write {
  readonly lines: readonly string[];
  readonly response: ServerResponse;
  readonly behaviour: Behaviour;
  readonly influx: Pick<FaultyInflux, 'isBad' | 'words'>;
  readonly store: (lines: readonly string[]) => void;
}

function answer({ lines, response, behaviour, influx, store }: Write): void {
  const refuse = (status: number, message: string): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ code: 'x', message }));
  };
  if (behaviour === 'hangs') return;
  if (behaviour === 'resets-mid-answer') {
    store(lines);
    response.writeHead(200, { 'content-length': '100' });
    response.write('{', () => response.socket?.resetAndDestroy());
    return;
  }
  if (typeof behaviour === 'object') {
    const { status, headers, maxLines = 0 } = behaviour;
    if (lines.length > maxLines) {
      response.writeHead(status, headers).end();
      return;
    }
  }
  const bad = lines.filter((line) => influx.isBad(line));
  const isWhole = behaviour === 'refuses-whole-requests';
  if (bad.length === 0 || !isWhole) store(lines.filter((line) => !influx.isBad(line)));
  if (bad.length === 0) response.writeHead(204).end();
  else if (isWhole) refuse(400, 'unable to parse a line');
  else refuse(behaviour === 'refuses-bad-lines-with-500' ? 500 : 422, influx.words(bad));
}

/** Series and time together name a point. No name in these tests holds an escaped space. */
function partsOf(line: string): { series: string; fields: string } {
  const [head, tail] = [line.indexOf(' '), line.lastIndexOf(' ')];
  return { series: `${line.slice(0, head)}${line.slice(tail)}`, fields: line.slice(head + 1, tail) };
}
