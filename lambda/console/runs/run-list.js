// @ts-check
import { button, h, setChildren, setText } from '../parts/element.js';
import { runCard } from './run-card.js';
import { getRun, listRuns } from '../targets/targets-api.js';

const step = 12;
const most = 96;

/** The newest runs of a target, each with its picture. @param {string} id */
export function runListView(id) {
  /** @type {Map<string, import('./run-card.js').RunCard>} */
  const cards = new Map();
  let limit = step;
  const list = h('ol', { class: 'runs' });
  const note = h('p', { class: 'help' }, 'Loading …');
  const refresh = async () => {
    const { runs, hasMore } = await listRuns(id, limit);
    const shown = runs.map((run) => {
      const card = cards.get(run.run) ?? runCard(id, run.run);
      cards.set(run.run, card);
      return { run, card };
    });
    // A run that has ended no longer changes.
    await Promise.all(
      shown.map(async ({ run, card }) => {
        if (!card.isComplete()) card.update(await getRun(id, run.run));
      }),
    );
    setChildren(
      list,
      shown.map(({ card }) => card.element),
    );
    setText(note, runs.length === 0 ? 'No runs yet. Start a test in Locust, and it appears here within seconds.' : '');
    more.hidden = !hasMore || limit >= most;
  };
  const older = () => {
    limit = Math.min(most, limit + step);
    more.disabled = true;
    // What goes wrong here goes wrong again at the next refresh, which shows it.
    void refresh()
      .catch(() => {})
      .finally(() => (more.disabled = false));
  };
  const more = button('Older runs', older, { hidden: true });
  const element = h('section', { class: 'run-list' }, h('h2', {}, 'Runs'), note, list, more);
  return { element, refresh };
}
