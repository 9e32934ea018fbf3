// @ts-check
import { ageElement } from '../parts/age.js';
import { announce } from '../parts/announce.js';
import { Problem } from '../session/api.js';
import { openCheck } from '../target-form/check-dialog.js';
import { button, facts, h, setText } from '../parts/element.js';
import { formatMinute } from '../parts/format.js';
import { runListView } from '../runs/run-list.js';
import { removeWithQuestion, setEnabled } from './target-actions.js';
import { openTargetForm } from '../target-form/target-form.js';
import { figureNames, setFigures } from './target-row.js';
import { setSettings } from './target-settings.js';
import { addressOf, setBadge, stateOf } from './target-state.js';
import { getTarget } from './targets-api.js';

/** @typedef {import('./targets-api.js').Answer} Answer */

/**
 * One target: how it is now, what can be done with it, and its runs.
 * @param {string} id
 * @param {import('../main.js').Surroundings} surroundings
 */
export function targetView(id, surroundings) {
  /** @type {Answer | undefined} */
  let shown;
  const { refreshSoon, failed } = surroundings;
  const saved = (/** @type {Answer} */ { warnings }) => {
    announce(`Changed ${id}.`, warnings);
    refreshSoon();
  };
  const change = () => shown && openTargetForm({ saved, failed, projects: [shown.target.project], editing: shown });
  const flip = () => shown && void setEnabled(shown.target, shown.etag, surroundings, toggle);
  const toggle = button('Pause', flip);
  const check = button('Check now', () => void openCheck(id));
  const remove = button('Remove', () => removeWithQuestion(id, shown?.etag, surroundings));
  const buttons = [check, button('Change', change), toggle, remove];
  for (const each of buttons) each.disabled = true;
  const head = targetHead(id, buttons);
  const figures = figureTiles();
  const settings = h('details', {}, h('summary', {}, 'Settings'));
  const runs = runListView(id);
  const element = h('section', {}, head.element, figures.element, settings, runs.element);
  return {
    element,
    title: id,
    async refresh() {
      // Where there are no runs either, the list of runs says so.
      const [answer] = await Promise.all([getTarget(id).catch(noneWhereGone), runs.refresh()]);
      shown = answer;
      for (const each of buttons) each.disabled = answer === undefined;
      if (answer === undefined) return head.say('This target was removed. Its runs are kept.');
      check.hidden = answer.target.source === 'report';
      setText(toggle, answer.target.enabled ? 'Pause' : 'Resume');
      head.update(answer.target);
      figures.update(answer.target);
      setSettings(settings, answer.target);
    },
  };
}

/** @param {unknown} error @returns {undefined} */
function noneWhereGone(error) {
  if (!(error instanceof Problem && error.status === 404)) throw error;
}

/** @param {string} id @param {readonly Element[]} buttons */
function targetHead(id, buttons) {
  const state = h('span', { class: 'state' });
  const link = h('a', { target: '_blank', rel: 'noreferrer' });
  const project = h('span', {});
  const since = h('span', {});
  const reason = h('p', { class: 'notice', role: 'status' });
  const element = h(
    'header',
    {},
    h('a', { class: 'up', href: '#/' }, '‹ All targets'),
    h('div', { class: 'heading' }, h('h1', { tabindex: '-1' }, id), state, h('div', { class: 'buttons' }, ...buttons)),
    h('p', { class: 'place' }, project, link, since),
    reason,
  );
  return {
    element,
    say: (/** @type {string} */ text) => setText(reason, text),
    /** @param {import('./targets-api.js').Target} target */
    update(target) {
      const now = stateOf(target);
      setBadge(state, now.tone, now.word);
      const { url = '', status } = target;
      setText(project, `${target.project} · ${url === '' ? addressOf(target) : ''}`);
      setText(link, url);
      if (/^https?:\/\//.test(url) && link.getAttribute('href') !== url) link.href = url;
      const isTold = now.tone !== 'paused' && now.tone !== 'trouble';
      setText(since, isTold && status ? ` · ${now.word} since ${formatMinute(status.since)}` : '');
      setText(reason, now.reason);
      reason.classList.toggle('bad', now.tone === 'trouble');
    },
  };
}

function figureTiles() {
  const age = ageElement(undefined);
  const values = figureNames.map(() => h('span'));
  values.at(-1)?.append(age);
  return {
    element: facts(
      'tiles',
      figureNames.map((name, index) => /** @type {const} */ ([name, values[index]])),
    ),
    /** @param {import('./targets-api.js').Target} target */
    update: (target) => setFigures(values, age, target),
  };
}
