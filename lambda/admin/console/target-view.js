// @ts-check
import { ageElement, setAge } from './age.js';
import { announce } from './announce.js';
import { openCheck } from './check-dialog.js';
import { h, setText } from './element.js';
import { runListView } from './run-list.js';
import { removeWithQuestion, setEnabled } from './target-actions.js';
import { openTargetForm } from './target-form.js';
import { figuresOf } from './target-row.js';
import { setSettings } from './target-settings.js';
import { setBadge, stateOf } from './target-state.js';
import { getTarget } from './targets-api.js';

/** @typedef {import('./targets-api.js').Answer} Answer */

/**
 * One target: how it is now, what can be done with it, and its runs.
 * @param {string} id
 * @param {import('./main.js').Surroundings} surroundings
 */
export function targetView(id, surroundings) {
  /** @type {Answer | undefined} */
  let shown;
  const { refreshSoon, failed } = surroundings;
  const saved = (/** @type {Answer} */ { warnings }) => {
    announce(`${id} is changed.${warnings.map(({ message }) => ` ${message}`).join('')}`);
    refreshSoon();
  };
  const change = () => shown && openTargetForm({ saved, failed, projects: [shown.target.project], editing: shown });
  const toggle = h('button', { type: 'button', disabled: true });
  toggle.addEventListener('click', () => shown && void setEnabled(shown.target, shown.etag, surroundings, toggle));
  const buttons = [
    h('button', { type: 'button', disabled: true, onclick: () => void openCheck(id) }, 'Check now'),
    h('button', { type: 'button', disabled: true, onclick: change }, 'Change'),
    toggle,
    h(
      'button',
      { type: 'button', disabled: true, onclick: () => removeWithQuestion(id, shown?.etag, surroundings) },
      'Remove',
    ),
  ];
  const head = targetHead(id, buttons);
  const figures = figureTiles();
  const settings = h('details', { class: 'settings' }, h('summary', {}, 'Settings'));
  const runs = runListView(id);
  const element = h('section', {}, head.element, figures.element, settings, runs.element);
  return {
    element,
    title: id,
    async refresh() {
      const [answer] = await Promise.all([getTarget(id), runs.refresh()]);
      shown = answer;
      for (const button of buttons) button.disabled = false;
      setText(toggle, answer.target.enabled ? 'Pause' : 'Resume');
      head.update(answer.target);
      figures.update(answer.target);
      setSettings(settings, answer.target);
    },
  };
}

/** @param {string} id @param {readonly Element[]} buttons */
function targetHead(id, buttons) {
  const state = h('span', { class: 'state' });
  const link = h('a', { target: '_blank', rel: 'noopener noreferrer' });
  const project = h('span', {});
  const reason = h('p', { class: 'notice', role: 'status' });
  const element = h(
    'header',
    { class: 'target-head' },
    h('a', { class: 'up', href: '#/' }, '‹ All targets'),
    h('div', { class: 'heading' }, h('h1', { tabindex: '-1' }, id), state, h('div', { class: 'buttons' }, ...buttons)),
    h('p', { class: 'place' }, project, link),
    reason,
  );
  return {
    element,
    /** @param {import('./targets-api.js').Target} target */
    update(target) {
      const now = stateOf(target);
      setBadge(state, now.tone, now.word);
      setText(project, `${target.project} · `);
      setText(link, target.url);
      if (/^https?:\/\//.test(target.url) && link.getAttribute('href') !== target.url) link.href = target.url;
      setText(reason, now.reason);
      reason.classList.toggle('bad', now.tone === 'trouble');
    },
  };
}

function figureTiles() {
  const names = ['Users', 'Requests/s', 'Failures', 'p95'];
  const values = names.map(() => h('dd', {}));
  const age = ageElement(undefined);
  const tiles = names.map((name, index) => h('div', {}, h('dt', {}, name), values[index]));
  const element = h('dl', { class: 'tiles' }, ...tiles, h('div', {}, h('dt', {}, 'Last sample'), h('dd', {}, age)));
  return {
    element,
    /** @param {import('./targets-api.js').Target} target */
    update(target) {
      const { users, rps, failures, p95, hasFailures } = figuresOf(target);
      [users, rps, failures, p95].forEach((text, index) => {
        const value = values[index];
        if (value !== undefined) setText(value, text);
      });
      values[2]?.classList.toggle('bad', hasFailures);
      setAge(age, target.status?.checkedAt);
    },
  };
}
