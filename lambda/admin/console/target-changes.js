// @ts-check
import { toLocal } from './target-fields.js';

/**
 * @typedef {import('./targets-api.js').Target} Target
 * @typedef {import('./target-fields.js').FormValues} FormValues
 * @typedef {import('./pair-rows.js').Pair} Pair
 */

/** The body that makes a target. What was left empty is left to the API. @param {FormValues} values */
export function bodyOf(values) {
  const { url, project, enabled, sampleSeconds, states, tags, headers, maxEndpoints, expiresAt, login } = values;
  const tls = { ...(values.ca !== '' && { ca: values.ca }), ...(values.acceptsAny && { verify: false }) };
  return {
    url,
    ...(project !== '' && { project }),
    enabled,
    sampleSeconds,
    states,
    ...(tags.length > 0 && { tags: objectOf(tags) }),
    ...(headers.length > 0 && { headers: objectOf(headers) }),
    ...(login.type === 'basic' && { auth: { type: 'basic', username: login.username, password: login.password } }),
    ...(login.type === 'bearer' && { auth: { type: 'bearer', token: login.token } }),
    ...(Object.keys(tls).length > 0 && { tls }),
    ...(maxEndpoints !== '' && { maxEndpoints: Number(maxEndpoints) }),
    ...(expiresAt !== '' && { expiresAt: instantOf(expiresAt) }),
  };
}

/**
 * The merge patch from a target to what the form has: what was not touched is not in it.
 * @param {FormValues} values
 * @param {Target} target
 */
export function patchOf(values, target) {
  const { url, project, enabled, sampleSeconds, states, maxEndpoints, expiresAt } = values;
  const settings = /** @type {const} */ ([
    ['url', url, target.url ?? '', url],
    ['project', project, target.project, project],
    ['enabled', enabled, target.enabled, enabled],
    ['sampleSeconds', sampleSeconds, target.sampleSeconds, sampleSeconds],
    ['states', states.join(), [...target.states].sort().reverse().join(), states],
    ['maxEndpoints', maxEndpoints, String(target.maxEndpoints), maxEndpoints && Number(maxEndpoints)],
    ['expiresAt', expiresAt, toLocal(target.expiresAt), expiresAt && instantOf(expiresAt)],
  ]);
  /** @type {Record<string, unknown>} */
  const patch = {};
  for (const [name, entered, before, value] of settings)
    if (entered !== before) patch[name] = value === '' ? null : value;
  const parts = {
    tags: tagPatch(values.tags, target.tags),
    headers: headerPatch(values.headers, target.headers),
    auth: authPatch(values.login, target.auth),
    tls: tlsPatch(values, target.tls),
  };
  for (const [name, part] of Object.entries(parts)) if (part !== undefined) patch[name] = part;
  return patch;
}

/** @param {Pair[]} tags @param {Record<string, string>} before */
function tagPatch(tags, before) {
  const after = new Map(tags.map(({ name, value }) => [name, value]));
  const changed = [...after].filter(([name, value]) => before[name] !== value);
  const gone = Object.keys(before).filter((name) => !after.has(name));
  return objectIfAny([...changed, ...gone.map((name) => /** @type {const} */ ([name, null]))]);
}

/** @param {Pair[]} headers @param {string[]} before */
function headerPatch(headers, before) {
  const there = new Set(headers.map(({ name }) => name));
  const changed = headers.filter(({ value, isKept }) => !isKept || value !== '');
  const gone = before.filter((name) => !there.has(name));
  return objectIfAny([
    ...changed.map(({ name, value }) => /** @type {const} */ ([name, value])),
    ...gone.map((name) => /** @type {const} */ ([name, null])),
  ]);
}

/** @param {FormValues['login']} login @param {Target['auth']} before */
function authPatch({ type, username, password, token }, before) {
  if (type === '') return before === undefined ? undefined : null;
  if (type !== before?.type) return type === 'basic' ? { type, username, password } : { type, token };
  if (type === 'bearer') return token === '' ? undefined : { token };
  return objectIfAny([
    ...(username === before.username ? [] : [/** @type {const} */ (['username', username])]),
    ...(password === '' ? [] : [/** @type {const} */ (['password', password])]),
  ]);
}

/** @param {FormValues} values @param {Target['tls']} before */
function tlsPatch({ ca, acceptsAny }, before) {
  if (ca === '' && !acceptsAny) return before?.ca === undefined && before?.verify !== false ? undefined : null;
  return objectIfAny([
    ...(ca === (before?.ca ?? '').trim() ? [] : [/** @type {const} */ (['ca', ca === '' ? null : ca])]),
    ...(acceptsAny === (before?.verify === false)
      ? []
      : [/** @type {const} */ (['verify', acceptsAny ? false : null])]),
  ]);
}

/** @param {readonly (readonly [string, unknown])[]} entries */
function objectIfAny(entries) {
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** @param {Pair[]} pairs @returns {Record<string, string>} */
function objectOf(pairs) {
  return Object.fromEntries(pairs.map(({ name, value }) => [name, value]));
}

/** @param {string} local as a datetime-local input has it */
function instantOf(local) {
  return new Date(local).toISOString();
}
