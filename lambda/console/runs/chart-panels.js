// @ts-check
import { areaPath, linePath, niceTicks, stretches, timeTicks } from './chart-scale.js';
import { svg } from '../parts/element.js';
import { formatNumber } from '../parts/format.js';
import { peakOf, series } from './series.js';

/**
 * @typedef {import('../targets/targets-api.js').TimelineRow} TimelineRow
 * @typedef {{ element: SVGSVGElement, secondsAt: (x: number) => number, point: (row: TimelineRow | undefined) => void }} Panels
 * @typedef {{ x: (seconds: number) => number, y: (value: number) => number, top: number, bottom: number }} Scale
 */

const panelHeight = 92;
const panelGap = 30;
const left = 52;
const right = 20;
const axisHeight = 22;
/** About so many px for each label of the time axis. */
const timeLabelWidth = 58;

/**
 * The panels as one drawing, so that one line can cross them all.
 * @param {readonly TimelineRow[]} timeline
 * @param {number} seconds how long the run is
 * @param {number} width px
 * @returns {Panels}
 */
export function drawPanels(timeline, seconds, width) {
  const span = Math.max(1, seconds, timeline.at(-1)?.[0] ?? 0);
  const inner = Math.max(10, width - left - right);
  const x = (/** @type {number} */ at) => left + (at / span) * inner;
  const height = series.length * (panelHeight + panelGap) + axisHeight;
  const element = svg('svg', { width, height, viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true' });
  const scales = series.map((one, index) => drawPanel(element, { one, index, timeline, x, width }));
  drawTimeAxis(element, { span, x, height, count: Math.max(2, Math.floor(inner / timeLabelWidth)) });
  const cursor = svg('g', { class: 'cursor' });
  element.append(cursor);
  return {
    element,
    secondsAt: (at) => ((at - left) / inner) * span,
    point(row) {
      cursor.replaceChildren();
      if (row !== undefined) cursor.append(...cursorMarks(row, scales, height));
    },
  };
}

/**
 * @param {SVGSVGElement} parent
 * @param {{ one: (typeof series)[number], index: number, timeline: readonly TimelineRow[], x: Scale['x'], width: number }} panel
 * @returns {Scale}
 */
function drawPanel(parent, { one, index, timeline, x, width }) {
  const top = index * (panelHeight + panelGap) + panelGap - 6;
  const bottom = top + panelHeight;
  const peak = Math.max(peakOf(timeline, one.column) ?? 0, one.under ? (peakOf(timeline, one.under.column) ?? 0) : 0);
  const ticks = niceTicks(peak, 3);
  const y = (/** @type {number} */ value) => bottom - (value / (ticks.at(-1) ?? 1)) * panelHeight;
  const unit = one.key === 'p95' ? ', ms' : '';
  const label = one.under === undefined ? one.label : `${one.label} and ${one.under.label}`;
  parent.append(svg('text', { x: left, y: top - 9, class: 'panel-title' }, `${label}${unit}`));
  for (const tick of ticks) {
    const at = Math.round(y(tick)) + 0.5;
    parent.append(svg('line', { x1: left, x2: width - right, y1: at, y2: at, class: tick === 0 ? 'base' : 'grid' }));
    parent.append(svg('text', { x: left - 8, y: at + 4, 'text-anchor': 'end' }, formatNumber(tick)));
  }
  const lines = stretches(timeline, one.column, x, y);
  const group = svg('g', { class: `series-${one.key}` }, svg('path', { class: 'area', d: areaPath(lines, bottom) }));
  if (one.under !== undefined) {
    group.append(svg('path', { class: 'line under', d: linePath(stretches(timeline, one.under.column, x, y)) }));
  }
  group.append(svg('path', { class: 'line', d: linePath(lines) }));
  parent.append(group);
  return { x, y, top, bottom };
}

/** @param {SVGSVGElement} parent @param {{ span: number, x: Scale['x'], height: number, count: number }} axis */
function drawTimeAxis(parent, { span, x, height, count }) {
  for (const seconds of timeTicks(span, count)) {
    const at = Math.round(x(seconds)) + 0.5;
    parent.append(svg('line', { x1: at, x2: at, y1: panelGap - 6, y2: height - axisHeight - 4, class: 'grid time' }));
    parent.append(svg('text', { x: at, y: height - 8, 'text-anchor': 'middle' }, timeLabel(seconds, span)));
  }
}

/** `1:30` for minutes and seconds, `1:30 h` for hours and minutes. @param {number} seconds @param {number} span */
function timeLabel(seconds, span) {
  const isLong = span >= 7200;
  const [large, small] = isLong ? [seconds / 3600, (seconds % 3600) / 60] : [seconds / 60, seconds % 60];
  return `${Math.floor(large)}:${String(Math.floor(small)).padStart(2, '0')}${isLong ? ' h' : ''}`;
}

/** @param {TimelineRow} row @param {readonly Scale[]} scales @param {number} height */
function cursorMarks(row, scales, height) {
  const at = scales[0]?.x(row[0]) ?? 0;
  const line = svg('line', { x1: at, x2: at, y1: panelGap - 6, y2: height - axisHeight - 4 });
  const dots = series.flatMap(({ key, column }, index) => {
    const value = row[column];
    const scale = scales[index];
    if (value === null || value === undefined || scale === undefined) return [];
    return [svg('circle', { cx: at, cy: scale.y(value), r: 4, class: `dot series-${key}` })];
  });
  return [line, ...dots];
}
