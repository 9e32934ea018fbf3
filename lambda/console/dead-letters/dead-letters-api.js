// @ts-check
import { ask, Problem } from '../session/api.js';

/**
 * @typedef {{ id: string, at: string, status?: number, reason: string, points: number, lines: string[],
 *   unreadableBytes?: number }} DeadLetter
 * @typedef {'replay' | 'drop'} Decision
 */

const path = '/v1/dead-letters';

/**
 * The oldest dead letters.
 * @param {number} limit at most 100
 * @returns {Promise<{ letters: DeadLetter[], hasMore: boolean }>}
 */
export async function listDeadLetters(limit) {
  const { body } = await ask('GET', `${path}?limit=${limit}`);
  const { deadLetters, cursor } = /** @type {{ deadLetters: DeadLetter[], cursor?: string }} */ (body);
  return { letters: deadLetters, hasMore: cursor !== undefined };
}

/** @param {Decision} decision @param {string} at the path of one or of all */
function decide(decision, at) {
  return decision === 'replay' ? ask('POST', `${at}/replay`) : ask('DELETE', at);
}

/** @param {Decision} decision @param {string} id @returns {Promise<number>} 0 when there is none, or it is gone */
export async function decideOne(decision, id) {
  try {
    await decide(decision, `${path}/${encodeURIComponent(id)}`);
    return 1;
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return 0;
    throw error;
  }
}

/** Goes on until there are no more, or none was taken off. @param {Decision} decision @returns {Promise<number>} how many */
export async function decideAll(decision) {
  for (let all = 0; ;) {
    const { body } = await decide(decision, path);
    const { handled, hasMore } = /** @type {{ handled: number, hasMore: boolean }} */ (body);
    all += handled;
    if (!hasMore || handled === 0) return all;
  }
}
