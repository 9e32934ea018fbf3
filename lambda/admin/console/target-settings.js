// @ts-check
import { facts } from './element.js';
import { formatInstant, formatNumber } from './format.js';

/** @typedef {import('./targets-api.js').Target} Target */

/** Lists what a person decided about a target. @param {HTMLDetailsElement} details @param {Target} target */
export function setSettings(details, target) {
  const rows = rowsOf(target);
  const drawn = JSON.stringify(rows);
  if (details.getAttribute('data-drawn') === drawn) return;
  details.setAttribute('data-drawn', drawn);
  details.querySelector('dl')?.remove();
  details.append(facts('facts', rows));
}

/** @param {Target} target @returns {(readonly [name: string, text: string])[]} */
function rowsOf({ source, sampleSeconds, states, tags, auth, headers, tls, maxEndpoints, expiresAt }) {
  const listed = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  const login = auth?.type === 'basic' ? `user ${auth.username ?? ''}, password kept` : 'bearer token kept';
  const certificates = [tls?.ca === undefined ? '' : 'private CA', tls?.verify === false ? 'any certificate' : ''];
  const access = /** @type {const} */ ([
    ['Login', auth === undefined ? 'none' : login],
    ['Headers', headers.join(', ') || 'none'],
    ['TLS', certificates.filter((text) => text !== '').join(', ') || 'usual'],
  ]);
  return [
    ['Sampled every', `${sampleSeconds} s`],
    ['Written while', states.join(', ')],
    ['Tags', listed.join(', ') || 'none'],
    ...(source === 'report' ? [] : access),
    ['Endpoints at most', formatNumber(maxEndpoints)],
    ['Expires', expiresAt === undefined ? 'never' : formatInstant(expiresAt)],
  ];
}
