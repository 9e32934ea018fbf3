import { groupBy } from '../../../../lambda/runtime/group-by.ts';
import type { StoredRow } from '../influx/influxd.ts';

/** An instant, ms, and the failures/s of the bar that begins there. */
export type FailureBar = readonly [atMs: number, perSecond: number];

const barMs = 10_000;

/**
 * How often each endpoint of a run failed, by method and name: the difference between the last counts of two bars, spread
 * over the time between them. Bars without failures, and endpoints without bars, are left out.
 */
export function failureRates(rows: readonly StoredRow[], run: string): ReadonlyMap<string, readonly FailureBar[]> {
  const ofRun = rows.filter(({ measurement, tags }) => measurement === 'locust_endpoint' && tags['run'] === run);
  const byEndpoint = groupBy(ofRun, ({ tags }) => `${tags['method'] ?? ''} ${tags['name'] ?? ''}`);
  const bars = [...byEndpoint].map(([endpoint, samples]) => [endpoint, barsOf(samples)] as const);
  return new Map(bars.filter(([, { length }]) => length > 0));
}

function barsOf(samples: readonly StoredRow[]): readonly FailureBar[] {
  const inTime = samples.toSorted((a, b) => a.atMs - b.atMs);
  const lasts = new Map(inTime.map(({ atMs, fields }) => [atMs - (atMs % barMs), Number(fields['num_failures'])]));
  const counted = [...lasts];
  return counted.flatMap(([atMs, count], index) => {
    const [beforeAtMs, countBefore] = counted[index - 1] ?? [0, Infinity];
    return count > countBefore ? [[atMs, ((count - countBefore) * 1000) / (atMs - beforeAtMs)] as const] : [];
  });
}

/** Endpoints of a run, by method and name, whose requests with a response time grew from one bar to a later one. */
export function endpointsThatGrew(rows: readonly StoredRow[], run: string): ReadonlySet<string> {
  const ofRun = rows.filter(({ measurement, tags }) => measurement === 'locust_endpoint' && tags['run'] === run);
  const byEndpoint = groupBy(ofRun, ({ tags }) => `${tags['method'] ?? ''} ${tags['name'] ?? ''}`);
  const grew = [...byEndpoint].filter(([, samples]) => {
    const timed = samples
      .toSorted((a, b) => a.atMs - b.atMs)
      .map(({ atMs, fields }) => {
        const count = Number(fields['response_time_sum']) / Number(fields['avg_response_time']);
        return [atMs - (atMs % barMs), count] as const;
      })
      .filter(([, count]) => Number.isFinite(count));
    const counts = [...new Map(timed).values()];
    return counts.some((count, index) => count - (counts[index - 1] ?? Infinity) > 0.5);
  });
  return new Set(grew.map(([endpoint]) => endpoint));
}
