// @ts-check
import { facts, h, setText } from '../parts/element.js';
import { formatDuration, formatInstant, formatMs, formatNumber, formatPercent } from '../parts/format.js';
import { targetHref } from '../route.js';
import { beginOf, outcomeOf } from './run-outcome.js';
import { runChart } from './run-chart.js';
import { setupInWords } from './setup-in-words.js';
import { finalFigures } from './final-figures.js';
import { runActions } from './run-actions.js';
import { verdictSection } from './run-verdict.js';
import { series } from './series.js';
import { setBadge } from '../targets/target-state.js';
import { getRun } from '../targets/targets-api.js';

/** @typedef {import('../targets/targets-api.js').Run} Run */

/**
 * One run, large.
 * @param {string} id
 * @param {string} runId
 * @param {import('../main.js').Surroundings} surroundings
 */
export function runView(id, runId, surroundings) {
  const { signal } = surroundings;
  const heading = h('h1', { tabindex: '-1' }, runId);
  const state = h('span', { class: 'state' });
  const when = h('p', { class: 'place' });
  const note = h('p', { class: 'note' });
  const actions = runActions(id, surroundings);
  const [figures, verdict, final] = [h('div'), h('div'), h('div')];
  const chart = runChart(signal);
  const table = figureTable();
  const up = h('a', { class: 'up', href: targetHref(id) }, `‹ ${id}`);
  const head = h('header', {}, up, h('div', { class: 'heading' }, heading, state, actions.element), when, note);
  const element = h('section', {}, head, figures, verdict, chart.element, table.element, final);
  let drawn = '';
  /** @type {string | undefined} */
  let drawnFinal;
  return {
    element,
    title: `${runId} of ${id}`,
    async refresh() {
      const run = await getRun(id, runId);
      const next = JSON.stringify(run);
      if (next === drawn) return;
      drawn = next;
      const { tone, word, seconds } = outcomeOf(run);
      const of = `Run of ${formatInstant(beginOf(run))}`;
      setText(heading, run.label ?? of);
      setText(note, run.note ?? '');
      setBadge(state, tone, word);
      const end = run.endedAt && `until ${formatInstant(run.endedAt)}`;
      const seen = run.beganAt && `first seen ${formatInstant(run.startedAt)}`;
      setText(
        when,
        [run.label && of, run.project, id, runId, seen, end, ...setupInWords(run)].filter(Boolean).join(' · '),
      );
      actions.update(run);
      figures.replaceChildren(factsOf(run, seconds));
      verdict.replaceChildren(verdictSection(id, run) ?? '');
      // What one has sorted stays so while nothing else has come in.
      const figuresNow = JSON.stringify(run.final);
      if (figuresNow !== drawnFinal) final.replaceChildren(run.final ? finalFigures(run.final) : '');
      drawnFinal = figuresNow;
      chart.update(run, seconds);
      table.update(run);
    },
  };
}

/** @param {Run} run @param {number} seconds */
function factsOf({ total, peakUsers }, seconds) {
  const { numRequests, numFailures, avgResponseTime, medianResponseTime, maxResponseTime, percentiles } = total;
  const ratio = numRequests === undefined || numRequests === 0 ? undefined : (numFailures ?? 0) / numRequests;
  return facts('tiles', [
    ['Lasted', formatDuration(seconds)],
    ['Peak users', formatNumber(peakUsers)],
    ['Requests', formatNumber(numRequests)],
    ['Failures', h('span', { class: ratio ? 'bad' : '' }, formatPercent(ratio))],
    ['Mean', formatMs(avgResponseTime)],
    ['Median', formatMs(medianResponseTime)],
    ['p95, whole run', formatMs(percentiles['95'])],
    ['Slowest', formatMs(maxResponseTime)],
  ]);
}

/** The same figures for those who do not see the picture, or want to copy them. Filled when it is opened. */
function figureTable() {
  const heads = ['Time', 'Users', 'Requests/s', 'Failures/s', 'p50', 'p95'];
  const row = h('tr', {}, ...heads.map((name) => h('th', { scope: 'col' }, name)));
  const body = h('tbody');
  const scroller = h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Figures of the run' });
  scroller.append(h('table', { class: 'figures' }, h('thead', {}, row), body));
  const element = h('details', {}, h('summary', {}, 'Figures as a table'), scroller);
  /** @type {Run | undefined} */
  let run;
  const draw = () => {
    if (!element.open || run === undefined) return;
    body.replaceChildren(...run.timeline.map((each) => figureRow(each)));
  };
  element.addEventListener('toggle', draw);
  return {
    element,
    /** @param {Run} next */
    update(next) {
      run = next;
      draw();
    },
  };
}

/** @param {Run['timeline'][number]} row */
function figureRow([seconds, users, rps, failures, p50, p95]) {
  const [number, , , ms] = series.map(({ format }) => format);
  const texts = [number?.(users), number?.(rps), number?.(failures), ms?.(p50), ms?.(p95)];
  const time = h('th', { scope: 'row' }, formatDuration(seconds));
  return h('tr', {}, time, ...texts.map((text) => h('td', { class: 'num' }, text)));
}
