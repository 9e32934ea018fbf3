import * as z from 'zod';
import { verdictDetails, verdictResults } from '../criteria/verdict.ts';
import type { Verdict } from '../criteria/verdict.ts';
import { runOutcomes } from '../run.ts';
import type { Run } from '../run.ts';
import { fromStoredFigures, storedFigures, toStoredFigures } from './stored-figures.ts';
import { tally } from '../tally.ts';

const figure = z.number().optional();

/** The last total row of a run, under Locust's names and with its units. */
const storedTotal = storedFigures.extend({ currentRps: figure, currentFailPerSec: figure });

const nullable = z.number().nullable();
const timelineSample = z.tuple([z.number(), nullable, nullable, nullable, nullable, nullable]);

/** What the tester asked Locust for, when the run began; what is not known is absent. */
const setupFields = {
  /** The system under test. */
  host: z.string().optional(),
  users: figure,
  /** Per second. */
  spawnRate: figure,
  runTimeSeconds: figure,
  locustfile: z.string().optional(),
  locustVersion: z.string().optional(),
  /** What a person should know of how the run was recorded. */
  notes: z.array(z.string()).optional(),
};

/** A run on record. */
export const storedRun = z.object({
  target: z.string(),
  run: z.string(),
  project: z.string(),
  /** Whose target it was when it was first put on record; older records lack it, and only an admin sees them. */
  owner: z.enum(['admin', 'reporter']).default('admin'),
  /** When it was first seen. */
  startedAt: z.iso.datetime(),
  /** When it truly began, where that is known to be before it was first seen. */
  beganAt: z.iso.datetime().optional(),
  lastGoodAt: z.iso.datetime(),
  lastState: z.string(),
  endedAt: z.iso.datetime().optional(),
  outcome: z.enum(runOutcomes).optional(),
  ...setupFields,
  total: storedTotal,
  peakUsers: z.number(),
  tally: tally.optional(),
  tags: z.record(z.string(), z.string()).optional(),
  /** Of a run that has ended, where its target had criteria. */
  verdict: z.enum(verdictResults).optional(),
  verdictDetails: verdictDetails.optional(),
  /** What people call it, and what they remarked. */
  label: z.string().optional(),
  note: z.string().optional(),
  timeline: z.array(timelineSample),
});

export type StoredRun = z.output<typeof storedRun>;

/** A timeline is one text in the table: as a list of lists it is the costliest thing that a window writes. */
const runItem = storedRun.extend({
  timeline: z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'not JSON' });
        return z.NEVER;
      }
    })
    .pipe(storedRun.shape.timeline),
  /** What the next sample is compared with, ms; older records, and releases that do not tell the age, lack it. */
  countersAgeMs: figure,
  movedAt: z.iso.datetime().optional(),
  countedAt: z.iso.datetime().optional(),
  closedAt: z.iso.datetime().optional(),
  hasUntimedRequests: z.boolean().optional(),
  hasBeenSetBack: z.boolean().optional(),
  /** How often the record was written; those that were written before this was counted have none. */
  revision: z.number().default(0),
});

/** A run as the table's item. */
export type RunItem = z.input<typeof runItem>;

/** Undefined for an item that is no valid run. */
export function parseRunItem(item: unknown): z.output<typeof runItem> | undefined {
  const parsed = runItem.safeParse(item);
  return parsed.success ? parsed.data : undefined;
}

/** A run's key and project, which the run itself does not know. */
export interface RunOwner {
  readonly target: string;
  readonly project: string;
  /** Default: an admin. */
  readonly owner?: 'admin' | 'reporter';
}

