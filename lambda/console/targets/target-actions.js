// @ts-check
import { announce } from '../parts/announce.js';
import { ApiAway, Problem, TokenRefused } from '../session/api.js';
import { askFirst } from '../parts/dialog.js';
import { getTarget, patchTarget, removeTarget } from './targets-api.js';

/** @typedef {import('./targets-api.js').Target} Target @typedef {import('../main.js').Surroundings} Surroundings */

const changedMeanwhile = 'Somebody else changed this target. You now see the new values.';

/**
 * Pauses what is enabled, resumes what is not.
 * @param {Target} shown as the person saw it
 * @param {string | undefined} etag of what is shown, where it is known
 * @param {Surroundings} surroundings
 * @param {HTMLButtonElement} button
 * @returns {Promise<Target | undefined>} as it is now, where that is known
 */
export async function setEnabled({ id, enabled }, etag, surroundings, button) {
  button.setAttribute('aria-busy', 'true');
  try {
    const { target, warnings } = await patchTarget(id, { enabled: !enabled }, etag ?? (await getTarget(id)).etag);
    announce(enabled ? `Paused ${id}.` : `Resumed ${id}.`, enabled ? [] : warnings);
    return target;
  } catch (error) {
    if (error instanceof TokenRefused) surroundings.failed(error);
    else announce(messageOf(error));
    return undefined;
  } finally {
    button.removeAttribute('aria-busy');
    surroundings.refreshSoon();
  }
}

/**
 * Removes a target when the person says so again.
 * @param {string} id
 * @param {string | undefined} etag of what is shown
 * @param {Surroundings} surroundings
 */
export function removeWithQuestion(id, etag, surroundings) {
  const text = 'Collection stops. Its settings and credentials are deleted; its runs and what is in InfluxDB stay.';
  askToRemove({ id, text, act: () => removing(id, etag, surroundings), then: () => (location.hash = '#/') });
}

/** Removes a stored item that is no target. @param {string} id @param {Surroundings} surroundings */
export function removeUnfit(id, surroundings) {
  const text = 'What is stored under this id is not a valid target. It will be deleted.';
  askToRemove({ id, text, act: () => removing(id, undefined, surroundings), then: surroundings.refreshSoon });
}

/** @param {{ id: string, text: string, act: () => Promise<void>, then: () => void }} removal `then` comes after `act` */
function askToRemove({ id, text, act, then }) {
  askFirst({
    title: `Remove ${id}?`,
    text,
    doIt: 'Remove',
    act: async () => {
      await act();
      announce(`Removed ${id}.`);
      then();
    },
  });
}

/** @param {string} id @param {string | undefined} etag @param {Surroundings} surroundings */
async function removing(id, etag, surroundings) {
  try {
    await removeTarget(id, etag);
  } catch (error) {
    if (error instanceof TokenRefused) surroundings.failed(error);
    if (error instanceof Problem && error.status === 404) return;
    if (error instanceof Problem && error.status === 412) surroundings.refreshSoon();
    throw new Error(messageOf(error), { cause: error });
  }
}

/** For a person. @param {unknown} error */
export function messageOf(error) {
  if (error instanceof Problem) return error.status === 412 ? changedMeanwhile : error.message;
  if (error instanceof ApiAway) return `${error.message} Your change may not have been saved; try again.`;
  return error instanceof Error ? error.message : String(error);
}
