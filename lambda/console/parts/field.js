// @ts-check
import { h } from './element.js';

let count = 0;

/**
 * A control under its label, with help and a place for what is wrong with it.
 * @param {string} label
 * @param {string} name as the API names the field
 * @param {HTMLElement} control
 * @param {string} [help]
 */
export function field(label, name, control, help = '') {
  count += 1;
  const id = `field-${count}`;
  control.id = id;
  const helpId = help === '' ? '' : `${id}-help`;
  control.setAttribute('aria-describedby', `${helpId} ${id}-error`.trim());
  return h(
    'div',
    { class: 'field', 'data-field': name },
    h('label', { for: id }, label),
    control,
    help !== '' && h('p', { class: 'help', id: helpId }, help),
    h('p', { class: 'field-error', id: `${id}-error` }),
  );
}

/**
 * Several controls under one heading.
 * @param {string} legend
 * @param {string} name as the API names the field
 * @param {readonly Element[]} controls
 * @param {string} [help]
 */
export function fieldGroup(legend, name, controls, help = '') {
  count += 1;
  const id = `field-${count}-error`;
  return h(
    'fieldset',
    { class: 'field', 'data-field': name, 'aria-describedby': id },
    h('legend', {}, legend),
    help !== '' && h('p', { class: 'help' }, help),
    ...controls,
    h('p', { class: 'field-error', id }),
  );
}

/** An input with text in it. @param {string} value @param {import('./element.js').Attributes} [attributes] */
export function text(value, attributes = {}) {
  const input = h('input', { type: 'text', autocomplete: 'off', spellcheck: 'false', ...attributes });
  input.value = value;
  return input;
}

/** @param {string} label @param {boolean} checked */
export function checkbox(label, checked) {
  const input = h('input', { type: 'checkbox', checked });
  return { input, element: h('label', { class: 'check' }, input, label) };
}

/** @param {Record<string, string>} options label by value @param {string} value */
export function select(options, value) {
  return h(
    'select',
    {},
    ...Object.entries(options).map(([each, label]) => h('option', { value: each, selected: each === value }, label)),
  );
}

/**
 * Shows each problem at its field, or at the nearest one around it, and goes to the first.
 * @param {HTMLElement} form
 * @param {readonly import('../session/api.js').FieldProblem[]} problems
 * @returns {boolean} whether all of them found a field
 */
export function showFieldProblems(form, problems) {
  clearFieldProblems(form);
  const places = problems.map((problem) => placeOf(form, problem.field));
  places.forEach((place, index) => {
    const problem = problems[index];
    if (place === undefined || problem === undefined) return;
    const { element, rest } = place;
    element.closest('details')?.setAttribute('open', '');
    element.querySelector(':scope > input, :scope > select, :scope > textarea')?.setAttribute('aria-invalid', 'true');
    const error = element.querySelector(':scope > .field-error');
    const text = rest === '' ? problem.message : `${rest}: ${problem.message}`;
    if (error !== null) error.textContent = `${error.textContent === '' ? '' : `${error.textContent} · `}${text}`;
  });
  const first = places.find((place) => place !== undefined)?.element;
  const control = first?.querySelector('input, select, textarea');
  if (control instanceof HTMLElement) control.focus();
  return places.every((place) => place !== undefined);
}

/** @param {HTMLElement} form */
export function clearFieldProblems(form) {
  for (const error of form.querySelectorAll('.field .field-error')) error.textContent = '';
  for (const control of form.querySelectorAll('[aria-invalid]')) control.removeAttribute('aria-invalid');
}

/** @param {HTMLElement} form @param {string} name `tags.env` @returns {{ element: HTMLElement, rest: string } | undefined} */
function placeOf(form, name) {
  for (let length = name.length; length > 0; length = name.lastIndexOf('.', length - 1)) {
    const element = form.querySelector(`[data-field="${CSS.escape(name.slice(0, length))}"]`);
    if (element instanceof HTMLElement && !element.hidden) return { element, rest: name.slice(length + 1) };
  }
  return undefined;
}
