// @ts-check
import { button, h, setChildren } from '../parts/element.js';
import { formatNumber } from '../parts/format.js';
import { figureNames, targetRow } from './target-row.js';

/** @typedef {import('./targets-api.js').Target} Target */

const columns = ['Target', 'State', ...figureNames, 'Actions'];

/** So many rows at first: a person finds a target by the filter rather than by scrolling. */
const rowsAtOnce = 100;

const byId = new Intl.Collator('en', { numeric: true });

/**
 * Targets, those in trouble first, then those under test, by id, as many as were asked for.
 * @param {import('../main.js').Surroundings} surroundings
 * @param {(target: Target) => void} changed
 */
export function targetTable(surroundings, changed) {
  const rows = h('tbody', { role: 'rowgroup' });
  const heads = columns.map((name) => h('th', { scope: 'col', role: 'columnheader' }, name));
  const head = h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, ...heads));
  /** @type {Map<string, import('./target-row.js').TargetRow>} */
  const rowOf = new Map();
  let most = rowsAtOnce;
  /** @type {readonly Target[]} */
  let sorted = [];
  const draw = () => {
    const elements = sorted.slice(0, most).map((target) => {
      const row = rowOf.get(target.id) ?? targetRow(target.id, surroundings, changed);
      rowOf.set(target.id, row);
      row.update(target);
      return row.element;
    });
    setChildren(rows, elements);
    more.hidden = sorted.length <= most;
    more.textContent = `Show more (${formatNumber(elements.length)} of ${formatNumber(sorted.length)} shown)`;
  };
  const showMore = () => {
    const next = most;
    most += rowsAtOnce;
    draw();
    rows.children[next]?.querySelector('a')?.focus();
  };
  const more = button('', showMore, { hidden: true });
  return {
    element: h('table', { class: 'targets', role: 'table', hidden: true }, head, rows),
    more,
    /** Shows as many as at first. */
    shorten: () => (most = rowsAtOnce),
    /** @param {import('./target-filter.js').Chosen[]} shown @param {ReadonlyMap<string, Target>} all */
    update(shown, all) {
      for (const id of rowOf.keys()) if (!all.has(id)) rowOf.delete(id);
      const rank = (/** @type {import("./target-filter.js").Chosen} */ { state }) =>
        state.tone === 'trouble' ? 2 : Number(state.isLive);
      shown.sort((a, b) => rank(b) - rank(a) || byId.compare(a.target.id, b.target.id));
      sorted = shown.map(({ target }) => target);
      draw();
    },
  };
}
