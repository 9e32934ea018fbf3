// @ts-check
import { openDialog } from './dialog.js';
import { button, facts, h, linesElement } from './element.js';
import { formatCount, formatMs, formatNumber } from './format.js';
import { messageOf } from './target-actions.js';
import { badge } from './target-state.js';
import { checkTarget } from './targets-api.js';

/** @typedef {import('./targets-api.js').Check} Check */

/** Looks at a target now, and shows what came of it. @param {string} id */
export async function openCheck(id) {
  const result = h('div', { 'aria-live': 'polite' });
  const again = button('Check again', () => void look());
  const close = button('Close', () => dialog.close(), { class: 'primary' });
  const dialog = openDialog(`Check ${id}`, [result, h('div', { class: 'dialog-foot' }, again, close)], 'form');
  const look = async () => {
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
  await look();
}

/** @param {string} id */
async function lookAt(id) {
  const check = await checkTarget(id);
  if (!check.reachable) {
    const { kind, message } = check.failure;
    return [
      h('p', {}, badge('trouble', kind)),
      h('p', {}, message),
      h('p', { class: 'help' }, `After ${formatMs(check.durationMs)}.`),
    ];
  }
  return [h('p', {}, badge('running', 'reachable')), figures(check), ...preview(check)];
}

/** @param {Extract<Check, { reachable: true }>} check */
function figures({ dialect, state, users, endpoints, badRows, durationMs, sizeBytes }) {
  const rows = /** @type {[string, string][]} */ ([
    ['Speaks like', dialect],
    ['State', state],
    ['Users', formatNumber(users)],
    ['Endpoints', formatNumber(endpoints)],
    ['Answered in', `${formatMs(durationMs)}, ${formatNumber(sizeBytes / 1024)} KiB`],
    ...(badRows > 0 ? [['Rows left out', `${formatNumber(badRows)} that are no rows`]] : []),
  ]);
  return facts('facts', rows);
}

/** @param {Extract<Check, { reachable: true }>} check */
function preview({ state, writes, preview: { lines, total } }) {
  if (total === 0) return [h('p', { class: 'help' }, 'There is nothing to write in this state.')];
  const count = formatCount(total, 'line');
  const shown = lines.length < total ? `The first ${lines.length} of ${count}` : count;
  const note = writes ? '' : ` In the state ${state} nothing is written.`;
  return [h('h3', {}, 'Preview'), h('p', { class: 'help' }, `${shown} of one sample.${note}`), linesElement(lines)];
}
