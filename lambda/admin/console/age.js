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
  if (iso === undefined) {
    element.removeAttribute('datetime');
    element.removeAttribute('title');
    setText(element, nothing);
    return;
  }
  if (element.dateTime !== iso) {
    element.dateTime = iso;
    element.title = formatInstant(iso);
  }
  setText(element, formatAge(iso));
}

/** To be called every second. */
export function refreshAges() {
  for (const element of document.querySelectorAll('time.age[datetime]')) {
    setText(element, formatAge(element.getAttribute('datetime') ?? ''));
  }
}
