// @ts-check
import { drawPanels } from './chart-panels.js';
import { nearestIndex } from './chart-scale.js';
import { fill, h, setText } from '../parts/element.js';
import { formatClock, formatDuration } from '../parts/format.js';
import { beginOf } from './run-outcome.js';
import { pictureInWords, series } from './series.js';

/** @typedef {import('../targets/targets-api.js').Run} Run @typedef {import('./chart-panels.js').Panels} Panels */

/**
 * A run's picture, large: a panel for each series over one time axis, and a cursor that pointer and arrow keys move,
 * with the values where it stands.
 * @param {AbortSignal} signal ends its watching of the window's size
 */
export function runChart(signal) {
  const readout = h('p', { class: 'readout' });
  const legend = chartLegend();
  const frame = h('div', { class: 'chart', tabindex: '0', role: 'slider', 'aria-label': 'Instant in the run' });
  const element = h('figure', { class: 'card run-chart' }, h('figcaption', {}, readout, legend.element), frame);
  /** @type {{ run: Run, seconds: number } | undefined} */
  let shown;
  /** @type {Panels | undefined} */
  let panels;
  /** The row under the cursor; undefined follows the last one. @type {number | undefined} */
  let at;
  const point = (/** @type {number | undefined} */ index) => {
    at = index;
    if (shown === undefined || panels === undefined) return;
    const { run } = shown;
    const row = run.timeline[at ?? run.timeline.length - 1];
    panels.point(at === undefined ? undefined : row);
    legend.update(row);
    setText(readout, instantInWords(run, row));
    describe(frame, run, at ?? run.timeline.length - 1, `${readout.textContent}: ${legend.inWords(row)}`);
  };
  const draw = () => {
    if (shown === undefined || frame.clientWidth === 0) return;
    panels = drawPanels(shown.run.timeline, shown.seconds, frame.clientWidth);
    frame.replaceChildren(panels.element);
    point(at);
  };
  listen(frame, {
    rows: () => shown?.run.timeline ?? [],
    secondsAt: (x) => panels?.secondsAt(x) ?? 0,
    at: () => at,
    point,
  });
  watchSize(frame, draw, signal);
  return {
    element,
    /** @param {Run} run @param {number} seconds how long it lasted */
    update(run, seconds) {
      shown = { run, seconds };
      draw();
    },
  };
}

/** @param {Element} element @param {() => void} changed @param {AbortSignal} signal */
function watchSize(element, changed, signal) {
  const observer = new ResizeObserver(changed);
  observer.observe(element);
  signal.addEventListener('abort', () => observer.disconnect());
}

/** @param {Run} run @param {Run['timeline'][number] | undefined} row */
function instantInWords(run, row) {
  if (row === undefined) return 'No sample yet.';
  return `${formatClock(Date.parse(beginOf(run)) + row[0] * 1000)} · ${formatDuration(row[0])} into the run`;
}

/** What each line is, with its value. */
function chartLegend() {
  const lines = series.flatMap(({ key, label, column, format, under }) => [
    { key, label, column, format },
    ...(under === undefined ? [] : [{ key: `${key} under`, label: under.label, column: under.column, format }]),
  ]);
  const values = lines.map(() => h('span', { class: 'value' }));
  const entries = lines.map(({ key, label }, index) =>
    h('li', {}, h('span', { class: `swatch series-${key}`, 'aria-hidden': 'true' }), `${label} `, values[index]),
  );
  const textOf = (/** @type {Run['timeline'][number] | undefined} */ row) =>
    lines.map(({ column, format }) => format(row?.[column]));
  return {
    element: h('ul', { class: 'legend' }, ...entries),
    /** @param {Run['timeline'][number] | undefined} row */
    update: (row) => textOf(row).forEach((text, index) => values[index] && setText(values[index], text)),
    /** @param {Run['timeline'][number] | undefined} row */
    inWords: (row) =>
      textOf(row)
        .map((text, index) => `${lines[index]?.label ?? ''} ${text}`)
        .join(', '),
  };
}

/** @param {HTMLElement} frame @param {Run} run @param {number} index @param {string} text */
function describe(frame, run, index, text) {
  fill(frame, {
    'aria-valuemin': 0,
    'aria-valuemax': Math.max(0, run.timeline.length - 1),
    'aria-valuenow': Math.max(0, index),
    'aria-valuetext': text,
    'aria-description': `${pictureInWords(run.timeline)} Arrow keys move through the run.`,
  });
}

/**
 * @param {HTMLElement} frame
 * @param {{ rows: () => Run['timeline'], secondsAt: (x: number) => number, at: () => number | undefined,
 *   point: (index: number | undefined) => void }} chart
 */
function listen(frame, { rows, secondsAt, at, point }) {
  const follow = (/** @type {PointerEvent} */ event) => {
    if (rows().length > 0) point(nearestIndex(rows(), secondsAt(event.clientX - frame.getBoundingClientRect().left)));
  };
  const turn = (/** @type {KeyboardEvent} */ event) => {
    const last = rows().length - 1;
    const now = at() ?? last;
    /** @type {Record<string, number>} */
    const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 };
    const next = { Home: 0, End: last }[event.key] ?? now + (steps[event.key] ?? NaN);
    if (event.key === 'Escape') point(undefined);
    if (Number.isNaN(next) || last < 0) return;
    event.preventDefault();
    point(Math.min(last, Math.max(0, next)));
  };
  fill(frame, {
    onpointermove: follow,
    onpointerdown: follow,
    onpointerleave: (/** @type {PointerEvent} */ { pointerType }) => pointerType === 'mouse' && point(undefined),
    onblur: () => point(undefined),
    onkeydown: turn,
  });
}
