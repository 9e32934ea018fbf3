// @ts-check
import { announce } from '../parts/announce.js';
import { deadLetterNotice } from '../dead-letters/dead-letter-notice.js';
import { button, h, setText } from '../parts/element.js';
import { emptyView } from '../parts/empty-list.js';
import { formatNumber } from '../parts/format.js';
import { healthNotice } from '../session/health-notice.js';
import { targetHref } from '../route.js';
import { targetFilter } from './target-filter.js';
import { openTargetForm } from '../target-form/target-form.js';
import { targetTable } from './target-table.js';
import { targetWalk } from './target-walk.js';
import { invalidItemList } from './invalid-items.js';

/** @typedef {import('./targets-api.js').Target} Target @typedef {import('../main.js').Surroundings} Surroundings */

/** All targets, live. @param {Surroundings} surroundings */
export function targetListView(surroundings) {
  const note = h('p', { class: 'help', role: 'status' }, 'Loading …');
  const draw = () => {
    const fitting = filter.choose(walk.found.values());
    table.update(fitting, walk.found);
    setText(note, noteOn(fitting.length, walk));
  };
  const filter = targetFilter((project) => {
    if (project !== undefined) {
      walk.choose(project);
      surroundings.refreshSoon();
    }
    table.shorten();
    draw();
  });
  const walk = targetWalk(filter.project(), draw);
  const table = targetTable(surroundings, (target) => {
    walk.found.set(target.id, target);
    draw();
  });
  const [notices, invalid] = [noticesOf(), invalidItemList(surroundings)];
  const add = () => addTarget(walk.found, surroundings);
  const empty = emptyView(add);
  const parts = [...notices.elements, filter.element, table.element, note, table.more, invalid.element];
  const element = h('section', { class: 'list' }, listHead(add), ...parts);
  return {
    element,
    title: 'Targets',
    async refresh() {
      notices.refresh();
      await walk.step();
      const isEmpty = walk.found.size === 0 && walk.invalid().length === 0 && filter.project() === '';
      filter.element.hidden = table.element.hidden = isEmpty;
      if (isEmpty) element.append(empty);
      else empty.remove();
      draw();
      invalid.update(walk.invalid());
    },
  };
}

/** What is wrong with collection as a whole. */
function noticesOf() {
  const all = [healthNotice(), deadLetterNotice()];
  return {
    elements: all.map(({ element }) => element),
    refresh: () => all.forEach(({ refresh }) => void refresh()),
  };
}

/** @param {() => void} add */
function listHead(add) {
  const adder = button('Add target', add, { class: 'primary' });
  return h('div', { class: 'heading' }, h('h1', { tabindex: '-1' }, 'Targets'), adder);
}

/** @param {number} fitting @param {ReturnType<typeof targetWalk>} walk */
function noteOn(fitting, { found, isFirst, hasMore }) {
  if (isFirst()) return `Loading … ${found.size > 0 ? `${formatNumber(found.size)} so far` : ''}`;
  if (hasMore()) return 'Too many to list at once. Choose a project to see all of its targets.';
  return fitting === 0 && found.size > 0 ? 'No targets match.' : '';
}

/** @param {ReadonlyMap<string, Target>} all @param {Surroundings} surroundings */
function addTarget(all, { failed }) {
  openTargetForm({
    saved: ({ target, warnings }) => {
      announce(`Added ${target.id}.`, warnings);
      location.hash = targetHref(target.id);
    },
    failed,
    projects: [...new Set([...all.values()].map(({ project }) => project))],
  });
}
