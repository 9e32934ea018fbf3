import type { Run } from '../run.ts';
import type { RunRecords } from '../records/runs.ts';
import type { RunOwner } from '../records/stored-run.ts';
import { runEventOf } from './run-event.ts';
import type { RunEvent } from './run-event.ts';

/** Runs whose record is remembered, so that what is written again is told once: those that changed last. */
const maxRemembered = 10_000;

/**
 * The same records, but what happens to runs is told once it is on record. Whoever writes runs in this process must
 * write them through this.
 * @param tell must neither throw nor keep anybody waiting
 */
export function watchRuns(records: RunRecords, tell: (event: RunEvent) => void): RunRecords {
  const known = new Map<string, Run>();
  const keyOf = (target: string, { id }: Run): string => `${target} ${id}`;
  const see = (target: string, run: Run): void => {
    const key = keyOf(target, run);
    // A read may be older than a write whose answer came first.
    if ((known.get(key)?.revision ?? 0) > (run.revision ?? 0)) return;
    known.delete(key);
    known.set(key, run);
    const [oldest] = known.keys();
    if (known.size > maxRemembered && oldest !== undefined) known.delete(oldest);
  };
  const saved = (run: Run | undefined, owner: RunOwner): Run | undefined => {
    if (run === undefined) return run;
    const before = known.get(keyOf(owner.target, run));
    see(owner.target, run);
    // A record that this process has never seen: without an end nobody knows what is new in it.
    const isFirst = run.revision === 1 || run.ended !== undefined;
    const event = before === undefined && !isFirst ? undefined : runEventOf({ before, after: run, owner });
    if (event !== undefined) tell(event);
    return run;
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
    save: async (run, owner) => saved(await records.save(run, owner), owner),
    replace: async (run, owner, before) => saved(await records.replace(run, owner, before), owner),
  };
}
