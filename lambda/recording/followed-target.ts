import type { Target, TargetStatus } from '../targets/target.ts';
import { mergeRuns } from '../runs/records/merge-runs.ts';
import type { Run } from '../runs/run.ts';
import { unrecordedRun } from '../runs/unrecorded-run.ts';

/** What is known of a target's run. */
export type RunKnowledge =
  | { readonly kind: 'no-run' }
  | { readonly kind: 'under-way'; readonly run: Run }
  /** The target was removed meanwhile. */
  | { readonly kind: 'removed' };

/** What is known of a target while its scrapes are recorded. */
export interface FollowedState {
  readonly run: RunKnowledge;
  /** The status that stands in the table, as far as is known. */
  readonly stored: TargetStatus | undefined;
  /** The status after the last scrape, which may not be in the table yet. */
  readonly latest: TargetStatus | undefined;
  /** A run that has ended on record, but whose target's status still names it: nobody may have written its stop. */
  readonly endOnRecord?: Run | undefined;
}

/** The kind of the failure, and of the notice, where two Locusts answer in turn. */
export const twoLocusts = 'two-locusts';

const noRun = { kind: 'no-run' } as const;

/** A target with its run and its status. It alone changes them: each method is something that happened to it. */
export class FollowedTarget<Followed extends Target = Target> {
  #target: Followed;
  #state: FollowedState;
  #anotherSeenAtMs: number | undefined;
  #endedRun: Run | undefined;

  constructor(target: Followed, state: FollowedState) {
    this.#target = target;
    this.#state = state;
  }

  get target(): Followed {
    return this.#target;
  }

  get state(): FollowedState {
    return this.#state;
  }

  /** The run under way. */
  get run(): Run | undefined {
    const { run } = this.#state;
    return run.kind === 'under-way' ? run.run : undefined;
  }

  /** The last run that was under way here and is no longer, as it was then. */
  get endedRun(): Run | undefined {
    return this.#endedRun;
  }

  get stored(): TargetStatus | undefined {
    return this.#state.stored;
  }

  get latest(): TargetStatus | undefined {
    return this.#state.latest;
  }

  /** Hands out, once, the run whose end is on record but may not be among the lines. */
  takeEndOnRecord(): Run | undefined {
    const { endOnRecord } = this.#state;
    if (endOnRecord !== undefined) this.#state = { ...this.#state, endOnRecord: undefined };
    return endOnRecord;
  }

  get isRemoved(): boolean {
    return this.#state.run.kind === 'removed';
  }

  /** When two Locusts were last seen to answer in turn, ms; -Infinity for never. What the window before saw counts as seen first now. */
  anotherSeenAtMs(nowMs: number): number {
    this.#anotherSeenAtMs ??= this.stored?.notice?.kind === twoLocusts ? nowMs : -Infinity;
    return this.#anotherSeenAtMs;
  }

  /** Another Locust has answered than that of its run. */
  anotherAnswered(atMs: number): void {
    this.#anotherSeenAtMs = atMs;
  }

  /** Somebody has changed its settings. Not while it is being scraped: an answer belongs to the settings it was asked with. */
  edited(target: Followed): void {
    this.#target = target;
  }

  /** A scrape gave this status. */
  scraped(latest: TargetStatus): void {
    this.#state = { ...this.#state, latest };
  }

  /** A step was applied: its run goes on, has begun, or is over. @returns the run that began */
  stepApplied(next: Run | undefined): Run | undefined {
    const { run: before } = this.#state;
    const goesOn = before.kind === 'under-way' && before.run.id === next?.id;
    if (next === undefined) this.#know(noRun);
    else this.#know({ kind: 'under-way', run: next });
    return goesOn ? undefined : next;
  }

  /** The status that the table holds now: this one's own write, or another's that says the same of the run. */
  statusStored(stored: TargetStatus | undefined): void {
    this.#state = { ...this.#state, stored };
  }

  /** Another was first, and its run is the one that counts. @param run undefined: the target is in none */
  anotherWasFirst(run: Run | undefined): void {
    this.#know(run === undefined ? noRun : { kind: 'under-way', run });
  }

  /** Its run is on record, with what others have put there, which is known from now on. */
  runSaved(saved: Run): void {
    const { run } = this;
    if (run?.id !== saved.id || saved.ended !== undefined) return;
    const merged = mergeRuns(saved, run);
    if (merged !== undefined) this.#know({ kind: 'under-way', run: { ...merged, revision: saved.revision } });
  }

  /** Its run goes on, though its target had lost sight of it, or it was given up for lost. */
  resumed(run: Run): void {
    this.#know({ kind: 'under-way', run });
  }

  removed(): void {
    this.#know({ kind: 'removed' });
  }

  #know(run: RunKnowledge): void {
    const before = this.run;
    if (before !== undefined && (run.kind !== 'under-way' || run.run.id !== before.id)) this.#endedRun = before;
    this.#state = { ...this.#state, run };
  }
}

/**
 * What the tables say of a target.
 * @param records the records of the runs under way by target; undefined when they could not be read
 * @param nowMs the present instant
 */
export function stateFromTables(
  { id, status }: Target,
  records: ReadonlyMap<string, Run> | undefined,
  nowMs: number,
): FollowedState {
  const record = records?.get(id);
  const run = runUnderWay(status, record, nowMs);
  return {
    run: run === undefined ? noRun : { kind: 'under-way', run },
    stored: status,
    latest: status,
    ...(status?.run !== undefined && record?.ended !== undefined && { endOnRecord: record }),
  };
}

/** The same, ready to be followed. */
export function followedTarget(
  target: Target,
  records: ReadonlyMap<string, Run> | undefined,
  nowMs: number,
): FollowedTarget {
  return new FollowedTarget(target, stateFromTables(target, records, nowMs));
}

/** A record that says the run has ended is right, though the status still names it: its write failed. */
function runUnderWay(status: TargetStatus | undefined, record: Run | undefined, nowMs: number): Run | undefined {
  if (status?.run === undefined || record?.ended !== undefined) return undefined;
  return record ?? runFromStatus(status, status.run, nowMs);
}

/** The run that a status names, where its record is not at hand. A failing target last answered before it failed. */
export function runFromStatus({ error, checkedAt, since }: TargetStatus, run: string, nowMs: number): Run {
  const lastGoodAt = error === undefined ? checkedAt : since;
  return unrecordedRun(run, { lastGoodAtMs: Math.min(nowMs, Date.parse(lastGoodAt)) });
}
