import type { DatedEntry } from '../../locust/page/history.ts';
import { booleanField, floatField, integerField } from './point.ts';
import type { Point } from './point.ts';
import { sinceStartFields } from './points.ts';
import { percentileFields } from './row-fields.ts';
import type { Series } from './series.ts';

/**
 * Samples are of whole seconds, as Locust's history is. So much later, a point that is filled in never takes the place of a
 * sample that somebody took at the same second.
 */
const apartFromSamplesMs = 1;

/** One `locust_total` for each entry of Locust's own history, marked as filled, with the fields that it has. */
export function filledPoints(entries: readonly DatedEntry[], series: Series): readonly Point[] {
  return entries.map((entry) => {
    const instantMs = entry.atMs + apartFromSamplesMs;
    const fields =
      integerField('user_count', entry.userCount) +
      floatField('current_rps', entry.currentRps) +
      floatField('current_fail_per_sec', entry.currentFailPerSec) +
      floatField('avg_response_time', entry.avgResponseTime) +
      percentileFields('current_response_time_percentile_', entry.currentPercentiles);
    const marks = booleanField('filled', true) + sinceStartFields(series, instantMs);
    return { measurement: 'locust_total', series, tags: [], fields: fields === '' ? '' : fields + marks, instantMs };
  });
}
