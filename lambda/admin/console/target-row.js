// @ts-check
import { ageElement, setAge } from './age.js';
import { h, setText } from './element.js';
import { formatMs, formatNumber, formatPercent, nothing } from './format.js';
import { targetHref } from './route.js';
import { setEnabled } from './target-actions.js';
import { setBadge, stateOf } from './target-state.js';

/**
 * @typedef {import('./targets-api.js').Target} Target
 * @typedef {{ element: HTMLTableRowElement, update: (target: Target) => void }} TargetRow
 */

/**
 * A target's figures as words. Locust keeps its last rates when a test is over, so they show under test only.
 * @param {Target} target
 */
export function figuresOf(target) {
  const { status } = target;
  const live = stateOf(target).isLive ? status : undefined;
  return {
    users: formatNumber(live?.userCount),
    rps: formatNumber(live?.currentRps),
    failures: formatPercent(live?.failRatio),
    p95: formatMs(live?.currentP95),
    hasFailures: (live?.failRatio ?? 0) > 0,
  };
}

/**
 * One target in the list.
 * @param {string} id
 * @param {import('./main.js').Surroundings} surroundings
 * @returns {TargetRow}
 */
export function targetRow(id, surroundings) {
  const place = h('span', { class: 'place' });
  const reason = h('p', { class: 'reason' });
  const state = h('td', { role: 'cell', class: 'state' }, reason);
  const [users, rps, failures, p95] = ['Users', 'Requests/s', 'Failures', 'p95'].map(figureCell);
  const age = ageElement(undefined);
  const toggle = h('button', { type: 'button', class: 'quiet' });
  /** @type {Target | undefined} */
  let shown;
  toggle.addEventListener('click', () => shown && void setEnabled(shown, undefined, surroundings, toggle));
  const name = h('td', { role: 'rowheader', class: 'name' }, h('a', { href: targetHref(id) }, id), place);
  const last = h('td', { role: 'cell', class: 'num last', 'data-label': 'Last sample' }, age);
  const actions = h('td', { role: 'cell', class: 'actions' }, toggle);
  const cells = [users, rps, failures, p95].filter((cell) => cell !== undefined);
  const element = h('tr', { role: 'row' }, name, state, ...cells, last, actions);
  return {
    element,
    update(target) {
      shown = target;
      const { word, tone, reason: why } = stateOf(target);
      const figures = figuresOf(target);
      element.className = `is-${tone}`;
      setText(place, `${target.project} · ${target.url}`);
      place.title = target.url;
      setBadge(state, tone, word);
      setText(reason, why);
      reason.title = why;
      [figures.users, figures.rps, figures.failures, figures.p95].forEach((text, index) => {
        const cell = cells[index];
        if (cell !== undefined) setText(cell, text);
      });
      failures?.classList.toggle('bad', figures.hasFailures && figures.failures !== nothing);
      setAge(age, target.status?.checkedAt);
      setText(toggle, target.enabled ? 'Pause' : 'Resume');
      toggle.setAttribute('aria-label', `${target.enabled ? 'Pause' : 'Resume'} ${id}`);
    },
  };
}

/** @param {string} label */
function figureCell(label) {
  return h('td', { role: 'cell', class: 'num', 'data-label': label });
}
