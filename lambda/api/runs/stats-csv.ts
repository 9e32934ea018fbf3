import { labelOfPercent } from '../../locust/report/rows.ts';
import type { StoredRun } from '../../runs/records/stored-run.ts';
import type { RunResult } from '../../runs/records/run-result.ts';

/** The percentiles that Locust's own file has. */
const percentiles = [50, 66, 75, 80, 90, 95, 98, 99, 99.9, 99.99, 100];

const header = [
  ...['Type', 'Name', 'Request Count', 'Failure Count', 'Median Response Time', 'Average Response Time'],
  ...['Min Response Time', 'Max Response Time', 'Average Content Size', 'Requests/s', 'Failures/s'],
  ...percentiles.map((percent) => `${percent}%`),
];

type Row = Omit<RunResult['endpoints'][number], 'method' | 'name'>;

/**
 * The final figures of a run in the columns of Locust's own `_stats.csv`, the total last. `N/A` is what Locust did not say:
 * its web UI shows few percentiles.
 */
export function statsCsv(run: StoredRun, { endpoints, countedMs }: RunResult): string {
  const lines = [
    header,
    ...endpoints.map((row) => [row.method, row.name, ...cells(row, countedMs)]),
    ['', 'Aggregated', ...cells(run.total, countedMs)],
  ];
  return lines.map((line) => `${line.map(quoted).join(',')}\r\n`).join('');
}

function cells(row: Row, countedMs: number): string[] {
  const perSecond = (count: number | undefined): number | undefined =>
    count === undefined || countedMs <= 0 ? undefined : (count * 1000) / countedMs;
  const values = [
    ...[row.numRequests, row.numFailures, row.medianResponseTime, row.avgResponseTime],
    ...[row.minResponseTime, row.maxResponseTime, row.avgContentLength],
    ...[perSecond(row.numRequests), perSecond(row.numFailures)],
    ...percentiles.map(
      (percent) => row.percentiles[labelOfPercent(percent)] ?? (percent === 50 ? row.medianResponseTime : undefined),
    ),
  ];
  return values.map((value) => (value === undefined ? 'N/A' : String(value)));
}

/** What a spreadsheet would take for a formula begins with a space: names come from whoever wrote the load test. */
function quoted(cell: string): string {
  const text = /^[=+@\t\r\n-]/.test(cell) && Number.isNaN(Number(cell)) ? ` ${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
