// @ts-check
import { ageElement, setAge } from './age.js';
import { button, h, setText } from './element.js';
import { formatMs, formatNumber, formatPercent, nothing } from './format.js';
import { targetHref } from './route.js';
import { setEnabled } from './target-actions.js';
import { addressOf, setBadge, stateOf } from './target-state.js';

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
 * @param {(target: Target) => void} changed
 * @returns {TargetRow}
 */
export function targetRow(id, surroundings, changed) {
  const place = h('span', { class: 'place' });
  const reason = h('p', { class: 'reason' });
  const state = h('td', { role: 'cell', class: 'state' }, reason);
  const [users, rps, failures, p95] = ['Users', 'Requests/s', 'Failures', 'p95'].map(figureCell);
  const age = ageElement(undefined);
  /** @type {Target | undefined} */
  let shown;
  const flip = async () => {
    const target = shown && (await setEnabled(shown, undefined, surroundings, toggle));
    if (target !== undefined) changed(target);
  };
  const toggle = button('', () => void flip(), { class: 'quiet' });
  const name = h('td', { role: 'rowheader', class: 'name' }, h('a', { href: targetHref(id) }, id), place);
  const last = h('td', { role: 'cell', class: 'num last', 'data-label': 'Last sample' }, age);
  const actions = h('td', { role: 'cell', class: 'actions' }, toggle);
  const cells = [users, rps, failures, p95].filter((cell) => cell !== undefined);
  const element = h('tr', { role: 'row' }, name, state, ...cells, last, actions);
  return {
    element,
    update(target) {
      shown = target;
      const { word, tone, isLive, reason: why } = stateOf(target);
      const figures = figuresOf(target);
      element.className = `is-${tone} ${isLive ? '' : 'at-rest'}`;
      setText(place, `${target.project} · ${addressOf(target)}`);
      place.title = addressOf(target);
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
