// @ts-check
import { button, h, setText } from '../parts/element.js';
import { formatNumber } from '../parts/format.js';
import { addressOf, stateOf } from './target-state.js';

/**
 * @typedef {import('./targets-api.js').Target} Target
 * @typedef {{ target: Target, state: ReturnType<typeof stateOf> }} Chosen
 */

/** @type {readonly { label: string, has: (state: ReturnType<typeof stateOf>) => boolean }[]} */
const kinds = [
  { label: 'All', has: () => true },
  { label: 'Under test', has: ({ isLive }) => isLive },
  { label: 'Trouble', has: ({ tone }) => tone === 'trouble' },
  { label: 'Paused', has: ({ tone }) => tone === 'paused' },
];

/** What was chosen last, for when the list is shown again. */
const kept = { kind: kinds[0], words: '', project: '' };

/**
 * Chooses among targets by project, by state, with how many each has, and by words.
 * @param {(project?: string) => void} changed with the project where another one was chosen, '' for all
 */
export function targetFilter(changed) {
  const search = h('input', {
    type: 'search',
    placeholder: 'Find by id, project, address or tag',
    'aria-label': 'Find',
  });
  search.value = kept.words;
  const projects = projectSelect(changed);
  const choose = (/** @type {typeof kept.kind} */ kind) => {
    kept.kind = kind;
    changed();
  };
  const chips = kinds.map((kind) => button('', () => choose(kind), { class: 'chip' }));
  const group = h('div', { class: 'chips', role: 'group', 'aria-label': 'Which targets' }, ...chips);
  search.addEventListener('input', () => {
    kept.words = search.value;
    changed();
  });
  return {
    element: h('div', { class: 'tools', hidden: true }, group, projects.element, search),
    project: () => kept.project,
    /** @param {Iterable<Target>} found @returns {Chosen[]} */
    choose(found) {
      const all = [...found];
      projects.update(all);
      const here = all
        .filter(({ project }) => kept.project === '' || project === kept.project)
        .map((target) => ({ target, state: stateOf(target) }));
      chips.forEach((chip, index) => {
        const kind = kinds[index];
        setText(chip, `${kind?.label} ${formatNumber(here.filter(({ state }) => kind?.has(state)).length)}`);
        chip.setAttribute('aria-pressed', String(kind === kept.kind));
      });
      const words = kept.words.toLowerCase().split(/\s+/);
      return here.filter(({ target, state }) => kept.kind?.has(state) === true && matches(target, words));
    },
  };
}

/** There only where there is a choice. @param {(project: string) => void} chosen */
function projectSelect(chosen) {
  const element = h('select', { 'aria-label': 'Project' });
  element.addEventListener('change', () => {
    kept.project = element.value;
    chosen(kept.project);
  });
  let drawn = '';
  return {
    element,
    /** @param {readonly Target[]} all */
    update(all) {
      const names = [...new Set(all.map(({ project }) => project))].sort();
      if (kept.project !== '' && !names.includes(kept.project)) names.push(kept.project);
      element.hidden = names.length < 2 && kept.project === '';
      const text = JSON.stringify(names);
      if (text === drawn) return;
      drawn = text;
      const options = names.map((value) => h('option', { value }, value));
      element.replaceChildren(h('option', { value: '' }, 'All projects'), ...options);
      element.value = kept.project;
    },
  };
}

/** @param {Target} target @param {readonly string[]} words */
function matches(target, words) {
  const pairs = Object.entries(target.tags).map(([key, value]) => `${key}=${value}`);
  const text = [target.id, target.project, addressOf(target), ...pairs].join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
}
