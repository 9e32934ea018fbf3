import { minute, second } from '../rigs/collector-rig.ts';
import type { StoredPoint } from '../influx/line-sink.ts';

/** An instant so many seconds after the first window's, in ISO 8601. */
export const at = (seconds: number): string => new Date(minute + seconds * second).toISOString();

/** The instants of points, in seconds after the first window's. */
export const secondsOf = (points: readonly StoredPoint[]): number[] =>
  points.map(({ atMs }) => (atMs - minute) / second);

/** Events as a store keeps them, where the same one written twice is one: what, of which run, and when. */
export function storedEvents(points: readonly StoredPoint[]): readonly (readonly [string, string, number])[] {
  const events = points.filter(({ measurement }) => measurement === 'locust_event');
  const distinct = new Map(events.map((point) => [JSON.stringify([point.tags, point.atMs]), point]));
  return [...distinct.values()].map(
    ({ tags, atMs }) => [tags['event'] ?? '', tags['run'] ?? '', (atMs - minute) / second] as const,
  );
}
