// @ts-check
import { button, h, linesElement } from '../parts/element.js';
import { formatCount, formatInstant } from '../parts/format.js';

/**
 * @typedef {import('./dead-letters-api.js').DeadLetter} DeadLetter @typedef {import('./dead-letters-api.js').Decision} Decision
 */

/**
 * One dead letter, which never changes.
 * @param {DeadLetter} letter
 * @param {(decision: Decision, letter: DeadLetter, button: HTMLButtonElement) => void} decide
 */
export function deadLetterCard(letter, decide) {
  const { at, status, reason, points, lines, unreadableBytes } = letter;
  const when = formatInstant(at);
  const count = sizeOf(letter);
  const choice = (/** @type {Decision} */ decision, /** @type {string} */ word) =>
    button(
      word,
      (/** @type {Event & { currentTarget: HTMLButtonElement }} */ { currentTarget }) =>
        decide(decision, letter, currentTarget),
      {
        'data-decision': decision,
        'aria-label': `${word} the ${count} of ${when}`,
      },
    );
  const isReadable = unreadableBytes === undefined;
  const buttons = h('div', { class: 'buttons' }, isReadable && choice('replay', 'Replay'), choice('drop', 'Drop'));
  const answer = status === undefined ? '' : ` · answered ${status}`;
  const shown = lines.length < points ? `The first ${lines.length} of ${count}` : count;
  return h(
    'li',
    { class: 'card letter' },
    h('div', { class: 'heading' }, h('h2', {}, when), h('span', { class: 'help' }, `${count}${answer}`), buttons),
    h('p', {}, reason),
    isReadable && h('details', {}, h('summary', {}, shown), linesElement(lines)),
  );
}

/** `2 lines`; of what cannot be read, `80 bytes`. @param {DeadLetter} letter */
export function sizeOf({ points, unreadableBytes }) {
  return unreadableBytes === undefined ? formatCount(points, 'line') : formatCount(unreadableBytes, 'byte');
}
