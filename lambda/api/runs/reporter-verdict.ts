import type { ApiPorts } from '../api-ports.ts';
import { requireOwner } from '../targets/edit-target.ts';
import { ProblemError } from '../http/problem.ts';
import { noSuchRun } from './find-run.ts';
import type { ToldVerdict } from './verdict-texts.ts';

// A reporter chooses which addresses are fetched. What the collector has read there is not for its eyes: names and figures
// of its own Locusts it knows already, because they send them.

/**
 * Refuses a run that began as another's, or whose target is another's by now. Which runs others have, a reporter does not
 * learn.
 * @throws ProblemError 404
 */
export async function requireOwnRun(
  { edits }: Pick<ApiPorts, 'edits'>,
  run: { readonly target: string; readonly owner: 'admin' | 'reporter' },
  asked: string,
): Promise<void> {
  if (run.owner !== 'reporter') throw noSuchRun(run.target, asked);
  const found = await edits.find(run.target);
  try {
    requireOwner('reporter', found);
  } catch (error) {
    throw error instanceof ProblemError ? noSuchRun(run.target, asked) : error;
  }
}

/** The verdict as its reporter may see it: all of it where Locust itself has sent the figures, else what it comes to. */
export async function verdictForReporter({ runs }: Pick<ApiPorts, 'runs'>, told: ToldVerdict): Promise<ToldVerdict> {
  const { target, run, verdict } = told;
  const { baseline, result } = verdict;
  const isSent = async (id: string): Promise<boolean> =>
    (await runs.read([{ target, run: id }])).get(target)?.closedAtMs !== undefined;
  if ((await isSent(run)) && (baseline === undefined || (await isSent(baseline)))) return told;
  return { ...told, verdict: { result, rules: [{ criterion: 'all criteria', result, text: hidden }], doubts: [] } };
}

const hidden =
  'Why is on the run’s page, and for the admin token: the collector has read these figures, and the reporter token shows ' +
  'only those that the Locust itself has sent at the end of the test.';
