// @ts-check
import { h } from './element.js';

/** @typedef {{ name: string, value: string, isKept: boolean }} Pair `isKept`: it was there before, under this name */

/**
 * Rows of a name and a value that can be added and removed.
 * @param {{ what: string, names: readonly string[], values?: Record<string, string>, isSecret?: boolean }} options
 *   `what` one of them is, for labels; `names` that are there now; secret values are never shown
 */
export function pairRows({ what, names, values = {}, isSecret = false }) {
  const list = h('div', { class: 'pairs' });
  const add = (/** @type {string} */ name, /** @type {boolean} */ isKept) => {
    const row = pairRow({ what, name, value: values[name] ?? '', isKept, isSecret });
    list.append(row);
    return row;
  };
  for (const name of names) add(name, true);
  const addNew = () => add('', false).querySelector('input')?.focus();
  const button = h('button', { type: 'button', class: 'quiet', onclick: addNew }, `Add a ${what}`);
  return {
    element: h('div', {}, list, button),
    /** Rows with nothing in them are left out. @returns {Pair[]} */
    read() {
      return [...list.children].flatMap((row) => {
        const [name, value] = row.querySelectorAll('input');
        if (name === undefined || value === undefined) return [];
        if (name.value === '' && value.value === '') return [];
        return [{ name: name.value, value: value.value, isKept: row.hasAttribute('data-kept') }];
      });
    },
  };
}

/** @param {{ what: string, name: string, value: string, isKept: boolean, isSecret: boolean }} options */
function pairRow({ what, name, value, isKept, isSecret }) {
  const label = `${what[0]?.toUpperCase() ?? ''}${what.slice(1)}`;
  const nameInput = h('input', {
    'aria-label': `${label} name`,
    placeholder: 'name',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  nameInput.value = name;
  // Renaming a header would need its value, which nobody has.
  nameInput.readOnly = isSecret && isKept;
  const valueInput = h('input', {
    type: isSecret ? 'password' : 'text',
    'aria-label': name === '' ? `${label} value` : `Value of ${name}`,
    placeholder: isSecret && isKept ? 'leave empty to keep' : 'value',
    autocomplete: isSecret ? 'new-password' : 'off',
  });
  valueInput.value = isSecret ? '' : value;
  const remove = () => {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    const target = next?.querySelector('button') ?? row.parentElement?.nextElementSibling;
    row.remove();
    if (target instanceof HTMLElement) target.focus();
  };
  const named = name === '' ? `this ${what}` : name;
  const button = h('button', { type: 'button', class: 'quiet', 'aria-label': `Remove ${named}`, onclick: remove }, '×');
  const row = h('div', { class: 'pair', 'data-kept': isKept }, nameInput, valueInput, button);
  return row;
}
