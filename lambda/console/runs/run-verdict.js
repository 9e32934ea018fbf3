// @ts-check
import { h } from '../parts/element.js';
import { runHref } from '../route.js';

/** @typedef {import('../targets/targets-api.js').RunSummary} RunSummary */

/** The one word of a verdict; the word says what the colour does. @param {RunSummary} run */
export function verdictWord({ verdict }) {
  return verdict && h('span', { class: `verdict ${verdict}` }, verdict);
}

/** @type {Record<string, string>} */
const sentences = {
  passed: 'The run met all of its target’s criteria.',
  failed: 'The run did not meet its target’s criteria.',
  unsure: 'The figures of the run cannot be trusted enough to say whether it met its target’s criteria.',
};

/** What the run was judged by, those rules first that it did not meet; nothing where its target had no criteria. @param {string} id @param {RunSummary} run */
export function verdictSection(id, run) {
  const { verdict, verdictDetails } = run;
  if (verdict === undefined) return undefined;
  const { rules = [], doubts = [], baseline } = verdictDetails ?? {};
  const order = [...rules].sort((a, b) => Number(a.result === 'passed') - Number(b.result === 'passed'));
  const rows = order.map(({ criterion, result, text }) =>
    h(
      'tr',
      {},
      h('td', { class: 'wide' }, h('span', { class: `verdict ${result}` }, result)),
      h('th', { scope: 'row' }, criterion),
      h('td', { class: 'wide' }, text),
    ),
  );
  const heads = ['Result', 'Criterion', 'Why'].map((name) => h('th', { scope: 'col', class: 'wide' }, name));
  const table = h('table', { class: 'figures named' }, h('thead', {}, h('tr', {}, ...heads)), h('tbody', {}, ...rows));
  return h(
    'section',
    {},
    h('h2', {}, 'Verdict: ', verdictWord(run)),
    h('p', { class: 'help' }, sentences[verdict]),
    doubts.length > 0 && h('ul', { class: 'doubts' }, ...doubts.map((doubt) => h('li', {}, doubt))),
    rows.length > 0 && h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Criteria' }, table),
    baseline !== undefined &&
      h('p', { class: 'help' }, 'Compared with ', h('a', { href: runHref(id, baseline) }, baseline), '.'),
  );
}
