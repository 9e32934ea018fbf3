// @ts-check
/**
 * @typedef {{ view: 'list' } | { view: 'dead-letters' } | { view: 'target', id: string } | { view: 'run', id: string, run: string }} Route
 */

export const deadLettersHref = '#/dead-letters';

/** Which view an address's fragment names; the list for anything else. @param {string} hash @returns {Route} */
export function routeOf(hash) {
  if (hash === deadLettersHref) return { view: 'dead-letters' };
  const [, id, run] = /^#\/targets\/([^/]+)(?:\/runs\/([^/]+))?\/?$/.exec(hash) ?? [];
  if (id === undefined) return { view: 'list' };
  return run === undefined ? { view: 'target', id: decode(id) } : { view: 'run', id: decode(id), run: decode(run) };
}

/** Without its percent signs; as it is where they are none of a URL. @param {string} text */
export function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** @param {string} id */
export function targetHref(id) {
  return `#/targets/${encodeURIComponent(id)}`;
}

/** @param {string} id @param {string} run */
export function runHref(id, run) {
  return `${targetHref(id)}/runs/${encodeURIComponent(run)}`;
}
