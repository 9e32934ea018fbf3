// @ts-check
/** @typedef {import('./targets-api.js').RunSummary} RunSummary @typedef {import('./target-state.js').Tone} Tone */

/**
 * How a run stands, and for how long it went or has gone.
 * @param {RunSummary} run
 * @returns {{ word: string, tone: Tone, seconds: number }}
 */
export function outcomeOf({ startedAt, lastGoodAt, lastState, endedAt, outcome }) {
  const seconds = (Date.parse(endedAt ?? lastGoodAt) - Date.parse(startedAt)) / 1000;
  if (endedAt === undefined) return { word: lastState, tone: lastState === 'running' ? 'running' : 'moving', seconds };
  if (outcome === 'lost') return { word: 'lost', tone: 'trouble', seconds };
  return { word: 'finished', tone: 'idle', seconds };
}
