import type { EndpointRow, Report, WorkerRow } from '../locust/report.ts';
import { runStartOf } from '../runs/run.ts';
import { createEndpointNaming, firstOfEach, largest, otherName, type EndpointNaming } from './endpoints.ts';
import { errorPoints } from './errors.ts';
import { booleanField, floatField, integerField, stringField, type Measurement, type Point } from './point.ts';
import { percentileFields, rowFields, summedRowFields } from './row-fields.ts';
import type { Series } from './series.ts';

interface ReportSample {
  readonly report: Report;
  readonly series: Series;
  /** The sampling instant, whole ms since the epoch. */
  readonly instantMs: number;
  /** Endpoints beyond this many are summed into one point named `(other)`. */
  readonly maxEndpoints: number;
}

type PointContent = Pick<Point, 'tags' | 'fields'>;

/**
 * What one sample says: one `locust_total`, and a `locust_endpoint`, `locust_error`, `locust_worker` per row.
 * Of two rows for the same endpoint or worker the first counts. No two points have the same tags, so none overwrites
 * another (see `createEndpointNaming`).
 */
export function reportPoints({ report, series, instantMs, maxEndpoints }: ReportSample): Point[] {
  const naming = createEndpointNaming();
  // Named before they are cut down: the order by size changes from sample to sample, a name must not.
  const named = report.endpoints.map((row) => ({ row, stored: naming(row.method, row.name) }));
  const endpoints = firstOfEach(named, ({ stored }) => stored);
  const points: Point[] = [];
  const add = (measurement: Measurement, contents: readonly PointContent[]) => {
    for (const { tags, fields } of contents) points.push({ measurement, series, tags, fields, instantMs });
  };
  add('locust_total', [
    { tags: [], fields: totalFields(report, endpoints.length) + sinceStartFields(series.run, instantMs) },
  ]);
  add('locust_endpoint', endpointPoints(endpoints, maxEndpoints));
  add('locust_error', errorPoints(report.errors, naming));
  add('locust_worker', workerPoints(report.workers ?? []));
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

/** What lays runs over each other, and leads from a figure to its run: InfluxQL knows no way to subtract times. */
function sinceStartFields(run: string, instantMs: number): string {
  const startedAtMs = runStartOf(run);
  return (
    integerField('started_at', startedAtMs) +
    integerField('seconds_since_start', Math.round((instantMs - startedAtMs) / 1000))
  );
}

interface NamedEndpoint {
  readonly row: EndpointRow;
  readonly stored: ReturnType<EndpointNaming>;
}

function endpointPoints(endpoints: readonly NamedEndpoint[], max: number): PointContent[] {
  const { kept, rest } = largest(endpoints, max, ({ row }) => row.numRequests ?? 0);
  const points = kept.map(({ row, stored }): PointContent => ({
    tags: [
      ['method', stored.method],
      ['name', stored.name],
    ],
    fields: rowFields(row) + floatField('fail_ratio', failRatio(row)),
  }));
  if (rest.length === 0) return points;
  return [...points, { tags: [['name', otherName]], fields: summedRowFields(rest.map(({ row }) => row)) }];
}

function failRatio({ numRequests = 0, numFailures }: EndpointRow): number | undefined {
  return numRequests > 0 && numFailures !== undefined ? numFailures / numRequests : undefined;
}

function workerPoints(rows: readonly WorkerRow[]): PointContent[] {
  const naming = createEndpointNaming();
  return firstOfEach(rows, ({ id }) => id).map((row) => ({
    tags: [['worker', naming('', row.id).name]],
    fields:
      stringField('state', row.state) +
      integerField('user_count', row.userCount) +
      floatField('cpu_usage', row.cpuUsage) +
      integerField('memory_usage', row.memoryUsage),
  }));
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
