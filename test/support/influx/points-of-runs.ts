import { expect } from 'vitest';
import type { CollectorRig } from '../rigs/collector-rig.ts';
import type { Item } from '../rigs/registry.ts';
import type { StoredPoint } from './line-sink.ts';

/** Of points with one series and instant, all fields that were written, the last of each: what InfluxDB stores. */
function merged(points: readonly StoredPoint[]): readonly StoredPoint[] {
  const stored = new Map<string, StoredPoint>();
  for (const point of points) {
    const key = JSON.stringify([point.measurement, Object.entries(point.tags).sort(), point.atMs]);
    stored.set(key, { ...point, fields: { ...stored.get(key)?.fields, ...point.fields } });
  }
  return [...stored.values()];
}

/** Whatever way a run has ended: where its stop is stored, its point is, and says what its record does. */
export async function expectPointsOfRuns({ sink, registry }: Pick<CollectorRig, 'sink' | 'registry'>): Promise<void> {
  const points = merged(await sink.points());
  const stopped = points.filter(({ measurement, tags }) => measurement === 'locust_event' && tags['event'] === 'stop');
  const runs = points.filter(({ measurement }) => measurement === 'locust_run');
  const names = (of: readonly StoredPoint[]): readonly string[] =>
    [...new Set(of.map(({ tags }) => `${tags['target']} ${tags['run']}`))].sort();
  expect(names(runs)).toEqual(names(stopped));
  for (const { tags, fields, atMs } of runs) {
    const record = (await registry.runsOf(tags['target'] ?? '')).find(({ run }) => run === tags['run']);
    expect({ atMs: new Date(atMs).toISOString(), ...fields }).toMatchObject(expected(record));
  }
}

function expected(record: Item | undefined): object {
  const { startedAt, endedAt, outcome = 'under way', verdict, peakUsers, total } = record ?? {};
  if (typeof endedAt !== 'string') return { atMs: startedAt, outcome };
  const { numRequests, numFailures } = total as Record<string, unknown>;
  return {
    atMs: startedAt,
    outcome,
    ended_at: Date.parse(endedAt),
    peak_users: peakUsers,
    ...(verdict !== undefined && { verdict }),
    ...(numRequests !== undefined && { num_requests: numRequests }),
    ...(numFailures !== undefined && { num_failures: numFailures }),
  };
}
