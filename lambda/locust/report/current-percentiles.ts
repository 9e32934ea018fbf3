import { isObject } from './is-object.ts';
import type { JsonObject } from './is-object.ts';
import { figure, percentileKeys } from './rows.ts';
import type { Percentile } from './rows.ts';

const namedKeys = [
  ['current_response_time_percentile_50', '50'],
  ['current_response_time_percentile_95', '95'],
] as const;

/** Named by their place in Locust's PERCENTILES_TO_CHART (2.15.1 to 2.27), whose default is 0.5 and 0.95. */
const placedKeys = [
  ['current_response_time_percentile_1', '50'],
  ['current_response_time_percentile_2', '95'],
] as const;

/** The percentiles of Locust's last ten seconds, and whether their names are Locust's default because it gives none. */
export function currentPercentiles(json: JsonObject): {
  readonly percentiles: readonly Percentile[];
  readonly areAssumed: boolean;
} {
  const configured = json['current_response_time_percentiles'];
  if (isObject(configured)) {
    const named = percentileKeys(configured).map(([key, label]) => ({ label, value: figure(configured[key]) }));
    return { percentiles: named, areAssumed: false };
  }
  const areAssumed = placedKeys.every(([key]) => key in json);
  const percentiles = (areAssumed ? placedKeys : namedKeys)
    .filter(([key]) => key in json)
    .map(([key, label]) => ({ label, value: figure(json[key]) }));
  return { percentiles, areAssumed };
}
