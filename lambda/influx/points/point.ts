import { normalText } from './normal-form.ts';
import type { Series } from './series.ts';

/** Every measurement written. */
export type Measurement =
  | 'locust_total'
  | 'locust_endpoint'
  | 'locust_error'
  | 'locust_worker'
  | 'locust_scrape'
  | 'locust_event'
  | 'locust_run'
  | 'locust_run_endpoint';

/** A tag beyond those of the series: any text; an empty value leaves the tag out. */
export type Tag = readonly [key: 'method' | 'name' | 'error' | 'worker' | 'event', value: string];

/** One point of InfluxDB. */
export interface Point {
  readonly measurement: Measurement;
  readonly series: Series;
  readonly tags: readonly Tag[];
  /**
   * The fields as they will stand in the line, `,key=value` each, made by the functions below. Kept as text because a
   * minute of a thousand targets has a million of them. A point without any is not written.
   */
  readonly fields: string;
  /** The sampling instant: whole milliseconds since the epoch. */
  readonly instantMs: number;
}

/** A count; nothing unless it is a non-negative integer that a double holds exactly. */
export function integerField(key: string, value: number | undefined): string {
  return isCount(value) ? `,${key}=${value}i` : '';
}

/** Something measured, a float however whole the number at hand is; nothing unless it is finite. */
export function floatField(key: string, value: number | undefined): string {
  return value !== undefined && Number.isFinite(value) ? `,${key}=${value}` : '';
}

/** A yes or no. */
export function booleanField(key: string, value: boolean): string {
  return `,${key}=${value ? 'true' : 'false'}`;
}

/** A text in its normal form (see `normalText`); nothing when it is undefined. */
export function stringField(key: string, value: string | undefined): string {
  return value === undefined ? '' : `,${key}="${normalText(value).replace(/["\\]/g, '\\$&')}"`;
}

/** Whether a value can be stored as a count. */
export function isCount(value: number | undefined): value is number {
  return value !== undefined && value >= 0 && Number.isSafeInteger(value);
}
