import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Run } from '../run.ts';
import { storedRun, toRunItem } from '../records/stored-run.ts';
import type { RunOwner } from '../records/stored-run.ts';

/**
 * What can happen to a run. `corrected`: it had ended, and its figures, its end or its verdict are other ones now, as when
 * requests came in late. `resumed`: it had ended, and goes on after all.
 */
export const runEventNames = ['started', 'ended', 'corrected', 'resumed'] as const;
export type RunEventName = (typeof runEventNames)[number];

/** What is told of a run to whoever wants to know: below 256 kB, since verdicts and texts of runs have limits. */
export const runEvent = z.object({
  /** Goes up when a field gets another meaning; new fields may come at any time. */
  version: z.literal(1),
  /** The same for the same event, however often it is delivered. */
  id: z.string(),
  event: z.enum(runEventNames),
  /** One sentence for people. */
  text: z.string(),
  /** The run as the API has it, without its timeline. */
  run: storedRun.omit({ timeline: true }),
});

export type RunEvent = z.output<typeof runEvent>;

/**
 * What has happened to a run between two versions of its record. Pure.
 * @param change.before undefined: there was none
 * @returns undefined for what nobody waits for: one more sample, a label
 */
export function runEventOf(change: {
  readonly before: Run | undefined;
  readonly after: Run;
  readonly owner: RunOwner;
}): RunEvent | undefined {
  const { before, after, owner } = change;
  const event = nameOf(before, after);
  if (event === undefined) return undefined;
  const run = runEvent.shape.run.parse(toRunItem(after, owner, after.revision ?? 0));
  const content = { version: 1, event, text: textOf(event, run), run } as const;
  const id = createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 32);
  return { ...content, id };
}

function nameOf(before: Run | undefined, after: Run): RunEventName | undefined {
  const isOpen = after.ended === undefined;
  if (before === undefined) return isOpen ? 'started' : 'ended';
  if (before.ended === undefined) return isOpen ? undefined : 'ended';
  if (isOpen) return 'resumed';
  return resultOf(before) === resultOf(after) ? undefined : 'corrected';
}

/** What people wait for of a run's end. */
function resultOf({ ended, total }: Run): string {
  return JSON.stringify([ended?.atMs, ended?.outcome, ended?.verdict?.result, total.numRequests, total.numFailures]);
}

type ToldRun = RunEvent['run'];

function textOf(
  event: RunEventName,
  { target, run, outcome, verdict, total, verdictDetails: details }: ToldRun,
): string {
  const of = `run ${run} of ${target}`;
  if (event === 'started') return `${of} started`;
  if (event === 'resumed') return `${of} goes on after all`;
  const result = verdict === undefined ? (outcome ?? 'ended') : `${outcome ?? 'ended'}, verdict ${verdict}`;
  const counts = `${total.numRequests ?? 0} requests, ${total.numFailures ?? 0} failures`;
  const why = details?.rules.find((rule) => rule.result !== 'passed')?.text ?? details?.doubts[0];
  return `${of} ${event === 'corrected' ? 'corrected: ' : ''}${result}, ${counts}${why === undefined ? '' : `: ${why}`}`;
}
