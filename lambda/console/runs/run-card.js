// @ts-check
import { areaPath, linePath, stretches } from './chart-scale.js';
import { h, setText, svg } from '../parts/element.js';
import { formatDuration, formatInstant, formatMinute } from '../parts/format.js';
import { runHref } from '../route.js';
import { beginOf, outcomeOf } from './run-outcome.js';
import { peakOf, pictureInWords, series } from './series.js';
import { verdictWord } from './run-verdict.js';
import { setBadge } from '../targets/target-state.js';

/**
 * @typedef {import('../targets/targets-api.js').Run} Run
 * @typedef {{ element: HTMLLIElement, update: (run: Run) => void, isComplete: () => boolean }} RunCard
 */

const width = 200;
const height = 30;

/** A run as a small picture that leads to the large one. @param {string} id @param {string} runId @returns {RunCard} */
export function runCard(id, runId) {
  const link = h('a', { href: runHref(id, runId) });
  const state = h('span', { class: 'state' });
  const length = h('span', { class: 'help' });
  const verdict = h('span');
  const picture = h('div', { class: 'picture', role: 'img' });
  const element = h(
    'li',
    { class: 'card run-card' },
    h('div', { class: 'run-card-head' }, link, state),
    h('div', { class: 'run-card-head' }, length, verdict),
    picture,
  );
  let isComplete = false;
  return {
    element,
    isComplete: () => isComplete,
    update(run) {
      const outcome = outcomeOf(run);
      isComplete = run.endedAt !== undefined;
      setText(link, run.label ?? formatMinute(beginOf(run)));
      link.title = formatInstant(beginOf(run));
      setBadge(state, outcome.tone, outcome.word);
      setText(
        length,
        `${run.label === undefined ? '' : `${formatMinute(beginOf(run))} · `}${formatDuration(outcome.seconds)}`,
      );
      verdict.replaceChildren(verdictWord(run) ?? '');
      picture.setAttribute('aria-label', pictureInWords(run.timeline));
      picture.setAttribute('data-samples', String(run.timeline.length));
      picture.replaceChildren(...series.map((one) => sparkline(run.timeline, outcome.seconds, one)));
    },
  };
}

/**
 * @param {Run['timeline']} timeline
 * @param {number} seconds how long the run is
 * @param {(typeof series)[number]} one
 */
function sparkline(timeline, seconds, { key, label, column, format }) {
  const peak = peakOf(timeline, column);
  const x = (/** @type {number} */ at) => (at / Math.max(1, seconds)) * width;
  const y = (/** @type {number} */ value) => height - 2 - (value / (peak || 1)) * (height - 4);
  const lines = stretches(timeline, column, x, y);
  const drawing = svg(
    'svg',
    {
      viewBox: `0 0 ${width} ${height}`,
      preserveAspectRatio: 'none',
      class: `spark series-${key}`,
      'aria-hidden': 'true',
    },
    svg('path', { class: 'area', d: areaPath(lines, height) }),
    svg('path', { class: 'line', d: linePath(lines) }),
  );
  const figure = h('span', { class: 'spark-peak' }, `max ${format(peak)}`);
  return h('div', { class: 'spark-row', 'aria-hidden': 'true' }, h('span', {}, label), drawing, figure);
}
