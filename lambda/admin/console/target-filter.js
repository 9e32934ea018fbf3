// @ts-check
import { h, setText } from './element.js';
import { stateOf } from './target-state.js';

/** @typedef {import('./targets-api.js').Target} Target */

/** @type {readonly { key: string, label: string, has: (target: Target) => boolean }[]} */
const kinds = [
  { key: 'all', label: 'All', has: () => true },
  { key: 'live', label: 'Under test', has: (target) => stateOf(target).isLive },
  { key: 'trouble', label: 'Trouble', has: (target) => stateOf(target).tone === 'trouble' },
  { key: 'paused', label: 'Paused', has: (target) => stateOf(target).tone === 'paused' },
];

/** Chooses among targets by state, with how many each has, and by words. @param {() => void} changed */
export function targetFilter(changed) {
  const search = h('input', {
    type: 'search',
    placeholder: 'Find by id, project, address or tag',
    'aria-label': 'Find',
  });
  const chips = kinds.map(() => h('button', { type: 'button', class: 'chip' }));
  const group = h('div', { class: 'chips', role: 'group', 'aria-label': 'Which targets' }, ...chips);
  let chosen = kinds[0];
  chips.forEach((chip, index) => {
    chip.addEventListener('click', () => {
      chosen = kinds[index];
      changed();
    });
  });
  search.addEventListener('input', changed);
  return {
    element: h('div', { class: 'tools', hidden: true }, group, search),
    /** @param {readonly Target[]} targets @returns {Target[]} */
    choose(targets) {
      kinds.forEach(({ label, has }, index) => {
        const chip = chips[index];
        if (chip === undefined) return;
        setText(chip, `${label} ${targets.filter(has).length}`);
        chip.setAttribute('aria-pressed', String(kinds[index] === chosen));
      });
      const words = search.value.toLowerCase().split(/\s+/);
      return targets.filter((target) => chosen?.has(target) === true && matches(target, words));
    },
  };
}

/** @param {Target} target @param {readonly string[]} words */
function matches({ id, project, url, tags }, words) {
  const pairs = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  const text = [id, project, url, ...pairs].join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
}
