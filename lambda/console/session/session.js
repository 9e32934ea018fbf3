// @ts-check
import { decode } from '../route.js';

/** The tab keeps the token until it is closed; no other tab sees it, and nothing writes it to a disk. */
const storageKey = 'locust2influx.token';
const usable = /^[\x21-\x7e]+$/;

/**
 * Takes a token from behind the address's `#` (`#token=…`, or the bare token), and out of the address bar and the
 * history. What begins with `#/` is a place on this page.
 */
export function takeTokenFromAddress() {
  const fragment = location.hash.slice(1);
  if (fragment === '' || fragment.startsWith('/')) return;
  history.replaceState(null, '', `${location.pathname}${location.search}#/`);
  const token = decode(fragment.replace(/^token=/, ''));
  if (usable.test(token)) keepToken(token);
}

/** @param {string} token */
export function isUsable(token) {
  return usable.test(token);
}

/** @param {string} token */
export function keepToken(token) {
  sessionStorage.setItem(storageKey, token);
}

export function forgetToken() {
  sessionStorage.removeItem(storageKey);
}

export function keptToken() {
  return sessionStorage.getItem(storageKey);
}
