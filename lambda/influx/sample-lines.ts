import type { FetchedReport } from '../locust/fetch-report.ts';
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
}

/** The lines of one sample, without line breaks: the report's where its state is wanted, and the attempt's own last. */
export function sampleLines({ fetched, series, instantMs, states, maxEndpoints }: FetchedSample): readonly string[] {
  const scrape = scrapePoint({
    series,
    instantMs,
    up: fetched.ok,
    durationMs: fetched.durationMs,
    sizeBytes: fetched.sizeBytes,
    ...(fetched.ok ? { state: fetched.report.state } : { reason: fetched.failure.kind }),
  });
  if (!fetched.ok || !states.includes(fetched.report.state)) return linesOf([scrape]);
  const { report } = fetched;
  return linesOf([...reportPoints({ report, series, instantMs, maxEndpoints }), scrape]);
}

/** The points as lines, those without a field left out. */
export function linesOf(points: readonly Point[]): readonly string[] {
  return points.map(toLine).filter((line) => line !== undefined);
}
