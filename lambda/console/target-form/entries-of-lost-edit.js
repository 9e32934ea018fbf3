// @ts-check
import { toLocal } from './target-fields.js';

/**
 * @typedef {import('../targets/targets-api.js').Target} Target
 * @typedef {import('./target-fields.js').FormValues} FormValues
 */

/**
 * After somebody else was faster: says under each field what the person had entered there, so that nothing has to be
 * remembered. Secrets are left out.
 * @param {HTMLElement} form that shows `now`
 * @param {{ target: Target | undefined, values: FormValues, now: Target }} difference
 */
export function showLostEntries(form, { target, values, now }) {
  const entered = entriesOf(values);
  const before = target === undefined ? {} : entriesOfTarget(target);
  const after = entriesOfTarget(now);
  for (const [name, text] of Object.entries(entered)) {
    if (text === before[name] || text === after[name]) continue;
    const place = form.querySelector(`[data-field="${name}"]`);
    place?.closest('details')?.setAttribute('open', '');
    const error = place?.querySelector(':scope > .field-error');
    if (error !== null && error !== undefined) error.textContent = `You had: ${text === '' ? '(empty)' : text}`;
  }
}

/** @param {FormValues} values @returns {Record<string, string>} */
function entriesOf({ url, project, enabled, sampleSeconds, states, host, tags, ...limits }) {
  const { maxEndpoints, maxErrors, expiresAt } = limits;
  const all = { sampleSeconds: `${sampleSeconds} s`, states: states.join(', '), enabled: enabled ? 'on' : 'off' };
  return {
    ...all,
    url,
    project,
    host,
    tags: tags.map(({ name, value }) => `${name}=${value}`).join(', '),
    maxEndpoints,
    maxErrors,
    expiresAt,
  };
}

/** @param {Target} target */
function entriesOfTarget({ host = '', tags, states, maxEndpoints, maxErrors, expiresAt, ...rest }) {
  const pairs = Object.entries(tags).map(([name, value]) => ({ name, value, isKept: true }));
  const texts = { maxEndpoints: String(maxEndpoints), maxErrors: String(maxErrors), expiresAt: toLocal(expiresAt) };
  // In the order in which the form reads them.
  const ordered = ['spawning', 'running'].filter((state) => states.includes(state));
  return entriesOf(/** @type {any} */ ({ ...rest, ...texts, host, tags: pairs, states: ordered }));
}
