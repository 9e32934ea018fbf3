// @ts-check
import { announce } from './announce.js';
import { deadLetterNotice } from './dead-letter-notice.js';
import { button, h, setText } from './element.js';
import { emptyView } from './empty-list.js';
import { formatNumber } from './format.js';
import { healthNotice } from './health-notice.js';
import { targetHref } from './route.js';
import { targetFilter } from './target-filter.js';
import { openTargetForm } from './target-form.js';
import { targetTable } from './target-table.js';
import { targetWalk } from './target-walk.js';
import { unfitList } from './unfit-list.js';

/** @typedef {import('./targets-api.js').Target} Target @typedef {import('./main.js').Surroundings} Surroundings */

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
  const [notices, unfit] = [noticesOf(), unfitList(surroundings)];
  const add = () => addTarget(walk.found, surroundings);
  const empty = emptyView(add);
  const parts = [...notices.elements, filter.element, table.element, note, table.more, unfit.element];
  const element = h('section', { class: 'list' }, listHead(add), ...parts);
  return {
    element,
    title: 'Targets',
    async refresh() {
      notices.refresh();
      await walk.look();
      const isEmpty = walk.found.size === 0 && walk.unfit().length === 0 && filter.project() === '';
      filter.element.hidden = table.element.hidden = isEmpty;
      if (isEmpty) element.append(empty);
      else empty.remove();
      draw();
      unfit.update(walk.unfit());
    },
  };
}

/** What goes wrong behind all targets. */
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
  if (hasMore()) return 'The API lists no more than these at once: choose a project to see all of its targets.';
  return fitting === 0 && found.size > 0 ? 'No target is like that.' : '';
}

/** @param {ReadonlyMap<string, Target>} all @param {Surroundings} surroundings */
function addTarget(all, { failed }) {
  openTargetForm({
    saved: ({ target, warnings }) => {
      announce(`${target.id} is registered.`, warnings);
      location.hash = targetHref(target.id);
    },
    failed,
    projects: [...new Set([...all.values()].map(({ project }) => project))],
  });
}
