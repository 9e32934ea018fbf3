// @ts-check
import { facts } from '../parts/element.js';
import { formatInstant, formatNumber } from '../parts/format.js';

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
function rowsOf({ source, sampleSeconds, states, host, tags, auth, headers, tls, maxEndpoints, maxErrors, expiresAt }) {
  const listed = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  const certificates = [tls?.ca === undefined ? '' : 'private CA', tls?.verify === false ? 'any certificate' : ''];
  const access = /** @type {const} */ ([
    ['Login', auth === undefined ? 'none' : loginText(auth)],
    ['Headers', headers.join(', ') || 'none'],
    ['TLS', certificates.filter((text) => text !== '').join(', ') || 'system CAs'],
  ]);
  return [
    ['Sampled every', `${sampleSeconds} s`],
    ['Stored while', states.join(', ')],
    ['System under test', host ?? 'as Locust says'],
    ['Tags', listed.join(', ') || 'none'],
    ...(source === 'report' ? [] : access),
    ['Max. endpoints', formatNumber(maxEndpoints)],
    ['Max. kinds of errors', formatNumber(maxErrors)],
    ['Expires', expiresAt === undefined ? 'never' : formatInstant(expiresAt)],
  ];
}

/** @param {NonNullable<Target['auth']>} auth */
function loginText({ type, username = '', url = '', fields = [] }) {
  if (type === 'form') return `form at ${url}; stored: ${fields.join(', ')}`;
  return type === 'basic' ? `user ${username}, password stored` : 'bearer token stored';
}
