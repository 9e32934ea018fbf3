// @ts-check
import { openDialog } from '../parts/dialog.js';
import { button, facts, h, linesElement } from '../parts/element.js';
import { formatCount, formatMs, formatNumber } from '../parts/format.js';
import { messageOf } from '../targets/target-actions.js';
import { badge } from '../targets/target-state.js';
import { checkTarget } from '../targets/targets-api.js';

/** @typedef {import('../targets/targets-api.js').Check} Check */

/** Checks a target now, and shows the result. @param {string} id */
export async function openCheck(id) {
  const result = h('div', { 'aria-live': 'polite' });
  const again = button('Check again', () => void check());
  const close = button('Close', () => dialog.close(), { class: 'primary' });
  const dialog = openDialog(`Check ${id}`, [result, h('div', { class: 'dialog-foot' }, again, close)], 'form');
  const check = async () => {
    again.disabled = true;
    result.replaceChildren(h('p', { class: 'help' }, 'Asking Locust …'));
    try {
      result.replaceChildren(...(await lookAt(id)));
    } catch (error) {
      result.replaceChildren(h('p', { class: 'field-error' }, messageOf(error)));
    } finally {
      again.disabled = false;
    }
  };
  await check();
}

/** @param {string} id */
async function lookAt(id) {
  const check = await checkTarget(id);
  if (!check.reachable) {
    const { kind, message } = check.failure;
    return [
      h('p', {}, badge('trouble', kind.replaceAll('-', ' '))),
      h('p', {}, message),
      h('p', { class: 'help' }, `Took ${formatMs(check.durationMs)}.`),
    ];
  }
  return [h('p', {}, badge('running', 'reachable')), figures(check), ...preview(check)];
}

/** @param {Extract<Check, { reachable: true }>} check */
function figures({ dialect, state, users, endpoints, notices, durationMs, sizeBytes }) {
  const rows = /** @type {[string, string][]} */ ([
    ['Detected', dialect],
    ['State', state],
    ['Users', formatNumber(users)],
    ['Endpoints', formatNumber(endpoints)],
    ['Answered in', `${formatMs(durationMs)}, ${formatNumber(sizeBytes / 1024)} KiB`],
    ...notices.map((notice) => ['Left out', notice]),
  ]);
  return facts('facts', rows);
}

/** @param {Extract<Check, { reachable: true }>} check */
function preview({ state, writes, preview: { lines, total } }) {
  if (total === 0) return [h('p', { class: 'help' }, 'Nothing is stored in this state.')];
  const count = formatCount(total, 'line');
  const shown = lines.length < total ? `The first ${lines.length} of ${count}` : count;
  const note = writes ? '' : ` Nothing is stored while the state is ${state}.`;
  return [h('h3', {}, 'Preview'), h('p', { class: 'help' }, `${shown} of one sample.${note}`), linesElement(lines)];
}
