// @ts-check
import { ask } from './api.js';
import { h, setText } from './element.js';
import { formatAge, formatNumber } from './format.js';
import { seldom } from './seldom.js';

/**
 * @typedef {{ collecting: boolean, targets: { total: number },
 *   lastWindow: { endedAt: string, pointsWaiting: number, pointsLost: number } | null }} Health
 */

/** Says so when nobody collects, and when InfluxDB does not take what is collected. */
export function healthNotice() {
  const element = h('p', { class: 'notice bad', role: 'status' });
  return {
    element,
    refresh: seldom(async () => {
      const { body } = await ask('GET', '/v1/health');
      setText(element, troubleOf(/** @type {Health} */ (body)));
    }),
  };
}

/** @param {Health} health */
function troubleOf({ collecting, lastWindow, targets }) {
  // Before the first target nothing is missed, whether a collector runs or not.
  if (lastWindow === null) return targets.total === 0 ? '' : 'Nothing has been heard of the collector yet.';
  const { endedAt, pointsWaiting, pointsLost } = lastWindow;
  const silent = collecting ? '' : `Not all is collected: the collector was last heard of ${formatAge(endedAt)}. `;
  if (pointsWaiting + pointsLost === 0) return silent;
  const lost = pointsLost === 0 ? 'none is' : `${formatNumber(pointsLost)} are`;
  return `${silent}InfluxDB does not take the points: ${formatNumber(pointsWaiting)} of the last minute wait, ${lost} lost.`;
}
