// @ts-check
const shownMs = 6_000;
let timer = 0;

/**
 * Says what just happened, in the corner and to screen readers.
 * @param {string} text
 * @param {readonly { message: string }[]} [warnings] what else there is to say
 */
export function announce(text, warnings = []) {
  const toast = document.getElementById('toast');
  if (toast === null) return;
  toast.textContent = [text, ...warnings.map(({ message }) => message)].join(' ');
  clearTimeout(timer);
  timer = window.setTimeout(() => {
    toast.textContent = '';
  }, shownMs);
}
