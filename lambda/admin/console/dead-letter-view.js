// @ts-check
import { announce } from './announce.js';
import { TokenRefused } from './api.js';
import { deadLetterCard, sizeOf } from './dead-letter-card.js';
import { decideAll, decideOne, listDeadLetters } from './dead-letters-api.js';
import { askFirst } from './dialog.js';
import { button, h, setChildren, setText } from './element.js';
import { formatCount } from './format.js';
import { messageOf } from './target-actions.js';

/**
 * @typedef {import('./dead-letters-api.js').DeadLetter} DeadLetter @typedef {import('./dead-letters-api.js').Fate} Fate
 * @typedef {import('./main.js').Surroundings} Surroundings
 */

/** The API reads each letter that it lists. */
const mostShown = 50;

/** Lines that InfluxDB refused, to replay or to drop. @param {Surroundings} surroundings */
export function deadLetterView(surroundings) {
  const heading = h('h1', { tabindex: '-1' }, 'Dead letters');
  const told = h('p', { class: 'notice' });
  const note = h('p', { class: 'help' }, 'Loading …');
  const list = h('ol', { class: 'letters' });
  /** Decided here, and perhaps still in an answer that is under way. @type {Set<string>} */
  const gone = new Set();
  const tell = (/** @type {string} */ text) => announce((told.textContent = text));
  const decide = decider({ tell, gone, heading, surroundings });
  const all = /** @type {const} */ ([
    button('Replay all', () => decide('replay', undefined, all[0])),
    button('Drop all', () => decide('drop', undefined, all[1])),
  ]);
  const buttons = h('div', { class: 'buttons', hidden: true }, ...all);
  const up = h('a', { class: 'up', href: '#/' }, '‹ All targets');
  /** @type {Map<string, HTMLLIElement>} */
  const cards = new Map();
  return {
    element: h('section', {}, up, h('div', { class: 'heading' }, heading, buttons), told, note, list),
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
  if (hasMore) return `The oldest ${shown} are shown; the next ones follow when these are replayed or dropped.`;
  return shown === 0 ? 'There are none.' : 'Lines that InfluxDB refused, the oldest first. They are kept for 30 days.';
}

/**
 * Replays, or drops after a question, one letter or all, and goes on to the next one.
 * @param {{ tell: (text: string) => void, gone: Set<string>, heading: HTMLElement, surroundings: Surroundings }} view
 */
function decider({ tell, gone, heading, surroundings }) {
  /** @param {Fate} fate @param {DeadLetter | undefined} letter undefined for all @param {HTMLButtonElement} [pressed] */
  return (fate, letter, pressed) => {
    const act = async () => {
      try {
        tell(await decideAndTell(fate, letter));
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
      const place = next?.isConnected && (next.querySelector(`[data-fate=${fate}]`) ?? next.querySelector('button'));
      (place instanceof HTMLElement ? place : heading).focus();
    };
    if (fate === 'drop') return askFirst({ ...questionOn(letter), doIt: 'Drop', act, done });
    pressed?.setAttribute('aria-busy', 'true');
    act()
      .then(done, (/** @type {Error} */ { message }) => tell(message))
      .finally(() => pressed?.removeAttribute('aria-busy'));
  };
}

/** @param {DeadLetter | undefined} letter */
function questionOn(letter) {
  if (letter === undefined) {
    return {
      title: 'Drop all?',
      text: 'All dead letters are deleted for good, those that came in the meantime as well.',
    };
  }
  const { reason, unreadableBytes } = letter;
  const why = unreadableBytes === undefined ? `InfluxDB refused: ${reason}` : reason;
  return { title: `Drop ${sizeOf(letter)}?`, text: `Deleted for good is what ${why}` };
}

/** @param {Fate} fate @param {DeadLetter | undefined} letter @returns {Promise<string>} what came of it */
async function decideAndTell(fate, letter) {
  const count = letter === undefined ? await decideAll(fate) : await decideOne(fate, letter.id);
  if (count === 0) return `There was nothing left to ${fate}: somebody else was faster, or it cannot be read.`;
  const what = letter === undefined ? formatCount(count, 'dead letter') : sizeOf(letter);
  if (fate === 'drop') return `Dropped ${what}.`;
  return `Replayed ${what}: sent to InfluxDB within 5 minutes. What it refuses again comes back here with its reason.`;
}
