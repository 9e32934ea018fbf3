import type { Run } from '../run.ts';
import type { RunRecords } from '../records/runs.ts';
import type { RunOwner } from '../records/stored-run.ts';
import { runEventOf } from './run-event.ts';
import type { RunEvent } from './run-event.ts';

/** Runs whose record is remembered, so that what is written again is told once: those that changed last. */
const maxRemembered = 10_000;

/** Up to which version of its record everything of a run is told. */
interface Told {
  readonly run: Run;
  readonly hasStarted: boolean;
}

interface Listener {
  /** Must neither throw nor keep anybody waiting. */
  tell(event: RunEvent): void;
  /** An event could not be made; what was written stands. */
  failed(error: unknown): void;
}

/**
 * The same records, but what happens to runs is told once it is on record. Whoever writes runs in this process must
 * write them through this. Answers may come in another order than the writes were done in.
 */
export function watchRuns(records: RunRecords, listener: Listener): RunRecords {
  const told = new Map<string, Told>();
  const saving = new Map<string, number>();
  const keyOf = (target: string, { id }: Run): string => `${target} ${id}`;
  const remember = (key: string, next: Told): void => {
    told.delete(key);
    told.set(key, next);
    const [oldest] = told.keys();
    if (told.size > maxRemembered && oldest !== undefined) told.delete(oldest);
  };
  /** What a read shows may be what a save of this process has just written, whose answer is still to come. */
  const see = (target: string, run: Run): void => {
    const key = keyOf(target, run);
    if (!told.has(key) && !saving.has(key)) remember(key, { run, hasStarted: true });
  };
  const telling = async (run: Run, owner: RunOwner, save: () => Promise<Run | undefined>): Promise<Run | undefined> => {
    const key = keyOf(owner.target, run);
    const before = told.get(key);
    saving.set(key, (saving.get(key) ?? 0) + 1);
    let saved: Run | undefined;
    try {
      saved = await save();
    } finally {
      const left = (saving.get(key) ?? 1) - 1;
      if (left > 0) saving.set(key, left);
      else saving.delete(key);
    }
    if (saved === undefined) return undefined;
    // A first version after an end: the record was removed meanwhile, and this is another one.
    if (saved.revision === 1 && before?.run.ended !== undefined) told.delete(key);
    try {
      remember(key, tellOf(saved, owner, { before: told.get(key), listener }));
    } catch (error) {
      listener.failed(error);
    }
    return saved;
  };
  return {
    ...records,
    async read(keys) {
      const read = await records.read(keys);
      for (const [target, run] of read) see(target, run);
      return read;
    },
    async newest(target, untilMs) {
      const run = await records.newest(target, untilMs);
      if (run !== undefined) see(target, run);
      return run;
    },
    save: (run, owner) => telling(run, owner, () => records.save(run, owner)),
    replace: (run, owner, before) => telling(run, owner, () => records.replace(run, owner, before)),
  };
}

/** Tells what is new in a version of a record. @returns up to where everything is told then */
function tellOf(
  after: Run,
  owner: RunOwner,
  { before, listener }: { readonly before: Told | undefined; readonly listener: Listener },
): Told {
  const isFirst = after.revision === 1;
  const isOld = before !== undefined && (after.revision ?? 0) <= (before.run.revision ?? 0);
  if (isOld) {
    // Newer ones are told already, and of them only the first says that the run has started.
    if (!isFirst || before.hasStarted || after.ended !== undefined) return before;
    const started = runEventOf({ before: undefined, after, owner });
    if (started !== undefined) listener.tell(started);
    return { ...before, hasStarted: true };
  }
  // Of a record that this process has never seen nobody knows what is new in it, but for its end.
  const isKnown = before !== undefined || isFirst || after.ended !== undefined;
  const event = isKnown ? runEventOf({ before: before?.run, after, owner }) : undefined;
  if (event !== undefined) listener.tell(event);
  return { run: after, hasStarted: before?.hasStarted === true || isFirst };
}
