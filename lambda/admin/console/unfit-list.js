// @ts-check
import { button, h } from './element.js';
import { removeUnfit } from './target-actions.js';

/**
 * Items that are no targets (any more): somebody wrote them past the API.
 * @param {import('./main.js').Surroundings} surroundings
 */
export function unfitList(surroundings) {
  const element = h('ul');
  let drawn = '';
  return {
    element,
    /** @param {readonly { id: string, problem: string }[]} unfit */
    update(unfit) {
      const text = JSON.stringify(unfit);
      if (drawn === text) return;
      drawn = text;
      element.replaceChildren(...unfit.map((item) => unfitItem(item, surroundings)));
    },
  };
}

/** @param {{ id: string, problem: string }} item @param {import('./main.js').Surroundings} surroundings */
function unfitItem({ id, problem }, surroundings) {
  const remove = () => removeUnfit(id, surroundings);
  const remover = button('Remove', remove, { class: 'quiet', 'aria-label': `Remove ${id}` });
  const why = h('details', {}, h('summary', {}, 'Why'), h('p', {}, problem));
  return h('li', { class: 'notice bad' }, h('strong', {}, id), ' is stored, but is no target. ', remover, why);
}
