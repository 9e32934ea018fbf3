// @ts-check
import { h } from './element.js';
import { field, select, text } from './field.js';

/**
 * @typedef {import('./targets-api.js').Target['auth']} Auth
 * @typedef {{ type: string, username: string, password: string, token: string }} LoginValues
 */

/** How the collector gets past a login. What is secret is never filled in. @param {Auth} auth as it is now */
export function loginFields(auth) {
  const type = select({ '': 'None', basic: 'User name and password', bearer: 'Bearer token' }, auth?.type ?? '');
  const username = text(auth?.username ?? '');
  const password = secret(auth?.type === 'basic');
  const token = secret(auth?.type === 'bearer');
  const usernameField = field('User name', 'auth.username', username);
  const passwordField = field('Password', 'auth.password', password);
  const tokenField = field('Token', 'auth.token', token);
  const show = () => {
    usernameField.hidden = passwordField.hidden = type.value !== 'basic';
    tokenField.hidden = type.value !== 'bearer';
  };
  type.addEventListener('change', show);
  show();
  return {
    element: h('div', { class: 'columns' }, field('Login', 'auth', type), usernameField, passwordField, tokenField),
    /** @returns {LoginValues} */
    read: () => ({ type: type.value, username: username.value, password: password.value, token: token.value }),
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
