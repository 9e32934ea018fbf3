// @ts-check
/** @typedef {Node | string | null | undefined | false} Child */
/**
 * A listener of whatever kind of event: as a method, it may name the kind that it is added for.
 * @typedef {{ of(event: Event): void }['of']} Listener
 */
/** @typedef {Record<string, string | number | boolean | undefined | Listener>} Attributes */

/**
 * An element. Functions under `on…` are listeners, true is an empty attribute, false and undefined are left out.
 * Text is only ever set as text, so that markup in a name shows as it was written.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/**
 * A button that sends no form.
 * @param {string} text
 * @param {Listener} onclick
 * @param {Attributes} [attributes]
 */
export function button(text, onclick, attributes = {}) {
  return h('button', { type: 'button', onclick, ...attributes }, text);
}

/** Names, each with its value. @param {string} className @param {readonly (readonly [string, Child])[]} rows */
export function facts(className, rows) {
  const pairs = rows.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value)));
  return h('dl', { class: className }, ...pairs);
}

/** Lines of line protocol, as they are. @param {readonly string[]} lines */
export function linesElement(lines) {
  return h('pre', { class: 'lines', tabindex: '0', 'aria-label': 'Lines of line protocol' }, lines.join('\n'));
}

/**
 * An element of SVG.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...Child} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

/**
 * Gives an element attributes and listeners, as for a new one, and children after those that it has.
 * @template {Element} E
 * @param {E} element
 * @param {Attributes} attributes
 * @param {Child[]} [children]
 */
export function fill(element, attributes, children = []) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.replace(/^on/, ''), value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.filter(isThere));
  return element;
}

/** @param {Child} child @returns {child is Node | string} */
function isThere(child) {
  return child !== null && child !== undefined && child !== false;
}

/**
 * Sets the text, and touches nothing when it is there already: what a person has selected stays selected.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Puts these elements, in this order, in place of the children, moving only what has to move: what has the focus keeps
 * it.
 * @param {Element} parent
 * @param {readonly Element[]} children
 */
export function setChildren(parent, children) {
  const wanted = new Set(children);
  const focused = document.activeElement;
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  children.forEach((child, index) => {
    const there = parent.children[index];
    if (there !== child) parent.insertBefore(child, there ?? null);
  });
  if (focused instanceof HTMLElement && parent.contains(focused)) focused.focus({ preventScroll: true });
}
