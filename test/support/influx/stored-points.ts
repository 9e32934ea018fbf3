import { parseLine, type ParsedLine } from '../../../infra/local/store/line-protocol-parser.ts';
import { toLine } from '../../../lambda/influx/points/line-protocol.ts';
import type { Point } from '../../../lambda/influx/points/point.ts';

/** A point as the strict parser reads its line, with plain values. */
export interface StoredPoint {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Integers as bigint, floats as number. */
  readonly fields: Readonly<Record<string, bigint | number | boolean | string>>;
  readonly instantMs: number;
}

/** What a store reads of these points: each one's line parsed again, those without a field left out. */
export function storedPoints(points: readonly Point[]): readonly StoredPoint[] {
  return points
    .map(toLine)
    .filter((line) => line !== undefined)
    .map((line) => storedPoint(parseLine(line)));
}

function storedPoint({ measurement, tags, fields, timestamp }: ParsedLine): StoredPoint {
  return {
    measurement,
    tags: Object.fromEntries(tags),
    fields: Object.fromEntries([...fields].map(([key, { value }]) => [key, value])),
    instantMs: Number(timestamp),
  };
}
