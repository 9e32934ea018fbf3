// @ts-check
import { button, h } from './element.js';

/** What to do while nothing is registered. @param {() => void} add */
export function emptyView(add) {
  return h(
    'div',
    { class: 'card empty' },
    h('h2', {}, 'No target yet'),
    h('p', {}, 'A target is a Locust whose live statistics are kept while a test runs. Register one here:'),
    h('p', {}, button('Add the first target', add, { class: 'primary' })),
    h('p', {}, 'or, on one machine, where you start the collector:'),
    h('pre', { tabindex: '0' }, h('code', {}, 'npm start -- --target shop=http://localhost:8089')),
    h('p', {}, 'No Locust at hand? ', h('code', {}, 'npm start -- --demo'), ' plays a make-believe test.'),
  );
}
