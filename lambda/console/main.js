// @ts-check
import { refreshAges } from './parts/age.js';
import { Problem, TokenRefused } from './session/api.js';
import { deadLetterView } from './dead-letters/dead-letter-view.js';
import { h, setText } from './parts/element.js';
import { formatClock } from './parts/format.js';
import { keepFresh } from './parts/keep-fresh.js';
import { routeOf } from './route.js';
import { runView } from './runs/run-view.js';
import { forgetToken, keepToken, keptToken, takeTokenFromAddress } from './session/session.js';
import { signInView } from './session/sign-in.js';
import { targetListView } from './targets/target-list.js';
import { targetView } from './targets/target-view.js';

/**
 * @typedef {{ element: HTMLElement, title: string, refresh: () => Promise<void> }} View
 * @typedef {{ refreshSoon: () => void, failed: (error: unknown) => void, signal: AbortSignal }} Surroundings
 */

const content = byId('content');
const banner = byId('banner');
const connection = byId('connection');
const leave = byId('leave');

/** Ends what the view before has under way. */
let shown = new AbortController();

function show() {
  takeTokenFromAddress();
  if (keptToken() === null) return signIn('');
  shown.abort();
  shown = new AbortController();
  const { signal } = shown;
  const fresh = { now: () => {} };
  const view = createView({ refreshSoon: () => fresh.now(), failed: (error) => failed(error, view), signal });
  place(view);
  leave.hidden = false;
  Object.assign(
    fresh,
    keepFresh({ refresh: view.refresh, back, away, failed: (error) => failed(error, view), signal }),
  );
}

/** @param {Surroundings} surroundings @returns {View} */
function createView(surroundings) {
  const route = routeOf(location.hash);
  if (route.view === 'list') return targetListView(surroundings);
  if (route.view === 'dead-letters') return deadLetterView(surroundings);
  if (route.view === 'target') return targetView(route.id, surroundings);
  return runView(route.id, route.run, surroundings);
}

/** @param {{ element: HTMLElement, title: string }} view */
function place({ element, title }) {
  const isFirst = content.querySelector('h1') === null;
  document.title = `${title} · locust2influx`;
  for (const dialog of document.querySelectorAll('dialog')) dialog.remove();
  content.replaceChildren(element);
  window.scrollTo(0, 0);
  // So that a screen reader reads on here, and Tab goes on from here.
  if (!isFirst) element.querySelector('h1')?.focus({ preventScroll: true });
}

/** @param {string} message */
function signIn(message) {
  shown.abort();
  forgetToken();
  leave.hidden = true;
  setText(connection, '');
  setText(banner, '');
  const view = signInView({
    message,
    signIn: (token) => {
      keepToken(token);
      show();
    },
  });
  place(view);
  view.focus();
}

function back() {
  connection.replaceChildren('Live', h('span', {}, ` · ${formatClock(Date.now())}`));
  setText(banner, '');
  document.body.classList.remove('away');
}

/** @param {Error} error @param {number} pauseMs */
function away(error, pauseMs) {
  setText(connection, 'Not connected');
  document.body.classList.add('away');
  setText(banner, `${error.message} What you see may be out of date. Trying again in ${Math.round(pauseMs / 1000)} s.`);
}

/** @param {unknown} error @param {{ element: HTMLElement }} view */
function failed(error, view) {
  if (error instanceof TokenRefused) return signIn('Wrong or expired admin token.');
  const text = error instanceof Problem ? error.message : 'Something went wrong on this page. Reload it.';
  const isGone = error instanceof Problem && error.status === 404;
  const home = h('p', {}, h('a', { href: '#/' }, 'All targets'));
  view.element.replaceChildren(h('h1', { tabindex: '-1' }, isGone ? 'Not found' : 'Sorry'), h('p', {}, text), home);
  if (!(error instanceof Problem)) throw error;
}

/** @param {string} id */
function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`no element ${id}`);
  return element;
}

leave.addEventListener('click', () => signIn(''));
// A fragment that jumps within the page is no place of it.
byId('skip').addEventListener('click', (event) => {
  event.preventDefault();
  content.focus();
});
window.addEventListener('hashchange', show);
window.setInterval(refreshAges, 1_000);
show();