/** @param revision how often the record will have been written then */
export function toRunItem(run: Run, owner: RunOwner, revision: number): RunItem {
  const { currentRps, currentFailPerSec } = run.total;
  return {
    ...owner,
    ...(run.owner !== undefined && { owner: run.owner }),
    run: run.id,
    startedAt: iso(run.startedAtMs),
    ...(run.beganAtMs !== undefined && { beganAt: iso(run.beganAtMs) }),
    lastGoodAt: iso(run.lastGoodAtMs),
    lastState: run.lastState,
    ...(run.ended !== undefined && { endedAt: iso(run.ended.atMs), outcome: run.ended.outcome }),
    ...(run.ended?.verdict !== undefined && storedVerdict(run.ended.verdict)),
    ...run.setup,
    ...(run.notes !== undefined && { notes: [...run.notes] }),
    total: { ...toStoredFigures(run.total), currentRps, currentFailPerSec },
    peakUsers: run.peakUsers,
    ...(run.tally !== undefined && { tally: run.tally }),
    ...(run.tags !== undefined && { tags: run.tags }),
    ...(run.label !== undefined && { label: run.label }),
    ...(run.note !== undefined && { note: run.note }),
    timeline: JSON.stringify(run.timeline),
    ...(run.countersAgeMs !== undefined && { countersAgeMs: run.countersAgeMs }),
    ...(run.movedAtMs !== undefined && { movedAt: iso(run.movedAtMs) }),
    ...(run.countedAtMs !== undefined && { countedAt: iso(run.countedAtMs) }),
    ...(run.closedAtMs !== undefined && { closedAt: iso(run.closedAtMs) }),
    ...(run.hasUntimedRequests === true && { hasUntimedRequests: true }),
    ...(run.hasBeenSetBack === true && { hasBeenSetBack: true }),
    revision,
  };
}

export function fromStored(stored: z.output<typeof runItem>): Run {
  const { total } = stored;
  const atMs = stored.endedAt === undefined ? undefined : Date.parse(stored.endedAt);
  return {
    id: stored.run,
    startedAtMs: Date.parse(stored.startedAt),
    ...(stored.beganAt !== undefined && { beganAtMs: Date.parse(stored.beganAt) }),
    lastGoodAtMs: Date.parse(stored.lastGoodAt),
    lastState: stored.lastState,
    total: {
      ...fromStoredFigures(total),
      currentRps: total.currentRps,
      currentFailPerSec: total.currentFailPerSec,
    },
    peakUsers: stored.peakUsers,
    tally: stored.tally,
    tags: stored.tags,
    label: stored.label,
    note: stored.note,
    timeline: stored.timeline,
    countersAgeMs: stored.countersAgeMs,
    movedAtMs: stored.movedAt === undefined ? undefined : Date.parse(stored.movedAt),
    countedAtMs: stored.countedAt === undefined ? undefined : Date.parse(stored.countedAt),
    closedAtMs: stored.closedAt === undefined ? undefined : Date.parse(stored.closedAt),
    hasUntimedRequests: stored.hasUntimedRequests,
    hasBeenSetBack: stored.hasBeenSetBack,
    revision: stored.revision,
    ...(stored.owner === 'reporter' && { owner: stored.owner }),
    ...setupAndNotes(stored),
    ...(atMs !== undefined && {
      ended: { atMs, outcome: stored.outcome ?? 'finished', verdict: verdictOf(stored) },
    }),
  };
}

/** What lists need, and what they do not. */
function storedVerdict({ result, ...details }: Verdict): Pick<StoredRun, 'verdict' | 'verdictDetails'> {
  return { verdict: result, verdictDetails: details };
}

/** Undefined where the run has none. */
export function verdictOf({ verdict, verdictDetails: details }: StoredRun): Verdict | undefined {
  return verdict && { result: verdict, ...(details ?? { rules: [], doubts: [] }) };
}

function setupAndNotes(stored: StoredRun): Pick<Run, 'setup' | 'notes'> {
  const { host, users, spawnRate, runTimeSeconds, locustfile, locustVersion, notes } = stored;
  const setup = {
    ...(host !== undefined && { host }),
    ...(users !== undefined && { users }),
    ...(spawnRate !== undefined && { spawnRate }),
    ...(runTimeSeconds !== undefined && { runTimeSeconds }),
    ...(locustfile !== undefined && { locustfile }),
    ...(locustVersion !== undefined && { locustVersion }),
  };
  return { ...(Object.keys(setup).length > 0 && { setup }), ...(notes !== undefined && { notes }) };
}

const iso = (instantMs: number): string => new Date(instantMs).toISOString();
