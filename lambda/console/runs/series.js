// @ts-check
import { formatMs, formatNumber } from '../parts/format.js';

/** @typedef {import('../targets/targets-api.js').TimelineRow} TimelineRow */

/**
 * What a run's picture shows, one panel each. `column` is the place in a timeline's row; `under` is a second, fainter
 * line in the same panel.
 */
export const series = /** @type {const} */ ([
  { key: 'users', label: 'Users', column: 1, format: formatNumber, under: undefined },
  { key: 'rps', label: 'Requests/s', column: 2, format: formatNumber, under: undefined },
  { key: 'failures', label: 'Failures/s', column: 3, format: formatNumber, under: undefined },
  { key: 'p95', label: 'p95', column: 5, format: formatMs, under: { label: 'p50', column: 4 } },
]);

/** The largest value of a column; null when there is none. @param {readonly TimelineRow[]} timeline @param {number} column */
export function peakOf(timeline, column) {
  return timeline.reduce((/** @type {number | null} */ peak, row) => {
    const value = row[column];
    return value === null || value === undefined || (peak !== null && peak >= value) ? peak : value;
  }, null);
}

/** The picture in words. @param {readonly TimelineRow[]} timeline */
export function pictureInWords(timeline) {
  if (timeline.length === 0) return 'No sample yet.';
  const peaks = series.map(({ label, column, format }) => `${label} up to ${format(peakOf(timeline, column))}`);
  return `${peaks.join(', ')}.`;
}
