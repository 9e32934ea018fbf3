// @ts-check
/** @typedef {import('../targets/targets-api.js').TimelineRow} TimelineRow @typedef {readonly [x: number, y: number]} Point */

/** Even steps from 0 that reach `max`, about `count` of them. @param {number} max @param {number} count */
export function niceTicks(max, count) {
  if (!(max > 0)) return [0, 1];
  const rough = max / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 2.5, 5].find((each) => each * power >= rough) ?? 10);
  const ticks = [0];
  // Multiplied, not summed up: sums of 0.1 go astray.
  while ((ticks.at(-1) ?? 0) < max) ticks.push(Number((step * ticks.length).toPrecision(12)));
  return ticks;
}

const timeSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];

/** Round instants within a run, at most `count`, in seconds since its start. @param {number} seconds @param {number} count */
export function timeTicks(seconds, count) {
  const step = timeSteps.find((each) => seconds / each < count) ?? Math.ceil(seconds / count / 86_400) * 86_400;
  return Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => index * step);
}

/**
 * A column's points, in one array for each stretch without a gap.
 * @param {readonly TimelineRow[]} timeline
 * @param {number} column
 * @param {(seconds: number) => number} x
 * @param {(value: number) => number} y
 */
export function stretches(timeline, column, x, y) {
  /** @type {Point[][]} */
  const all = [];
  let isGap = true;
  for (const row of timeline) {
    const value = row[column];
    if (value === null || value === undefined) {
      isGap = true;
      continue;
    }
    const point = /** @type {Point} */ ([round(x(row[0])), round(y(value))]);
    if (isGap) all.push([point]);
    else all.at(-1)?.push(point);
    isGap = false;
  }
  return all;
}

/** A point alone becomes a stroke of no length, which a round cap makes a dot. @param {readonly Point[][]} all */
export function linePath(all) {
  return all.map((points) => `M${(points.length === 1 ? [...points, ...points] : points).join('L')}`).join('');
}

/** The same, closed down to the base line. @param {readonly Point[][]} all @param {number} base */
export function areaPath(all, base) {
  return all.map((points) => `M${points[0]?.[0]},${base}L${points.join('L')}L${points.at(-1)?.[0]},${base}Z`).join('');
}

/** The row nearest to an instant. @param {readonly TimelineRow[]} timeline @param {number} seconds */
export function nearestIndex(timeline, seconds) {
  let nearest = 0;
  timeline.forEach((row, index) => {
    if (Math.abs(row[0] - seconds) < Math.abs((timeline[nearest]?.[0] ?? 0) - seconds)) nearest = index;
  });
  return nearest;
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 10) / 10;
}
