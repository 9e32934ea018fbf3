// @ts-check
import { ask } from './api.js';
import { h, setText } from '../parts/element.js';
import { formatAge, formatNumber } from '../parts/format.js';
import { onceAMinute } from '../parts/once-a-minute.js';

/**
 * @typedef {{ status: string, collecting: boolean, targets: { total: number },
 *   lastWindow: { endedAt: string, pointsWaiting: number, pointsLost: number } | null }} Health
 */

/** Warns when the collector does not run, and when InfluxDB does not take what it collects. */
export function healthNotice() {
  const element = h('p', { class: 'notice bad', role: 'status' });
  return {
    element,
    refresh: onceAMinute(async () => {
      const { body } = await ask('GET', '/v1/health');
      setText(element, troubleOf(/** @type {Health} */ (body)));
    }),
  };
}

/** @param {Health} health */
function troubleOf({ status, collecting, lastWindow, targets }) {
  // Before the first target nothing is missed, whether a collector runs or not.
  if (lastWindow === null) return targets.total === 0 ? '' : 'The collector has not reported yet.';
  const { endedAt, pointsWaiting, pointsLost } = lastWindow;
  const silent = collecting ? '' : `Not everything is collected: the collector last reported ${formatAge(endedAt)}. `;
  if (status === 'rejecting') {
    return `${silent}InfluxDB rejects the main figures of every sample. The dead letters say why.`;
  }
  if (pointsWaiting + pointsLost === 0) return silent;
  const lost = pointsLost === 0 ? 'none were' : `${formatNumber(pointsLost)} were`;
  return `${silent}InfluxDB is not taking points: ${formatNumber(pointsWaiting)} of the last minute are waiting, ${lost} lost.`;
}
