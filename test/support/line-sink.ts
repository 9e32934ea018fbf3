import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startInfluxStore } from '../../infra/local/influx-store.ts';
import { parseLine } from '../../infra/local/line-protocol-parser.ts';
import type { Clock } from '../../lambda/runtime/clock.ts';

/** A stored point, plain enough to compare. */
export interface StoredPoint {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly atMs: number;
}

/** What windows store of themselves, beside what targets say. */
export const ownMeasurement = 'locust2influx_window';

/** Points of targets alone. */
export const ofTargets = (points: readonly StoredPoint[]): StoredPoint[] =>
  points.filter(({ measurement }) => measurement !== ownMeasurement);

/** A real write endpoint whose points a test can read back. */
export interface LineSink {
  readonly settings: { readonly url: string; readonly org: string; readonly bucket: string; readonly token: string };
  /** What is stored, in the order of writing; points that overwrite others are there twice. */
  points(measurement?: string): Promise<StoredPoint[]>;
  close(): Promise<void>;
}

export async function startLineSink(clock: Clock): Promise<LineSink> {
  const folder = await mkdtemp(join(tmpdir(), 'locust2influx-sink-'));
  const access = { org: 'test', bucket: 'tests', token: 'sink-token' };
  const store = await startInfluxStore({ ...access, folder, port: 0, clock });
  return {
    settings: { ...access, url: store.url },
    async points(measurement) {
      const days = (await readdir(store.path)).filter((name) => name.endsWith('.lp')).sort();
      const texts = await Promise.all(days.map((day) => readFile(join(store.path, day), 'utf8')));
      const lines = texts
        .join('')
        .split('\n')
        .filter((line) => line !== '');
      return lines.map(toPoint).filter((point) => measurement === undefined || point.measurement === measurement);
    },
    async close() {
      await store.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function toPoint(line: string): StoredPoint {
  const { measurement, tags, fields, timestamp } = parseLine(line);
  const values = [...fields].map(
    ([key, { value }]) => [key, typeof value === 'bigint' ? Number(value) : value] as const,
  );
  return {
    measurement,
    tags: Object.fromEntries(tags),
    fields: Object.fromEntries(values),
    atMs: Number((timestamp ?? 0n) / 1_000_000n),
  };
}
