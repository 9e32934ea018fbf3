// @ts-check
import { Problem, TokenRefused } from '../session/api.js';
import { openDialog } from '../parts/dialog.js';
import { button, h } from '../parts/element.js';
import { clearFieldProblems, showFieldProblems } from '../parts/field.js';
import { showLostEntries } from './entries-of-lost-edit.js';
import { messageOf } from '../targets/target-actions.js';
import { bodyOf, patchOf } from './target-changes.js';
import { targetFields } from './target-fields.js';
import { createTarget, getTarget, patchTarget } from '../targets/targets-api.js';

/**
 * @typedef {import('../targets/targets-api.js').Answer} Answer
 * @typedef {{ target: Answer['target'], etag: string | undefined }} Edited
 * @typedef {{ saved: (answer: Answer) => void, failed: (error: unknown) => void, projects: readonly string[],
 *   editing?: Edited }} FormOptions
 */

const changedMeanwhile = 'Somebody else changed this target. These are its new values; make your changes again.';

/** The form that adds a target, or changes the one in `editing`. @param {FormOptions} options */
export function openTargetForm({ saved, failed, projects, editing }) {
  const state = { before: editing, fields: targetFields(editing?.target, projects) };
  const notice = h('p', { class: 'notice', role: 'alert' });
  const cancel = button('Cancel', () => dialog.close());
  const save = h('button', { class: 'primary' }, editing === undefined ? 'Add target' : 'Save changes');
  const form = h('form', { novalidate: true }, notice, state.fields.element);
  form.append(h('div', { class: 'dialog-foot' }, cancel, save));
  const title = editing === undefined ? 'Add target' : `Change ${editing.target.id}`;
  const dialog = openDialog(title, [form], 'form');
  const submit = async () => {
    notice.textContent = '';
    clearFieldProblems(form);
    save.disabled = true;
    try {
      const answer = await send(state);
      dialog.close();
      saved(answer);
    } catch (error) {
      if (error instanceof TokenRefused) return failed(error);
      await showRefusal(error, { state, form, notice, projects }).catch((problem) =>
        showProblem(problem, form, notice),
      );
    } finally {
      save.disabled = false;
    }
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void submit();
  });
}

/** @typedef {{ before: Edited | undefined, fields: ReturnType<typeof targetFields> }} FormState */

/** @param {FormState} state */
function send({ before, fields }) {
  const values = fields.read();
  if (before === undefined) return createTarget(values.id, bodyOf(values));
  return patchTarget(before.target.id, patchOf(values, before.target), before.etag);
}

/**
 * Says why nothing was saved. Where somebody else was faster, the form takes over what they made of it.
 * @param {unknown} error
 * @param {{ state: FormState, form: HTMLFormElement, notice: HTMLElement, projects: readonly string[] }} shown
 */
async function showRefusal(error, { state, form, notice, projects }) {
  const isStale = error instanceof Problem && error.status === 412;
  if (!isStale) return showProblem(error, form, notice);
  if (state.before === undefined) {
    const taken = new Problem(412, '', [{ field: 'id', message: 'A target with this id already exists.' }]);
    return showProblem(taken, form, notice);
  }
  const { before, fields } = state;
  const values = fields.read();
  state.before = await getTarget(before.target.id);
  state.fields = targetFields(state.before.target, projects);
  fields.element.replaceWith(state.fields.element);
  showLostEntries(form, { target: before.target, values, now: state.before.target });
  notice.textContent = changedMeanwhile;
  notice.scrollIntoView({ block: 'nearest' });
}

/** @param {unknown} error @param {HTMLFormElement} form @param {HTMLElement} notice */
function showProblem(error, form, notice) {
  const hasPlaces = error instanceof Problem && error.fields.length > 0 && showFieldProblems(form, error.fields);
  notice.textContent = hasPlaces ? '' : messageOf(error);
  if (!hasPlaces) notice.scrollIntoView({ block: 'nearest' });
}
