// @ts-check
import { ageElement, setAge } from '../parts/age.js';
import { button, h, setText } from '../parts/element.js';
import { formatMs, formatNumber, formatPercent } from '../parts/format.js';
import { targetHref } from '../route.js';
import { setEnabled } from './target-actions.js';
import { addressOf, setBadge, stateOf } from './target-state.js';

/**
 * @typedef {import('./targets-api.js').Target} Target
 * @typedef {{ element: HTMLTableRowElement, update: (target: Target) => void }} TargetRow
 */

/** A target's figures are current, except for the failures: Locust gives their ratio for the whole run. */
export const figureNames = ['Users', 'Requests/s', 'Failures, whole run', 'p95', 'Last sample'];

/**
 * Shows a target's figures. Locust keeps its last rates when a test is over, and its status is then written every five
 * minutes only, so they show under test only; greyed, where no answer comes any more.
 * @param {readonly Element[]} places one for each name but the last
 * @param {HTMLTimeElement} age
 * @param {Target} target
 */
export function setFigures(places, age, target) {
  const { isLive, lastSampleAt } = stateOf(target);
  const isStale = lastSampleAt !== undefined;
  const live = isLive || isStale ? target.status : undefined;
  const ratio = live?.failRatio;
  const texts = [formatNumber(live?.userCount), formatNumber(live?.currentRps), formatPercent(ratio)];
  [...texts, formatMs(live?.currentP95)].forEach((text, index) => places[index] && setText(places[index], text));
  places.forEach((place) => place.classList.toggle('stale', isStale));
  places[2]?.classList.toggle('bad', (ratio ?? 0) > 0 && !isStale);
  setAge(age, lastSampleAt ?? live?.checkedAt);
}

/**
 * One target in the list.
 * @param {string} id
 * @param {import('../main.js').Surroundings} surroundings
 * @param {(target: Target) => void} changed
 * @returns {TargetRow}
 */
export function targetRow(id, surroundings, changed) {
  const place = h('span', { class: 'place' });
  const reason = h('p', { class: 'reason' });
  const state = h('td', { role: 'cell', class: 'state' }, reason);
  const age = ageElement(undefined);
  const cells = figureNames.map((label) => h('td', { role: 'cell', class: 'num', 'data-label': label }));
  cells.at(-1)?.append(age);
  /** @type {Target | undefined} */
  let shown;
  const flip = async () => {
    const target = shown && (await setEnabled(shown, undefined, surroundings, toggle));
    if (target !== undefined) changed(target);
  };
  const toggle = button('', () => void flip(), { class: 'quiet' });
  const name = h('td', { role: 'rowheader', class: 'name' }, h('a', { href: targetHref(id) }, id), place);
  const actions = h('td', { role: 'cell', class: 'actions' }, toggle);
  const element = h('tr', { role: 'row' }, name, state, ...cells, actions);
  return {
    element,
    update(target) {
      shown = target;
      const { word, tone, isLive, lastSampleAt, reason: why } = stateOf(target);
      element.className = `is-${tone} ${isLive || lastSampleAt !== undefined ? '' : 'at-rest'}`;
      setText(place, `${target.project} · ${addressOf(target)}`);
      place.title = addressOf(target);
      setBadge(state, tone, word);
      setText(reason, why);
      reason.title = why;
      setFigures(cells, age, target);
      setText(toggle, target.enabled ? 'Pause' : 'Resume');
      toggle.setAttribute('aria-label', `${target.enabled ? 'Pause' : 'Resume'} ${id}`);
    },
  };
}
