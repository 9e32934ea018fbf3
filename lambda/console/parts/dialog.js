// @ts-check
import { button, h } from './element.js';

let count = 0;

/**
 * A modal dialog under a heading. The browser keeps the focus in it, closes it on Escape and gives the focus back.
 * @param {string} title
 * @param {readonly Element[]} content
 * @param {string} [className]
 * @returns {HTMLDialogElement}
 */
export function openDialog(title, content, className = '') {
  count += 1;
  const id = `dialog-title-${count}`;
  const closer = button('×', () => dialog.close(), { class: 'closer', 'aria-label': 'Close' });
  const head = h('div', { class: 'dialog-head' }, h('h2', { id }, title), closer);
  const dialog = h('dialog', { 'aria-labelledby': id, class: className }, head, ...content);
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * Asks before something is done that cannot be undone, and does it while the dialog is open: what goes wrong shows there.
 * @param {{ title: string, text: string, doIt: string, act: () => Promise<void>,
 *   done?: () => void }} question `done` comes when the dialog is closed and the focus is back
 */
export function askFirst({ title, text, doIt, act, done }) {
  const error = h('p', { class: 'field-error', role: 'alert' });
  const cancel = button('Cancel', () => dialog.close(), { autofocus: true });
  const run = async () => {
    go.disabled = true;
    try {
      await act();
      dialog.close();
      done?.();
    } catch (problem) {
      error.textContent = problem instanceof Error ? problem.message : String(problem);
    } finally {
      go.disabled = false;
    }
  };
  const go = button(doIt, () => void run(), { class: 'danger' });
  const dialog = openDialog(title, [h('p', {}, text), error, h('div', { class: 'dialog-foot' }, cancel, go)], 'small');
}
