// @ts-check
import { announce } from '../parts/announce.js';
import { TokenRefused } from '../session/api.js';
import { deadLetterCard, sizeOf } from './dead-letter-card.js';
import { decideAll, decideOne, listDeadLetters } from './dead-letters-api.js';
import { askFirst } from '../parts/dialog.js';
import { button, h, setChildren, setText } from '../parts/element.js';
import { formatCount } from '../parts/format.js';
import { messageOf } from '../targets/target-actions.js';

/**
 * @typedef {import('./dead-letters-api.js').DeadLetter} DeadLetter @typedef {import('./dead-letters-api.js').Decision} Decision
 * @typedef {import('../main.js').Surroundings} Surroundings
 */

/** The API reads each letter that it lists. */
const mostShown = 50;

/** Lines that InfluxDB rejected, to replay or to drop. @param {Surroundings} surroundings */
export function deadLetterView(surroundings) {
  const heading = h('h1', { tabindex: '-1' }, 'Dead letters');
  const notice = h('p', { class: 'notice' });
  const note = h('p', { class: 'help' }, 'Loading …');
  const list = h('ol', { class: 'letters' });
  /** Decided here, and perhaps still in an answer that is under way. @type {Set<string>} */
  const gone = new Set();
  const say = (/** @type {string} */ text) => announce((notice.textContent = text));
  const decide = decider({ say, gone, heading, surroundings });
  const all = /** @type {const} */ ([
    button('Replay all', () => decide('replay', undefined, all[0])),
    button('Drop all', () => decide('drop', undefined, all[1])),
  ]);
  const buttons = h('div', { class: 'buttons', hidden: true }, ...all);
  const up = h('a', { class: 'up', href: '#/' }, '‹ All targets');
  /** @type {Map<string, HTMLLIElement>} */
  const cards = new Map();
  return {
    element: h('section', {}, up, h('div', { class: 'heading' }, heading, buttons), notice, note, list),
    title: 'Dead letters',
    async refresh() {
      const { letters, hasMore } = await listDeadLetters(mostShown);
      const shown = letters.filter(({ id }) => !gone.has(id));
      for (const letter of shown) if (!cards.has(letter.id)) cards.set(letter.id, deadLetterCard(letter, decide));
      setChildren(
        list,
        shown.flatMap(({ id }) => cards.get(id) ?? []),
      );
      buttons.hidden = shown.length === 0;
      all[0].hidden = shown.every(({ unreadableBytes }) => unreadableBytes !== undefined);
      setText(note, noteOn(shown.length, hasMore));
    },
  };
}

/** @param {number} shown @param {boolean} hasMore */
function noteOn(shown, hasMore) {
  if (hasMore) return `These are the oldest ${shown}. Replay or drop them to see the next.`;
  return shown === 0 ? 'No dead letters.' : 'Lines that InfluxDB rejected, oldest first. They are kept for 30 days.';
}

/**
 * Replays, or drops after a question, one letter or all, and goes on to the next one.
 * @param {{ say: (text: string) => void, gone: Set<string>, heading: HTMLElement, surroundings: Surroundings }} view
 */
function decider({ say, gone, heading, surroundings }) {
  /** @param {Decision} decision @param {DeadLetter | undefined} letter undefined for all @param {HTMLButtonElement} [pressed] */
  return (decision, letter, pressed) => {
    const act = async () => {
      try {
        say(await decideAndDescribe(decision, letter));
        if (letter !== undefined) gone.add(letter.id);
      } catch (error) {
        if (error instanceof TokenRefused) surroundings.failed(error);
        throw new Error(messageOf(error), { cause: error });
      } finally {
        surroundings.refreshSoon();
      }
    };
    const card = pressed?.closest('li');
    // Known before the answer: a refresh meanwhile takes the card away, and its place with it.
    const next = card?.nextElementSibling ?? card?.previousElementSibling;
    const done = () => {
      card?.remove();
      const place =
        next?.isConnected && (next.querySelector(`[data-decision=${decision}]`) ?? next.querySelector('button'));
      (place instanceof HTMLElement ? place : heading).focus();
    };
    if (decision === 'drop') return askFirst({ ...questionOn(letter), doIt: 'Drop', act, done });
    pressed?.setAttribute('aria-busy', 'true');
    act()
      .then(done, (/** @type {Error} */ { message }) => say(message))
      .finally(() => pressed?.removeAttribute('aria-busy'));
  };
}

/** @param {DeadLetter | undefined} letter */
function questionOn(letter) {
  if (letter === undefined) {
    return {
      title: 'Drop all?',
      text: 'Every dead letter will be deleted for good, also those not shown.',
    };
  }
  const { reason, unreadableBytes } = letter;
  const why = unreadableBytes === undefined ? `InfluxDB rejected it: ${reason}` : `It ${reason}`;
  return { title: `Drop ${sizeOf(letter)}?`, text: `It will be deleted for good. ${why}` };
}

/** @param {Decision} decision @param {DeadLetter | undefined} letter @returns {Promise<string>} what came of it */
async function decideAndDescribe(decision, letter) {
  const count = letter === undefined ? await decideAll(decision) : await decideOne(decision, letter.id);
  if (count === 0) return `Nothing left to ${decision}: somebody else did it first, or it cannot be read.`;
  const what = letter === undefined ? formatCount(count, 'dead letter') : sizeOf(letter);
  if (decision === 'drop') return `Dropped ${what}.`;
  return `Replayed ${what}. InfluxDB gets them within 5 minutes. What it rejects comes back here.`;
}
