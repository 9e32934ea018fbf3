// @ts-check
import { h } from '../parts/element.js';
import { checkbox, field, fieldGroup, select, text } from '../parts/field.js';
import { loginFields } from './login-fields.js';
import { pairRows } from '../parts/pair-rows.js';

/**
 * @typedef {import('../targets/targets-api.js').Target} Target
 * @typedef {import('../parts/pair-rows.js').Pair} Pair
 * @typedef {import('./login-fields.js').LoginValues} LoginValues
 * @typedef {{ id: string, url: string, project: string, enabled: boolean, sampleSeconds: number, states: string[],
 *   host: string, tags: Pair[], headers: Pair[], acceptsAny: boolean, ca: string, maxEndpoints: string, maxErrors: string, expiresAt: string,
 *   login: LoginValues }} FormValues
 */

const hostHelp = 'The tag host of every point, such as https://shop.example.com. Leave empty to take what Locust says.';

const seconds = [2, 5, 10, 15, 20, 30, 60];

/**
 * The form's controls.
 * @param {Target | undefined} target undefined for a new one
 * @param {readonly string[]} projects to choose from; any other can be typed
 */
export function targetFields(target, projects) {
  const main = mainFields(target, projects);
  const login = loginFields(target?.auth);
  const headers = pairRows({ what: 'header', names: target?.headers ?? [], isSecret: true });
  const access = accessFields(target);
  const headerGroup = fieldGroup(
    'Extra request headers',
    'headers',
    [headers.element],
    'Their values are never shown.',
  );
  const hasAccess = target?.auth !== undefined || target?.tls !== undefined || (target?.headers.length ?? 0) > 0;
  const isReport = target?.source === 'report';
  const fetching = isReport ? [] : [login.element, headerGroup, access.tls];
  const summary = h('summary', {}, isReport ? 'Limits' : 'Login, headers, TLS and limits');
  const more = h('details', { open: hasAccess }, summary, ...fetching, access.limits);
  return {
    element: h('div', {}, main.element, more),
    /** @returns {FormValues} */
    read: () => ({ ...main.read(), ...access.read(), headers: headers.read(), login: login.read() }),
  };
}

/** @param {Target | undefined} target @param {readonly string[]} projects */
function mainFields(target, projects) {
  const id = text(target?.id ?? '', { placeholder: 'shop', autocapitalize: 'off' });
  id.readOnly = target !== undefined;
  const url = addressInput(target);
  const project = projectField(target, projects);
  const choices = Object.fromEntries(seconds.map((each) => [String(each), `${each} s`]));
  const every = select(choices, String(target?.sampleSeconds ?? 10));
  const states = stateFields(target);
  const host = text(target?.host ?? '', { placeholder: 'As Locust says', inputmode: 'url', autocapitalize: 'off' });
  const enabled = checkbox('Collect from this target', target?.enabled ?? true);
  const tags = pairRows({ what: 'tag', names: Object.keys(target?.tags ?? {}), values: target?.tags ?? {} });
  const idHelp = target === undefined ? 'a–z, 0–9 and hyphens. Leave empty to have one made up.' : 'Cannot be changed.';
  const isReport = target?.source === 'report';
  const element = h(
    'div',
    { class: 'columns' },
    !isReport && h('div', { class: 'wide' }, field("Address of Locust's web UI", 'url', url)),
    field('Id', 'id', id, idHelp),
    project.element,
    field('Sampled every', 'sampleSeconds', every),
    states.element,
    h('div', { class: 'wide' }, field('System under test', 'host', host, hostHelp)),
    h('div', { class: 'wide' }, fieldGroup('Tags on every point', 'tags', [tags.element])),
    h('div', { class: 'wide' }, fieldGroup('Collection', 'enabled', [enabled.element])),
  );
  const read = () => ({
    id: id.value.trim(),
    url: url.value.trim(),
    project: project.read(),
    enabled: enabled.input.checked,
    sampleSeconds: Number(every.value),
    states: states.read(),
    host: host.value.trim(),
    tags: tags.read(),
  });
  return { element, read };
}

/** @param {Target | undefined} target */
function addressInput(target) {
  return text(target?.url ?? '', {
    type: 'url',
    required: true,
    autofocus: target === undefined,
    placeholder: 'http://localhost:8089',
    inputmode: 'url',
  });
}

/** @param {Target | undefined} target @param {readonly string[]} projects */
function projectField(target, projects) {
  const list = h('datalist', { id: 'projects' }, ...projects.map((value) => h('option', { value })));
  const input = text(target?.project ?? '', { list: 'projects', placeholder: 'default' });
  return { element: h('div', {}, field('Project', 'project', input), list), read: () => input.value };
}

/** @param {Target | undefined} target */
function stateFields(target) {
  const running = checkbox('running', target?.states.includes('running') ?? true);
  const spawning = checkbox('spawning (the ramp-up)', target?.states.includes('spawning') ?? true);
  return {
    element: fieldGroup('Stored while', 'states', [running.element, spawning.element]),
    read: () => [...(spawning.input.checked ? ['spawning'] : []), ...(running.input.checked ? ['running'] : [])],
  };
}

/** @param {Target | undefined} target */
function accessFields(target) {
  const any = checkbox('Accept any certificate', target?.tls?.verify === false);
  const ca = h('textarea', { rows: 3, spellcheck: 'false', placeholder: '-----BEGIN CERTIFICATE-----' });
  ca.value = target?.tls?.ca ?? '';
  const maxEndpoints = text(String(target?.maxEndpoints ?? 500), { type: 'number', min: 1, max: 5000 });
  const maxErrors = text(String(target?.maxErrors ?? 50), { type: 'number', min: 1, max: 500 });
  const expiresAt = text(toLocal(target?.expiresAt), { type: 'datetime-local' });
  const tls = h(
    'div',
    {},
    field('Certificate of a private CA (PEM)', 'tls.ca', ca),
    fieldGroup('TLS', 'tls', [any.element]),
  );
  const limits = h(
    'div',
    { class: 'columns' },
    field('Max. endpoints per sample', 'maxEndpoints', maxEndpoints, 'The rest is added up as (other).'),
    field('Max. kinds of errors', 'maxErrors', maxErrors, 'Each is a series. The rest is added up as (other).'),
    field('Expires', 'expiresAt', expiresAt, 'Collection stops then.'),
  );
  const read = () => ({
    acceptsAny: any.input.checked,
    ca: ca.value.trim(),
    maxEndpoints: maxEndpoints.value,
    maxErrors: maxErrors.value,
    expiresAt: expiresAt.value,
  });
  return { tls, limits, read };
}

/** As a datetime-local input has it, in the viewer's zone. @param {string | undefined} iso */
export function toLocal(iso) {
  if (iso === undefined) return '';
  const date = new Date(iso);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
