// @ts-check
/** @typedef {import('../targets/targets-api.js').RunSummary} RunSummary @typedef {import('../targets/target-state.js').Tone} Tone */

/** When a run began: where Locust proves that it was before it was first seen, then. @param {RunSummary} run */
export function beginOf({ beganAt, startedAt }) {
  return beganAt ?? startedAt;
}

/**
 * How a run stands, and for how long it went or has gone.
 * @param {RunSummary} run
 * @returns {{ word: string, tone: Tone, seconds: number }}
 */
export function outcomeOf(run) {
  const { lastGoodAt, lastState, endedAt, outcome } = run;
  const seconds = (Date.parse(endedAt ?? lastGoodAt) - Date.parse(beginOf(run))) / 1000;
  if (endedAt === undefined) return { word: lastState, tone: lastState === 'running' ? 'running' : 'moving', seconds };
  if (outcome === 'lost') return { word: 'lost', tone: 'trouble', seconds };
  return { word: outcome ?? 'finished', tone: 'idle', seconds };
}
