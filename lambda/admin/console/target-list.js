// @ts-check
import { announce } from './announce.js';
import { h, setChildren, setText } from './element.js';
import { emptyView } from './empty-list.js';
import { targetHref } from './route.js';
import { targetFilter } from './target-filter.js';
import { openTargetForm } from './target-form.js';
import { targetRow } from './target-row.js';
import { listTargets } from './targets-api.js';
import { unfitList } from './unfit-list.js';

/** @typedef {import('./targets-api.js').Target} Target @typedef {import('./main.js').Surroundings} Surroundings */

const columns = ['Target', 'State', 'Users', 'Requests/s', 'Failures', 'p95', 'Last sample', 'Actions'];

/** All targets, live. @param {Surroundings} surroundings */
export function targetListView(surroundings) {
  /** @type {Target[]} */
  let targets = [];
  let hasMore = false;
  const table = targetTable(surroundings);
  const note = h('p', { class: 'help', role: 'status' }, 'Loading …');
  const draw = () => {
    const shown = filter.choose(targets);
    table.update(shown, targets);
    const more = hasMore ? `The first ${targets.length} targets are shown; the API has them all.` : '';
    setText(note, targets.length > 0 && shown.length === 0 ? 'No target is like that.' : more);
  };
  const filter = targetFilter(draw);
  const unfit = unfitList(surroundings);
  const add = () => addTarget(targets, surroundings);
  const button = h('button', { type: 'button', class: 'primary', onclick: add }, 'Add target');
  const heading = h('div', { class: 'heading' }, h('h1', { tabindex: '-1' }, 'Targets'), button);
  const empty = emptyView(add);
  const element = h('section', { class: 'list' }, heading, filter.element, table.element, note, unfit.element);
  return {
    element,
    title: 'Targets',
    async refresh() {
      const listed = await listTargets();
      ({ targets, hasMore } = listed);
      const isEmpty = targets.length === 0 && listed.unfit.length === 0;
      filter.element.hidden = table.element.hidden = isEmpty;
      if (isEmpty) element.append(empty);
      else empty.remove();
      draw();
      unfit.update(listed.unfit);
    },
  };
}

/** @param {Surroundings} surroundings */
function targetTable(surroundings) {
  const rows = h('tbody', { role: 'rowgroup' });
  const heads = columns.map((name) => h('th', { scope: 'col', role: 'columnheader' }, name));
  const head = h('thead', { role: 'rowgroup' }, h('tr', { role: 'row' }, ...heads));
  /** @type {Map<string, import('./target-row.js').TargetRow>} */
  const rowOf = new Map();
  return {
    element: h('table', { class: 'targets', role: 'table', hidden: true }, head, rows),
    /** @param {readonly Target[]} shown @param {readonly Target[]} all */
    update(shown, all) {
      const ids = new Set(all.map(({ id }) => id));
      for (const id of rowOf.keys()) if (!ids.has(id)) rowOf.delete(id);
      const elements = shown.map((target) => {
        const row = rowOf.get(target.id) ?? targetRow(target.id, surroundings);
        rowOf.set(target.id, row);
        row.update(target);
        return row.element;
      });
      setChildren(rows, elements);
    },
  };
}

/** @param {readonly Target[]} targets @param {Surroundings} surroundings */
function addTarget(targets, { failed }) {
  openTargetForm({
    saved: ({ target, warnings }) => {
      announce(`${target.id} is registered.${warnings.map(({ message }) => ` ${message}`).join('')}`);
      location.hash = targetHref(target.id);
    },
    failed,
    projects: [...new Set(targets.map(({ project }) => project))],
  });
}
