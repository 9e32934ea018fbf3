import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseLine } from '../../../infra/local/store/line-protocol-parser.ts';
import type { Clock } from '../../../lambda/runtime/clock.ts';
import { startEmbeddedStore } from './embedded-store.ts';
import type { EmbeddedStore } from './embedded-store.ts';

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
  readonly settings: EmbeddedStore['settings'];
  /** What is stored, in the order of writing; points that overwrite others are there twice. */
  points(measurement?: string): Promise<StoredPoint[]>;
  close(): Promise<void>;
}

export async function startLineSink(clock: Clock): Promise<LineSink> {
  const folder = await mkdtemp(join(tmpdir(), 'locust2influx-sink-'));
  const store = await startEmbeddedStore({ folder, port: 0 }, clock);
  return {
    settings: store.settings,
    async points(measurement) {
      const points = (await store.lines()).map(toPoint);
      return points.filter((point) => measurement === undefined || point.measurement === measurement);
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
