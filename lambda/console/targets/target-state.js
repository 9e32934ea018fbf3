// @ts-check
import { lostAfterMs } from '../../runs/lost-after.ts';
import { hasExpired } from '../../targets/collection-rule.ts';
import { statusRefreshMs } from '../../targets/status-refresh.ts';
import { h, svg } from '../parts/element.js';
import { formatAge, formatClock } from '../parts/format.js';
import { nowMs } from '../session/server-time.js';

/** @typedef {import('./targets-api.js').Target} Target */
/** @typedef {'running' | 'moving' | 'idle' | 'paused' | 'trouble'} Tone */

/** A status that is two minutes overdue: nobody collects. */
const silentAfterMs = statusRefreshMs + 2 * 60_000;
/** One report may be late, and each is on its way for a while: after so many the Locust may be gone. */
const missedReports = 2;
const reportWayMs = 10_000;
const moving = new Set(['spawning', 'hatching', 'stopping', 'cleanup']);

/** Each tone has a shape of its own, so that colour is never the only sign. */
const shapes = /** @type {const} */ ({
  running: 'M5 3.2v9.6L13 8z',
  moving: 'M8 2.5a5.5 5.5 0 1 0 0 11zM8 2.5a5.5 5.5 0 0 1 0 11v-1.5a4 4 0 0 0 0-8z',
  idle: 'M8 2.5a5.5 5.5 0 1 0 .1 0zm0 1.6a3.9 3.9 0 1 1-.1 0z',
  paused: 'M4.5 3.5h2.4v9H4.5zM9.1 3.5h2.4v9H9.1z',
  trouble: 'M8 1.8L15 14H1zM7.2 6v4h1.6V6zM7.2 11.1v1.6h1.6v-1.6z',
});

/**
 * What a person wants to know first about a target.
 * @param {Target} target
 * @returns {{ word: string, tone: Tone, reason: string, isLive: boolean, lastSampleAt?: string }} `lastSampleAt`: its run
 *   goes on, but its figures are no newer
 */
export function stateOf(target) {
  const { enabled, expiresAt, status, source } = target;
  const isReport = source === 'report';
  const quiet = (/** @type {string} */ word, /** @type {Tone} */ tone, reason = '') => {
    return { word, tone, reason, isLive: false };
  };
  if (!enabled) return quiet('paused', 'paused');
  if (hasExpired(target, nowMs())) return quiet('expired', 'paused', `Expired ${formatAge(expiresAt ?? '')}.`);
  if (status === undefined) return quiet('waiting', 'idle', isReport ? 'No report yet.' : 'Not checked yet.');
  if (status.error !== undefined && status.noAnswer !== undefined) {
    const { since, endsAt } = status.noAnswer;
    const reason = `${endsWhen('No answer', since, Date.parse(endsAt))} ${status.error.message}`;
    return { ...quiet('no answer', 'trouble', reason), lastSampleAt: since };
  }
  if (status.error !== undefined) return quiet('failing', 'trouble', status.error.message);
  const word = status.state ?? 'unknown';
  const isLive = word === 'running' || word === 'spawning' || word === 'hatching';
  const ageMs = nowMs() - Date.parse(status.checkedAt);
  // Between tests nothing is reported.
  if (isReport && isLive && ageMs >= lostAfterMs) {
    return quiet('silent', 'trouble', `Last report ${formatAge(status.checkedAt)}.`);
  }
  if (isReport && isLive && ageMs > missedReports * target.sampleSeconds * 1000 + reportWayMs) {
    const reason = endsWhen('No report', status.checkedAt, Date.parse(status.checkedAt) + lostAfterMs);
    return { ...quiet('no report', 'trouble', reason), lastSampleAt: status.checkedAt };
  }
  if (!isReport && ageMs > silentAfterMs) {
    return quiet('silent', 'trouble', `Last check ${formatAge(status.checkedAt)}. Is the collector running?`);
  }
  if (word === 'missing') return quiet('missing', 'idle', 'Locust has no test set up.');
  return {
    word,
    tone: word === 'running' ? 'running' : moving.has(word) ? 'moving' : 'idle',
    reason: status.notice?.message ?? '',
    isLive,
  };
}

/** @param {string} what is missing @param {string} since @param {number} endsAtMs when its run is given up */
function endsWhen(what, since, endsAtMs) {
  return `${what} since ${formatClock(Date.parse(since))}, counts as ended at ${formatClock(endsAtMs)}.`;
}

/** Where a target is, for a person. @param {Target} target */
export function addressOf({ url }) {
  return url ?? 'reports by itself';
}

/** A shape and a word. @param {Tone} tone @param {string} word */
export function badge(tone, word) {
  const icon = svg('svg', { viewBox: '0 0 16 16', 'aria-hidden': 'true', width: 14, height: 14 });
  icon.append(svg('path', { d: shapes[tone], 'fill-rule': 'evenodd' }));
  return h('span', { class: `badge ${tone}` }, icon, h('span', {}, word));
}

/** Writes a badge only when it changes. @param {Element} cell @param {Tone} tone @param {string} word */
export function setBadge(cell, tone, word) {
  const there = cell.querySelector('.badge');
  if (there?.className === `badge ${tone}` && there.textContent === word) return;
  const next = badge(tone, word);
  if (there === null) cell.prepend(next);
  else there.replaceWith(next);
}
