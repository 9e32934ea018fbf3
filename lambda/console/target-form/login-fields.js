// @ts-check
import { h } from '../parts/element.js';
import { field, fieldGroup, select, text } from '../parts/field.js';
import { pairRows } from '../parts/pair-rows.js';

/**
 * @typedef {import('../targets/targets-api.js').Target['auth']} Auth
 * @typedef {import('../parts/pair-rows.js').Pair} Pair
 * @typedef {{ type: string, username: string, password: string, token: string, formUrl: string,
 *   fields: Pair[] }} LoginValues
 */

const types = { '': 'None', basic: 'User name and password', bearer: 'Bearer token', form: 'Login form' };

/** How the collector gets past a login. What is secret is never filled in. @param {Auth} auth as it is now */
export function loginFields(auth) {
  const type = select(types, auth?.type ?? '');
  const username = text(auth?.username ?? '');
  const password = secret(auth?.type === 'basic');
  const token = secret(auth?.type === 'bearer');
  const form = formFields(auth);
  const fieldsOf = {
    basic: [field('User name', 'auth.username', username), field('Password', 'auth.password', password)],
    bearer: [field('Token', 'auth.token', token)],
    form: form.elements,
  };
  const show = () => {
    for (const [each, elements] of Object.entries(fieldsOf))
      for (const element of elements) element.hidden = type.value !== each;
  };
  type.addEventListener('change', show);
  show();
  return {
    element: h('div', { class: 'columns' }, field('Login', 'auth', type), ...Object.values(fieldsOf).flat()),
    /** @returns {LoginValues} */
    read: () => ({
      type: type.value,
      username: username.value,
      password: password.value,
      token: token.value,
      ...form.read(),
    }),
  };
}

/** @param {Auth} auth */
function formFields(auth) {
  const url = text(auth?.url ?? '', { type: 'url', placeholder: 'http://localhost:8089/login', inputmode: 'url' });
  const names = auth?.type === 'form' ? (auth.fields ?? []) : [];
  const fields = pairRows({ what: 'field', names, isSecret: true });
  const help = 'Names of its inputs, such as username and password. Their values are never shown.';
  return {
    elements: [
      field('Address of the login form', 'auth.url', url),
      fieldGroup('What is entered in it', 'auth.fields', [fields.element], help),
    ],
    read: () => ({ formUrl: url.value.trim(), fields: fields.read() }),
  };
}

/** @param {boolean} isKept */
function secret(isKept) {
  return text('', {
    type: 'password',
    autocomplete: 'new-password',
    placeholder: isKept ? 'leave empty to keep' : '',
  });
}
