// @ts-check
import { nowMs } from '../session/server-time.js';

/** What stands for a value that is not there. */
export const nothing = '–';

/** @param {number | null | undefined} value */
export function formatNumber(value) {
  if (value === null || value === undefined) return nothing;
  const maximumFractionDigits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString(undefined, { maximumFractionDigits });
}

/** `1 line`, `2 lines`. @param {number} count @param {string} what */
export function formatCount(count, what) {
  return `${formatNumber(count)} ${what}${count === 1 ? '' : 's'}`;
}

/** @param {number | null | undefined} ratio 0 to 1 */
export function formatPercent(ratio) {
  if (ratio === null || ratio === undefined) return nothing;
  const maximumFractionDigits = ratio !== 0 && ratio < 0.01 ? 2 : 1;
  return ratio.toLocaleString(undefined, { style: 'percent', maximumFractionDigits });
}

/** @param {number | null | undefined} ms */
export function formatMs(ms) {
  if (ms === null || ms === undefined) return nothing;
  return ms < 10_000 ? `${formatNumber(ms)} ms` : `${formatNumber(ms / 1000)} s`;
}

/** `8 s ago`. @param {string} iso an instant */
export function formatAge(iso) {
  const seconds = Math.round((nowMs() - Date.parse(iso)) / 1000);
  if (seconds < 2) return 'just now';
  return `${largestUnit(seconds)} ago`;
}

/** @param {number} seconds */
function largestUnit(seconds) {
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** `1 h 5 min`, `4 min 10 s`. @param {number} seconds */
export function formatDuration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  if (hours > 0) return minutes === 0 ? `${hours} h` : `${hours} h ${minutes} min`;
  if (minutes > 0) return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`;
  return `${rest} s`;
}

/** Date and time in the viewer's zone. @param {string} iso */
export function formatInstant(iso) {
  return new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
}

/** Time of day in the viewer's zone. @param {number} ms */
export function formatClock(ms) {
  return new Date(ms).toLocaleTimeString(undefined, { timeStyle: 'medium' });
}

/** Day and minute in the viewer's zone; the year only when it is another. @param {string} iso */
export function formatMinute(iso) {
  const date = new Date(iso);
  const isThisYear = date.getFullYear() === new Date().getFullYear();
  /** @type {Intl.DateTimeFormatOptions} */
  const day = { month: 'short', day: 'numeric', ...(!isThisYear && { year: 'numeric' }) };
  return date.toLocaleString(undefined, { ...day, hour: 'numeric', minute: '2-digit' });
}
