// @ts-check
import { h } from '../parts/element.js';
import { isUsable } from './session.js';

/**
 * Asks for the token.
 * @param {{ message: string, signIn: (token: string) => void }} options `message` why it is asked for again, or ''
 */
export function signInView({ message, signIn }) {
  const error = h('p', { class: 'field-error', id: 'token-error', role: 'alert' }, message);
  const input = h('input', {
    type: 'password',
    id: 'token',
    name: 'token',
    autocomplete: 'current-password',
    spellcheck: 'false',
    required: true,
    'aria-describedby': 'token-help token-error',
  });
  const submit = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const token = input.value.trim();
    if (isUsable(token)) return signIn(token);
    error.textContent = 'That is not a token: a token has only ASCII characters, and no spaces.';
    input.focus();
  };
  const element = h(
    'form',
    { class: 'sign-in card', onsubmit: submit },
    h('h1', { tabindex: '-1' }, 'Sign in'),
    h('label', { for: 'token' }, 'Admin token'),
    input,
    error,
    h(
      'p',
      { class: 'help', id: 'token-help' },
      'On one machine, ',
      h('code', {}, 'npm start'),
      ' prints the address of this page with the token in it. On AWS, the command in the output ',
      h('code', {}, 'ShowAdminToken'),
      ' prints the token. Only this tab keeps it.',
    ),
    h('button', { class: 'primary' }, 'Sign in'),
  );
  return { element, title: 'Sign in', focus: () => input.focus() };
}
