// @ts-check
import { toLocal } from './target-fields.js';

/**
 * @typedef {import('../targets/targets-api.js').Target} Target
 * @typedef {import('./target-fields.js').FormValues} FormValues
 * @typedef {import('../parts/pair-rows.js').Pair} Pair
 */

/** The body that makes a target. What was left empty is left to the API. @param {FormValues} values */
export function bodyOf(values) {
  const { url, project, enabled, sampleSeconds, states, host, tags, headers, login } = values;
  const { maxEndpoints, maxErrors, expiresAt } = values;
  const tls = { ...(values.ca !== '' && { ca: values.ca }), ...(values.acceptsAny && { verify: false }) };
  return {
    url,
    ...(project !== '' && { project }),
    enabled,
    sampleSeconds,
    states,
    ...(host !== '' && { host }),
    ...(tags.length > 0 && { tags: objectOf(tags) }),
    ...(headers.length > 0 && { headers: objectOf(headers) }),
    ...(login.type !== '' && { auth: authOf(login) }),
    ...(Object.keys(tls).length > 0 && { tls }),
    ...(maxEndpoints !== '' && { maxEndpoints: Number(maxEndpoints) }),
    ...(maxErrors !== '' && { maxErrors: Number(maxErrors) }),
    ...(expiresAt !== '' && { expiresAt: instantOf(expiresAt) }),
  };
}

/**
 * The merge patch from a target to what the form has: what was not touched is not in it.
 * @param {FormValues} values
 * @param {Target} target
 */
export function patchOf(values, target) {
  const { url, project, enabled, sampleSeconds, states, host, maxEndpoints, maxErrors, expiresAt } = values;
  const settings = /** @type {const} */ ([
    ['url', url, target.url ?? '', url],
    ['project', project, target.project, project],
    ['enabled', enabled, target.enabled, enabled],
    ['sampleSeconds', sampleSeconds, target.sampleSeconds, sampleSeconds],
    ['states', states.join(), [...target.states].sort().reverse().join(), states],
    ['host', host, target.host ?? '', host],
    ['maxEndpoints', maxEndpoints, String(target.maxEndpoints), maxEndpoints && Number(maxEndpoints)],
    ['maxErrors', maxErrors, String(target.maxErrors), maxErrors && Number(maxErrors)],
    ['expiresAt', expiresAt, toLocal(target.expiresAt), expiresAt && instantOf(expiresAt)],
  ]);
  /** @type {Record<string, unknown>} */
  const patch = {};
  for (const [name, entered, before, value] of settings)
    if (entered !== before) patch[name] = value === '' ? null : value;
  const parts = {
    tags: tagPatch(values.tags, target.tags),
    headers: secretPatch(values.headers, target.headers),
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

/** Of values that nobody sees: those that were left empty are kept. @param {Pair[]} pairs @param {string[]} before */
function secretPatch(pairs, before) {
  const there = new Set(pairs.map(({ name }) => name));
  const changed = pairs.filter(({ value, isKept }) => !isKept || value !== '');
  const gone = before.filter((name) => !there.has(name));
  return objectIfAny([
    ...changed.map(({ name, value }) => /** @type {const} */ ([name, value])),
    ...gone.map((name) => /** @type {const} */ ([name, null])),
  ]);
}

/** @param {FormValues['login']} login one that is not empty */
function authOf({ type, username, password, token, formUrl, fields }) {
  if (type === 'basic') return { type, username, password };
  return type === 'bearer' ? { type, token } : { type, url: formUrl, fields: objectOf(fields) };
}

/** @param {FormValues['login']} login @param {Target['auth']} before */
function authPatch(login, before) {
  const { type, username, password, token, formUrl, fields } = login;
  if (type === '') return before === undefined ? undefined : null;
  if (type !== before?.type) return authOf(login);
  if (type === 'bearer') return token === '' ? undefined : { token };
  if (type === 'form') {
    const changed = secretPatch(fields, before.fields ?? []);
    return objectIfAny([
      ...(formUrl === before.url ? [] : [/** @type {const} */ (['url', formUrl])]),
      ...(changed === undefined ? [] : [/** @type {const} */ (['fields', changed])]),
    ]);
  }
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
