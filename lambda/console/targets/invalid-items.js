// @ts-check
import { button, h } from '../parts/element.js';
import { removeUnfit } from './target-actions.js';

/**
 * Items of the table that are not valid targets: somebody wrote them without the API.
 * @param {import('../main.js').Surroundings} surroundings
 */
export function invalidItemList(surroundings) {
  const element = h('ul');
  let drawn = '';
  return {
    element,
    /** @param {readonly { id: string, problem: string }[]} invalid */
    update(invalid) {
      const text = JSON.stringify(invalid);
      if (drawn === text) return;
      drawn = text;
      element.replaceChildren(...invalid.map((item) => invalidItem(item, surroundings)));
    },
  };
}

/** @param {{ id: string, problem: string }} item @param {import('../main.js').Surroundings} surroundings */
function invalidItem({ id, problem }, surroundings) {
  const remove = () => removeUnfit(id, surroundings);
  const remover = button('Remove', remove, { class: 'quiet', 'aria-label': `Remove ${id}` });
  const why = h('details', {}, h('summary', {}, 'Why'), h('p', {}, problem));
  return h('li', { class: 'notice bad' }, h('strong', {}, id), ' is stored but is not a valid target. ', remover, why);
}
