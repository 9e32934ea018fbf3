// @ts-check
import { ask, Problem } from './api.js';

/**
 * @typedef {{ id: string, at: string, status?: number, reason: string, points: number, lines: string[],
 *   unreadableBytes?: number }} DeadLetter
 * @typedef {'replay' | 'drop'} Fate
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

/** @param {Fate} fate @param {string} at the path of one or of all */
function decide(fate, at) {
  return fate === 'replay' ? ask('POST', `${at}/replay`) : ask('DELETE', at);
}

/** @param {Fate} fate @param {string} id @returns {Promise<number>} 0 when there is none (any more) */
export async function decideOne(fate, id) {
  try {
    await decide(fate, `${path}/${encodeURIComponent(id)}`);
    return 1;
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return 0;
    throw error;
  }
}

/** Goes on until there are no more, or none was taken off. @param {Fate} fate @returns {Promise<number>} how many */
export async function decideAll(fate) {
  for (let all = 0; ;) {
    const { body } = await decide(fate, path);
    const { handled, hasMore } = /** @type {{ handled: number, hasMore: boolean }} */ (body);
    all += handled;
    if (!hasMore || handled === 0) return all;
  }
}
