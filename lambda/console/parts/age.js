// @ts-check
import { h, setText } from './element.js';
import { formatAge, formatInstant, nothing } from './format.js';

/** `8 s ago`, kept right by `refreshAges`, with the full time on hover. @param {string | undefined} iso */
export function ageElement(iso) {
  const element = h('time', { class: 'age' });
  setAge(element, iso);
  return element;
}

/** @param {HTMLTimeElement} element @param {string | undefined} iso */
export function setAge(element, iso) {
  element.dateTime = iso ?? '';
  element.title = iso === undefined ? '' : formatInstant(iso);
  setText(element, iso === undefined ? nothing : formatAge(iso));
}

/** To be called every second. */
export function refreshAges() {
  for (const element of document.querySelectorAll('time')) if (element.dateTime) setAge(element, element.dateTime);
}
