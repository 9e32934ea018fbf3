import type { EndpointRow, RowFigures } from '../../locust/report/report.ts';
import { figureOf } from '../../runs/criteria/figures.ts';
import { countedMsOf } from '../../runs/counted-ms.ts';
import { endpointRows } from '../../runs/records/run-result.ts';
import type { RunResult } from '../../runs/records/run-result.ts';
import { beganAtMsOf } from '../../runs/run.ts';
import type { Run, RunEnd } from '../../runs/run.ts';
import { endpointPoints, nameEndpoints } from './endpoint-points.ts';
import { createEndpointNaming } from './endpoints.ts';
import { floatField, integerField, stringField } from './point.ts';
import type { Point } from './point.ts';
import { failRatioField, rowFields } from './row-fields.ts';
import type { Series } from './series.ts';

/** A run that is over, as it stands on record. */
interface EndedRun {
  readonly run: Run;
  readonly end: RunEnd;
  /** Undefined where the final figures of its endpoints are not on record. */
  readonly result: RunResult | undefined;
  readonly series: Series;
  /** Endpoints beyond this many are summed into one point named `(other)`. */
  readonly maxEndpoints: number;
}

/**
 * One point for a run and one for each of its endpoints, all at the instant of its start: another end of the same run
 * overwrites them. Made of its record alone, so that who makes them again makes the same.
 */
export function runPoints(ended: EndedRun): readonly Point[] {
  const { run, result, series, maxEndpoints } = ended;
  const instantMs = run.startedAtMs;
  const total: Point = { measurement: 'locust_run', series, tags: [], fields: totalFields(ended), instantMs };
  if (result === undefined) return [total];
  const rows = endpointRows(result).map(recorded);
  const fieldsOf = (row: EndpointRow): string => finalFields(row, result.countedMs);
  const report = { total: recorded(run.total), lacksEndpoints: result.truncated };
  const contents = endpointPoints(report, nameEndpoints(rows, createEndpointNaming()), { max: maxEndpoints, fieldsOf });
  return [
    total,
    ...contents.map((content): Point => ({ measurement: 'locust_run_endpoint', series, ...content, instantMs })),
  ];
}

/** What a run says that goes on after all: no longer how it had ended. Its figures follow with its end. */
export function reopenedRunPoint(run: Run, series: Series): Point {
  const fields = stringField('outcome', underWay) + verdictField(run.ended, '');
  return { measurement: 'locust_run', series, tags: [], fields, instantMs: run.startedAtMs };
}

/** Stands where an outcome does, of a run that was given up and goes on. */
const underWay = 'under way';

function totalFields({ run, end, result }: EndedRun): string {
  const beganAtMs = beganAtMsOf(run);
  return (
    stringField('outcome', end.outcome) +
    verdictField(end, end.verdict?.result ?? '') +
    integerField('started_at', beganAtMs) +
    integerField('ended_at', end.atMs) +
    floatField('duration_seconds', (end.atMs - beganAtMs) / 1000) +
    integerField('peak_users', run.peakUsers) +
    integerField('samples', run.tally?.samples) +
    integerField('samples_failed', run.tally?.failed) +
    finalFields(recorded(run.total), countedMsOf(run, result))
  );
}

/** Nothing where there is no verdict: an empty text would stand for one. */
function verdictField(end: RunEnd | undefined, text: string): string {
  return end?.verdict === undefined ? '' : stringField('verdict', text);
}

/** @param countedMs for how long Locust had been counting */
function finalFields(row: RowFigures, countedMs: number): string {
  return (
    rowFields(row) +
    failRatioField(row) +
    floatField('rps', figureOf(row, 'rps', countedMs)) +
    floatField('failures_per_s', figureOf(row, 'failures_per_s', countedMs))
  );
}

/** What is not on record is left out: the sum of response times, and rates of the last seconds. */
function recorded<Row extends RowFigures>(row: Row): Row {
  return { ...row, responseTimeSum: NaN, currentRps: undefined, currentFailPerSec: undefined };
}
