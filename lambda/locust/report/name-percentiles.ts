import type { Report } from './report.ts';
import { percentileLabel } from './rows.ts';

/** In the page of a Locust that names percentiles by their place: `var percentile1 = 0.95;`. */
const placeInPage = /\bpercentile([12])\W{1,6}([01]?\.?\d{1,8})\b/g;

/** The labels of both places, as Locust's own page (`/`) has them; undefined where it does not. Takes linear time. */
export function percentilesOfPage(page: string): readonly [string, string] | undefined {
  const labels = new Map<string, string>();
  for (const [, place = '', fraction = ''] of page.matchAll(placeInPage)) {
    const label = percentileLabel(fraction);
    if (label !== undefined && !labels.has(place)) labels.set(place, label);
  }
  const [first, second] = [labels.get('1'), labels.get('2')];
  return first === undefined || second === undefined ? undefined : [first, second];
}

/** A report whose assumed percentiles have the names that Locust's page gives them. */
export function namePercentiles(report: Report, labels: readonly [string, string]): Report {
  const currentPercentiles = report.currentPercentiles.map(({ label, value }, index) => ({
    label: labels[index] ?? label,
    value,
  }));
  return {
    ...report,
    currentPercentiles,
    notices: report.notices.filter(({ kind }) => kind !== 'assumed-percentiles'),
  };
}

/** Whether a report's percentiles of the last ten seconds have the names of Locust's default for want of better ones. */
export function hasAssumedPercentiles({ notices }: Report): boolean {
  return notices.some(({ kind }) => kind === 'assumed-percentiles');
}
