// @ts-check
import { button, fill, h } from '../parts/element.js';
import { formatMs, formatNumber, formatPercent } from '../parts/format.js';

/**
 * @typedef {import('../targets/targets-api.js').Final} Final
 * @typedef {Final['endpoints'][number]} Row
 * @typedef {{ name: string, value: (row: Row) => number | undefined, format: (value: number | undefined) => string }} Column
 */

/** @param {Row} row */
const failRatio = ({ numRequests, numFailures }) => (numRequests ? (numFailures ?? 0) / numRequests : undefined);

/** @param {number} countedMs for how long Locust had been counting @returns {readonly Column[]} */
const columnsOf = (countedMs) => [
  { name: 'Requests', value: (row) => row.numRequests, format: formatNumber },
  { name: 'Failures', value: (row) => row.numFailures, format: formatNumber },
  { name: 'Failed', value: failRatio, format: formatPercent },
  { name: 'Median', value: (row) => row.medianResponseTime, format: formatMs },
  { name: 'p95', value: (row) => row.percentiles['95'], format: formatMs },
  { name: 'p99', value: (row) => row.percentiles['99'], format: formatMs },
  { name: 'Mean', value: (row) => row.avgResponseTime, format: formatMs },
  { name: 'Min', value: (row) => row.minResponseTime, format: formatMs },
  { name: 'Max', value: (row) => row.maxResponseTime, format: formatMs },
  {
    name: 'Requests/s',
    value: ({ numRequests }) =>
      countedMs > 0 && numRequests !== undefined ? (numRequests * 1000) / countedMs : undefined,
    format: formatNumber,
  },
];

/** The final figures of every endpoint, sorted by what one clicks on, and its errors. @param {Final} final */
export function finalFigures({ countedMs, endpoints, errors, truncated }) {
  const cut =
    'Locust shows its 500 largest endpoints only, or not all are kept: the rest is in the run’s own figures alone.';
  return h(
    'section',
    {},
    h('h2', {}, 'Endpoints'),
    truncated && h('p', { class: 'help' }, cut),
    endpointTable(columnsOf(countedMs), endpoints),
    errors.length > 0 && h('h2', {}, 'Errors'),
    errors.length > 0 && errorTable(errors),
  );
}

/** @param {readonly Column[]} columns @param {readonly Row[]} endpoints */
function endpointTable(columns, endpoints) {
  const body = h('tbody');
  const heads = columns.map((column) => {
    const head = h('th', { scope: 'col' });
    return fill(head, {}, [button(column.name, () => sortBy(column, head), { class: 'sorter' })]);
  });
  const byName = h('th', { scope: 'col', class: 'wide' }, 'Endpoint');
  /** @param {Column} column @param {Element} head */
  const sortBy = (column, head) => {
    const isDescending = head.getAttribute('aria-sort') !== 'descending';
    for (const each of heads) each.removeAttribute('aria-sort');
    head.setAttribute('aria-sort', isDescending ? 'descending' : 'ascending');
    const sign = isDescending ? -1 : 1;
    const sorted = [...endpoints].sort((a, b) => {
      const [one, other] = [column.value(a), column.value(b)];
      // What Locust did not say comes last, whichever way.
      if (one === undefined || other === undefined) return Number(one === undefined) - Number(other === undefined);
      return sign * (one - other);
    });
    body.replaceChildren(...sorted.map((row) => endpointRow(columns, row)));
  };
  const [requests] = columns;
  if (requests !== undefined && heads[0] !== undefined) sortBy(requests, heads[0]);
  const table = h('table', { class: 'figures named' }, h('thead', {}, h('tr', {}, byName, ...heads)), body);
  return h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Endpoints' }, table);
}

/** @param {readonly Column[]} columns @param {Row} row */
function endpointRow(columns, row) {
  const cells = columns.map(({ name, value, format }) => {
    const number = value(row);
    const isBad = name.startsWith('Fail') && (number ?? 0) > 0;
    return h('td', { class: isBad ? 'num bad' : 'num' }, format(number));
  });
  return h('tr', {}, h('th', { scope: 'row', class: 'wide' }, `${row.method} ${row.name}`.trim()), ...cells);
}

/** @param {Final['errors']} errors */
function errorTable(errors) {
  const heads = [
    h('th', { scope: 'col', class: 'wide' }, 'Endpoint'),
    h('th', { scope: 'col', class: 'wide' }, 'Error'),
  ];
  heads.push(h('th', { scope: 'col' }, 'Times'));
  const most = [...errors].sort((a, b) => (b.occurrences ?? 0) - (a.occurrences ?? 0));
  const rows = most.map(({ method, name, error, occurrences }) =>
    h(
      'tr',
      {},
      h('th', { scope: 'row', class: 'wide' }, `${method} ${name}`.trim()),
      h('td', { class: 'wide' }, error),
      h('td', { class: 'num' }, formatNumber(occurrences)),
    ),
  );
  const table = h('table', { class: 'figures named' }, h('thead', {}, h('tr', {}, ...heads)), h('tbody', {}, ...rows));
  return h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Errors' }, table);
}
