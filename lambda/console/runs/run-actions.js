// @ts-check
import { announce } from '../parts/announce.js';
import { askFirst, openDialog } from '../parts/dialog.js';
import { button, h } from '../parts/element.js';
import { clearFieldProblems, field, showFieldProblems, text } from '../parts/field.js';
import { targetHref } from '../route.js';
import { Problem, TokenRefused } from '../session/api.js';
import { messageOf } from '../targets/target-actions.js';
import { annotateRun, getStatsCsv, removeRun } from '../targets/targets-api.js';

/** @typedef {import('../targets/targets-api.js').Run} Run @typedef {import('../main.js').Surroundings} Surroundings */

/** What can be done with a run. @param {string} id @param {Surroundings} surroundings */
export function runActions(id, surroundings) {
  /** @type {Run | undefined} */
  let run;
  /** @param {(id: string, run: Run, surroundings: Surroundings) => unknown} act */
  const withRun = (act) => () => run && void act(id, run, surroundings);
  const annotate = button('Label and note', withRun(openAnnotation), { disabled: true });
  const save = button('Download CSV', withRun(download), { disabled: true });
  const remove = button('Remove run', withRun(removeWithQuestion), { class: 'danger', disabled: true });
  return {
    element: h('div', { class: 'buttons' }, annotate, save, remove),
    /** @param {Run} next */
    update(next) {
      run = next;
      annotate.disabled = false;
      save.disabled = next.final === undefined;
      remove.disabled = next.endedAt === undefined;
    },
  };
}

/** @param {string} id @param {Run} run @param {Surroundings} surroundings */
function openAnnotation(id, { run, label = '', note = '' }, { failed, refreshSoon }) {
  const name = text(label, { maxlength: 100 });
  const remark = h('textarea', { rows: 5, maxlength: 2000 }, note);
  const error = h('p', { class: 'notice', role: 'alert' });
  const cancel = button('Cancel', () => dialog.close());
  const save = h('button', { class: 'primary' }, 'Save');
  const form = h(
    'form',
    { novalidate: true },
    error,
    field('Label', 'label', name, 'What people call this run, such as release 2.31.'),
    field('Note', 'note', remark),
    h('div', { class: 'dialog-foot' }, cancel, save),
  );
  const dialog = openDialog('Label and note', [form], 'form');
  const submit = async () => {
    error.textContent = '';
    clearFieldProblems(form);
    save.disabled = true;
    try {
      await annotateRun(id, run, { label: name.value.trim() || null, note: remark.value.trim() || null });
      dialog.close();
      refreshSoon();
    } catch (problem) {
      if (problem instanceof TokenRefused) return failed(problem);
      const hasPlaces = problem instanceof Problem && showFieldProblems(form, problem.fields);
      if (!hasPlaces || problem.fields.length === 0) error.textContent = messageOf(problem);
    } finally {
      save.disabled = false;
    }
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void submit();
  });
}

/** The token goes in a header, so that a link alone would be refused. @param {string} id @param {Run} run @param {Surroundings} surroundings */
async function download(id, { run }, { failed }) {
  try {
    const address = URL.createObjectURL(new Blob([await getStatsCsv(id, run)], { type: 'text/csv' }));
    h('a', { href: address, download: `${id}_${run}_stats.csv` }).click();
    URL.revokeObjectURL(address);
  } catch (error) {
    if (error instanceof TokenRefused) failed(error);
    else announce(messageOf(error));
  }
}

/** @param {string} id @param {Run} run @param {Surroundings} surroundings */
function removeWithQuestion(id, { run }, { failed }) {
  askFirst({
    title: 'Remove this run?',
    text: 'Its record is deleted, with its figures, label and note. What is in InfluxDB stays.',
    doIt: 'Remove',
    act: async () => {
      try {
        await removeRun(id, run);
      } catch (error) {
        if (error instanceof TokenRefused) failed(error);
        if (!(error instanceof Problem && error.status === 404)) throw new Error(messageOf(error), { cause: error });
      }
      announce('Removed the run.');
      location.hash = targetHref(id);
    },
  });
}
