// @ts-check
const shownMs = 6_000;
let timer = 0;

/**
 * Tells what just happened, in the corner and to screen readers.
 * @param {string} text
 */
export function announce(text) {
  const toast = document.getElementById('toast');
  if (toast === null) return;
  toast.textContent = text;
  clearTimeout(timer);
  timer = window.setTimeout(() => {
    toast.textContent = '';
  }, shownMs);
}
