import type { EndpointRow, Report } from '../../locust/report/report.ts';
import { runStartOf } from '../../runs/run.ts';
import { endpointPoints, nameEndpoints } from './endpoint-points.ts';
import type { PointContent } from './endpoint-points.ts';
import { createEndpointNaming, firstOfEach, otherName } from './endpoints.ts';
import { errorPoints } from './errors.ts';
import { booleanField, floatField, integerField, stringField, type Measurement, type Point } from './point.ts';
import { failRatioField, percentileFields, rowFields } from './row-fields.ts';
import type { Series } from './series.ts';

interface ReportSample {
  readonly report: Report;
  readonly series: Series;
  /** The sampling instant, whole ms since the epoch. */
  readonly instantMs: number;
  /** Endpoints beyond this many are summed into one point named `(other)`. */
  readonly maxEndpoints: number;
  /** Kinds of errors beyond this many are summed into one point named `(other)`. */
  readonly maxErrors: number;
}

/**
 * What one sample says: one `locust_total`, and a `locust_endpoint`, `locust_error`, `locust_worker` per row.
 * Of two rows for the same endpoint or worker the first counts. No two points have the same tags, so none overwrites
 * another (see `createEndpointNaming`).
 */
export function reportPoints({ report, series, instantMs, maxEndpoints, maxErrors }: ReportSample): Point[] {
  const naming = createEndpointNaming();
  const endpoints = nameEndpoints(report.endpoints, naming);
  const points: Point[] = [];
  const add = (measurement: Measurement, contents: readonly PointContent[]) => {
    for (const { tags, fields } of contents) points.push({ measurement, series, tags, fields, instantMs });
  };
  add('locust_total', [
    { tags: [], fields: totalFields(report, endpoints.length) + sinceStartFields(series, instantMs) },
  ]);
  const fieldsOf = (row: EndpointRow): string => rowFields(row) + failRatioField(row);
  add('locust_endpoint', endpointPoints(report, endpoints, { max: maxEndpoints, fieldsOf }));
  add('locust_error', errorPoints(report.errors, naming, maxErrors));
  add('locust_worker', workerPoints(report));
  return points;
}

function totalFields(report: Report, endpointCount: number): string {
  return (
    stringField('state', report.state) +
    integerField('user_count', report.userCount) +
    rowFields(report.total) +
    floatField('fail_ratio', report.failRatio) +
    percentileFields('current_response_time_percentile_', report.currentPercentiles) +
    integerField('worker_count', report.workerCount) +
    integerField('endpoint_count', endpointCount) +
    booleanField('truncated', report.truncated)
  );
}

/**
 * What lays runs over each other, and leads from a figure to its run: InfluxQL knows no way to subtract times. Where a
 * run truly began before it was first seen, that counts.
 */
export function sinceStartFields({ run, beganAtMs }: Series, instantMs: number): string {
  const startedAtMs = beganAtMs ?? runStartOf(run);
  return (
    integerField('started_at', startedAtMs) +
    integerField('seconds_since_start', Math.round((instantMs - startedAtMs) / 1000))
  );
}

function workerPoints({ workers = [], otherWorkers }: Report): PointContent[] {
  const naming = createEndpointNaming();
  const points = firstOfEach(workers, ({ id }) => id).map((row): PointContent => ({
    tags: [['worker', naming('', row.id).name]],
    fields:
      stringField('state', row.state) +
      integerField('user_count', row.userCount) +
      floatField('cpu_usage', row.cpuUsage) +
      integerField('memory_usage', row.memoryUsage),
  }));
  if (otherWorkers === undefined) return points;
  return [...points, { tags: [['worker', otherName]], fields: integerField('user_count', otherWorkers.userCount) }];
}

interface Scrape {
  readonly series: Series;
  readonly instantMs: number;
  /** Whether the attempt brought a report. */
  readonly up: boolean;
  /** ms. */
  readonly durationMs: number;
  /** Bytes of the answer. */
  readonly sizeBytes?: number | undefined;
  /** The state that Locust reported. */
  readonly state?: string | undefined;
  /** Why there is no report; written only when not up. */
  readonly reason?: string | undefined;
}

/** One attempt to read a target during a run, a failed one too. */
export function scrapePoint({ series, instantMs, up, durationMs, sizeBytes, state, reason }: Scrape): Point {
  const fields =
    booleanField('up', up) +
    floatField('duration', durationMs) +
    integerField('size', sizeBytes) +
    stringField('state', state) +
    stringField('reason', up ? undefined : reason);
  return { measurement: 'locust_scrape', series, tags: [], fields, instantMs };
}

interface RunEvent {
  readonly series: Series;
  readonly instantMs: number;
  readonly event: 'start' | 'stop' | 'reset';
  /** One sentence for a person. */
  readonly text: string;
}

/** A run's start or stop, or a reset of its counters: what a dashboard marks. */
export function eventPoint({ series, instantMs, event, text }: RunEvent): Point {
  const fields = stringField('text', text);
  return { measurement: 'locust_event', series, tags: [['event', event]], fields, instantMs };
}
