import { labelOfPercent } from '../../locust/report/rows.ts';
import type { RowFigures } from '../../locust/report/report.ts';

/** What a figure is measured in: ms, percent, times, or times a second. */
export type Unit = 'time' | 'ratio' | 'count' | 'rate';

/** The figures of a run, or of one of its endpoints, that a criterion may be about; percentiles (`p95`) beside them. */
const unitOfName: Readonly<Record<string, Unit>> = {
  median: 'time',
  avg: 'time',
  min: 'time',
  max: 'time',
  fail_ratio: 'ratio',
  num_requests: 'count',
  num_failures: 'count',
  rps: 'rate',
  failures_per_s: 'rate',
};

/** For a person who wrote another. */
export const figureNames = `p95 (or another percentile), ${Object.keys(unitOfName).join(', ')}`;

const percentile = /^p(\d{1,2}(?:\.\d{1,3})?)$/;

/** Undefined for what is no figure. */
export function unitOf(figure: string): Unit | undefined {
  if (percentile.test(figure)) return 'time';
  return Object.hasOwn(unitOfName, figure) ? unitOfName[figure] : undefined;
}

/** The part of all requests that a percentile leaves above it, 0 to 1; undefined for other figures. */
export function partAbove(figure: string): number | undefined {
  if (figure === 'median') return 0.5;
  const [, label] = percentile.exec(figure) ?? [];
  return label === undefined ? undefined : 1 - Number(label) / 100;
}

/**
 * A figure of one row, in ms, percent, times or times a second; undefined where Locust did not say it.
 * @param countedMs for how long Locust had been counting
 */
export function figureOf(row: RowFigures, figure: string, countedMs: number): number | undefined {
  const { numRequests, numFailures } = row;
  const perSecond = (count: number | undefined): number | undefined =>
    count === undefined || countedMs <= 0 ? undefined : (count * 1000) / countedMs;
  switch (figure) {
    case 'median':
      return row.medianResponseTime ?? percentileOf(row, '50');
    case 'avg':
      return row.avgResponseTime;
    case 'min':
      return row.minResponseTime;
    case 'max':
      return row.maxResponseTime;
    case 'num_requests':
      return numRequests;
    case 'num_failures':
      return numFailures;
    case 'fail_ratio':
      return numRequests === undefined || numRequests === 0 || numFailures === undefined
        ? undefined
        : (numFailures * 100) / numRequests;
    case 'rps':
      return perSecond(numRequests);
    case 'failures_per_s':
      return perSecond(numFailures);
    default:
      return percentileOf(row, labelOfPercent(Number(figure.slice(1))));
  }
}

function percentileOf({ percentiles, medianResponseTime }: RowFigures, label: string): number | undefined {
  const found = percentiles.find((each) => each.label === label)?.value;
  return found ?? (label === '50' ? medianResponseTime : undefined);
}

/** As a person reads it: `512 ms`, `1.5 %`, `20.1/s`. */
export function showFigure(value: number, unit: Unit): string {
  const rounded = Math.round(value * 1000) / 1000;
  switch (unit) {
    case 'time':
      return `${rounded} ms`;
    case 'ratio':
      return `${rounded} %`;
    case 'rate':
      return `${rounded}/s`;
    case 'count':
      return String(rounded);
  }
}
