import type { FetchedReport } from '../../locust/fetch/fetch-report.ts';
import { toLines } from '../lines.ts';
import type { Lines } from '../lines.ts';
import { toLine } from './line-protocol.ts';
import type { Point } from './point.ts';
import { reportPoints, scrapePoint } from './points.ts';
import type { Series } from './series.ts';

/** One attempt to read a target that is in a run, and how its points are to be written. */
export interface FetchedSample {
  readonly fetched: FetchedReport;
  readonly series: Series;
  /** The sampling instant, whole ms since the epoch. */
  readonly instantMs: number;
  /** The states in which what Locust says is written; in others only the attempt is. */
  readonly states: readonly string[];
  /** Endpoints beyond this many are summed into one point. */
  readonly maxEndpoints: number;
  /** Kinds of errors beyond this many are summed into one point. */
  readonly maxErrors: number;
}

/** The lines of one sample: the report's where its state is wanted, and the attempt's own last. */
export function sampleLines({ fetched, states, ...sample }: FetchedSample): Lines {
  const { series, instantMs } = sample;
  const scrape = scrapePoint({
    series,
    instantMs,
    up: fetched.ok,
    durationMs: fetched.durationMs,
    sizeBytes: fetched.sizeBytes,
    ...(fetched.ok ? { state: fetched.report.state } : { reason: fetched.failure.kind }),
  });
  if (!fetched.ok || !states.includes(fetched.report.state)) return pointLines([scrape]);
  const { report } = fetched;
  return pointLines([...reportPoints({ report, ...sample }), scrape]);
}

/** The points as lines, those without a field left out. */
export function pointLines(points: readonly Point[]): Lines {
  const lines: string[] = [];
  for (const point of points) {
    const line = toLine(point);
    if (line !== undefined) lines.push(line);
  }
  return toLines(lines);
}
