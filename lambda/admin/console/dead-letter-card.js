// @ts-check
import { button, h } from './element.js';
import { formatCount, formatInstant } from './format.js';

/**
 * @typedef {import('./dead-letters-api.js').DeadLetter} DeadLetter @typedef {import('./dead-letters-api.js').Fate} Fate
 */

/**
 * One dead letter, which never changes.
 * @param {DeadLetter} letter
 * @param {(fate: Fate, letter: DeadLetter, button: HTMLButtonElement) => void} decide
 */
export function deadLetterCard(letter, decide) {
  const { at, status, reason, points, lines } = letter;
  const when = formatInstant(at);
  const count = formatCount(points, 'line');
  const choice = (/** @type {Fate} */ fate, /** @type {string} */ word) =>
    button(
      word,
      (/** @type {{ currentTarget: HTMLButtonElement }} */ { currentTarget }) => decide(fate, letter, currentTarget),
      {
        'data-fate': fate,
        'aria-label': `${word} the ${count} of ${when}`,
      },
    );
  const buttons = h('div', { class: 'buttons' }, choice('replay', 'Replay'), choice('drop', 'Drop'));
  const answer = status === undefined ? '' : ` · answered ${status}`;
  const shown = lines.length < points ? `The first ${lines.length} of ${count}` : count;
  return h(
    'li',
    { class: 'card letter' },
    h('div', { class: 'heading' }, h('h2', {}, when), h('span', { class: 'help' }, `${count}${answer}`), buttons),
    h('p', {}, reason),
    h(
      'details',
      {},
      h('summary', {}, shown),
      h('pre', { class: 'lines', tabindex: '0', 'aria-label': 'Lines of line protocol' }, lines.join('\n')),
    ),
  );
}
