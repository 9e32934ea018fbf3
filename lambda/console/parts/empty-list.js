// @ts-check
import { button, h } from './element.js';

/** What to do while nothing is registered. @param {() => void} add */
export function emptyView(add) {
  return h(
    'div',
    { class: 'card empty' },
    h('h2', {}, 'No target yet'),
    h('p', {}, 'A target is a Locust whose statistics are recorded while a test runs. Add one here:'),
    h('p', {}, button('Add the first target', add, { class: 'primary' })),
    h('p', {}, 'or, on one machine, when you start the collector:'),
    h('pre', { tabindex: '0' }, h('code', {}, 'npm start -- --target shop=http://localhost:8089')),
    h('p', {}, 'No Locust at hand? ', h('code', {}, 'npm start -- --demo'), ' runs a made-up test.'),
  );
}
