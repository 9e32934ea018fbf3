// @ts-check
import { beginOf } from '../runs/run-outcome.js';
import { ask, askText } from '../session/api.js';

/**
 * @typedef {{ state?: string, checkedAt: string, since: string, run?: string, userCount?: number, currentRps?: number,
 *   failRatio?: number, currentP95?: number, error?: { kind: string, message: string },
 *   noAnswer?: { since: string, endsAt: string }, notice?: { kind: string, message: string } }} TargetStatus
 * @typedef {{ id: string, source?: 'fetch' | 'report', url?: string, project: string, enabled: boolean, sampleSeconds: number, states: string[],
 *   host?: string, tags: Record<string, string>, auth?: { type: 'basic' | 'bearer' | 'form', username?: string, url?: string, fields?: string[] }, headers: string[],
 *   tls?: { ca?: string, verify?: boolean }, maxEndpoints: number, maxErrors: number, expiresAt?: string, status?: TargetStatus }} Target
 * @typedef {{ kind: string, message: string }} Warning
 * @typedef {{ numRequests?: number, numFailures?: number, avgResponseTime?: number, minResponseTime?: number,
 *   maxResponseTime?: number, medianResponseTime?: number, percentiles: Record<string, number> }} Total
 * @typedef {{ run: string, project: string, startedAt: string, beganAt?: string, lastGoodAt: string, endedAt?: string, lastState: string,
 *   outcome?: 'finished' | 'ended' | 'lost', total: Total, peakUsers: number, host?: string, users?: number, spawnRate?: number,
 *   runTimeSeconds?: number, locustfile?: string, locustVersion?: string, notes?: string[], label?: string, note?: string,
 *   verdict?: 'passed' | 'failed' | 'unsure', verdictDetails?: { rules: { criterion: string, result: string, text: string }[],
 *   doubts: string[], baseline?: string } }} RunSummary
 * @typedef {{ countedMs: number, truncated: boolean, endpoints: (Total & { method: string, name: string })[],
 *   errors: { method: string, name: string, error: string, occurrences?: number }[] }} Final
 * @typedef {readonly [seconds: number, ...figures: (number | null)[]]} TimelineRow
 * @typedef {RunSummary & { timeline: TimelineRow[], final?: Final }} Run
 * @typedef {{ reachable: true, durationMs: number, sizeBytes: number, dialect: string, state: string,
 *   users: number | null, endpoints: number, badRows: number, notices: string[], writes: boolean,
 *   preview: { lines: string[], total: number } }
 *   | { reachable: false, durationMs: number, failure: Warning }} Check
 * @typedef {{ target: Target, etag: string | undefined, warnings: readonly Warning[] }} Answer
 */

/** @typedef {{ targets: Target[], unfit: { id: string, problem: string }[], cursor?: string }} TargetPage */

/** The most that the API gives at once. */
const pageSize = '100';

/** @param {string} id */
const pathOf = (id) => `/v1/targets/${encodeURIComponent(id)}`;

/**
 * One page of the targets, in no order that a person knows.
 * @param {string} project '' for all
 * @param {string | undefined} cursor as the page before gave it
 * @returns {Promise<TargetPage>}
 */
export async function listTargets(project, cursor) {
  const query = new URLSearchParams({ limit: pageSize });
  if (project !== '') query.set('project', project);
  if (cursor !== undefined) query.set('cursor', cursor);
  return /** @type {TargetPage} */ ((await ask('GET', `/v1/targets?${query.toString()}`)).body);
}

/** @param {string} id */
export async function getTarget(id) {
  return answerOf(await ask('GET', pathOf(id)));
}

/** Makes a target, under a made-up id when none is given. @param {string} id @param {object} body */
export async function createTarget(id, body) {
  const asked = id === '' ? ask('POST', '/v1/targets', { body }) : ask('PUT', pathOf(id), { body, ifNoneMatch: '*' });
  return answerOf(await asked);
}

/** @param {string} id @param {object} patch a JSON merge patch @param {string | undefined} etag of what was shown */
export async function patchTarget(id, patch, etag) {
  return answerOf(await ask('PATCH', pathOf(id), { body: patch, ifMatch: etag }));
}

/** @param {string} id @param {string} [etag] of what was shown */
export async function removeTarget(id, etag) {
  await ask('DELETE', pathOf(id), { ifMatch: etag });
}

/** @param {string} id @returns {Promise<Check>} */
export async function checkTarget(id) {
  return /** @type {Check} */ ((await ask('POST', `${pathOf(id)}/check`)).body);
}

/**
 * The newest runs.
 * @param {string} id
 * @param {number} limit at most 100
 * @returns {Promise<{ runs: RunSummary[], hasMore: boolean }>}
 */
export async function listRuns(id, limit) {
  const { body } = await ask('GET', `${pathOf(id)}/runs?limit=${limit}`);
  const { runs, cursor } = /** @type {{ runs: RunSummary[], cursor?: string }} */ (body);
  return { runs, hasMore: cursor !== undefined };
}

/** @param {string} id @param {string} run */
const pathOfRun = (id, run) => `${pathOf(id)}/runs/${encodeURIComponent(run)}`;

/** @param {string} id @param {string} run @param {{ label: string | null, note: string | null }} patch null removes */
export async function annotateRun(id, run, patch) {
  await ask('PATCH', pathOfRun(id, run), { body: patch });
}

/** Removes the record of a run that is over. @param {string} id @param {string} run */
export async function removeRun(id, run) {
  await ask('DELETE', pathOfRun(id, run));
}

/** The final figures in the columns of Locust's own file. @param {string} id @param {string} run */
export async function getStatsCsv(id, run) {
  return askText(`${pathOfRun(id, run)}/stats.csv`);
}

/** One run, its timeline in seconds since it truly began. @param {string} id @param {string} run @returns {Promise<Run>} */
export async function getRun(id, run) {
  const { body } = await ask('GET', pathOfRun(id, run));
  return fromItsBegin(/** @type {Run} */ (body));
}

/** What was filled in of a run is from before it was first seen. @param {Run} run @returns {Run} */
function fromItsBegin(run) {
  const unseen = Math.round((Date.parse(run.startedAt) - Date.parse(beginOf(run))) / 1000);
  return { ...run, timeline: run.timeline.map(([seconds, ...figures]) => [seconds + unseen, ...figures]) };
}

/** @param {{ body: unknown, etag: string | undefined }} answer @returns {Answer} */
function answerOf({ body, etag }) {
  const target = /** @type {Target & { warnings?: Warning[] }} */ (body);
  return { target, etag, warnings: target.warnings ?? [] };
}
