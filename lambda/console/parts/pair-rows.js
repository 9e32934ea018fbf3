// @ts-check
import { button, h } from './element.js';
import { text } from './field.js';

/** @typedef {{ name: string, value: string, isKept: boolean }} Pair `isKept`: it was there before, under this name */

/**
 * Rows of a name and a value that can be added and removed.
 * @param {{ what: string, names: readonly string[], values?: Record<string, string>, isSecret?: boolean }} options
 *   `what` one of them is, for labels; `names` that are there now; secret values are never shown
 */
export function pairRows({ what, names, values = {}, isSecret = false }) {
  const list = h('div');
  const add = (/** @type {string} */ name, /** @type {boolean} */ isKept) => {
    const row = pairRow({ what, name, value: values[name] ?? '', isKept, isSecret });
    list.append(row);
    return row;
  };
  for (const name of names) add(name, true);
  const addNew = () => add('', false).querySelector('input')?.focus();
  const adder = button(`Add a ${what}`, addNew, { class: 'quiet' });
  return {
    element: h('div', {}, list, adder),
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
  const nameInput = text(name, { 'aria-label': `${label} name`, placeholder: 'name' });
  // Renaming a header would need its value, which nobody has.
  nameInput.readOnly = isSecret && isKept;
  const valueInput = text(isSecret ? '' : value, {
    type: isSecret ? 'password' : 'text',
    'aria-label': name === '' ? `${label} value` : `Value of ${name}`,
    placeholder: isSecret && isKept ? 'leave empty to keep' : 'value',
    autocomplete: isSecret ? 'new-password' : 'off',
  });
  const remove = () => {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    const target = next?.querySelector('button') ?? row.parentElement?.nextElementSibling;
    row.remove();
    if (target instanceof HTMLElement) target.focus();
  };
  const named = name === '' ? `this ${what}` : name;
  const remover = button('×', remove, { class: 'quiet', 'aria-label': `Remove ${named}` });
  const row = h('div', { class: 'pair', 'data-kept': isKept }, nameInput, valueInput, remover);
  return row;
}
