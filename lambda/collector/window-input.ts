import * as z from 'zod';

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

const windowInput = z.object({
  scheduledTime: instant.optional(),
  from: instant.optional(),
  shard: z.int().min(0).default(0),
  shards: z.int().min(1).max(1000).default(1),
});

const queued = z.object({ Records: z.array(z.object({ body: z.string() })).min(1) });

/** What one invocation is asked to collect. */
export type WindowInput = ScheduledWindow | IdlePollOfWindow;

interface AnyWindow {
  /** When the schedule meant the window to begin, ms; undefined: now. */
  readonly scheduledAtMs: number | undefined;
  readonly shard: number;
  readonly shards: number;
}

/** A window of the schedule. */
export interface ScheduledWindow extends AnyWindow {
  readonly kind: 'scheduled';
}

/** An idle poll that a window asked for, or, without a scheduled time, an edit; where it finds a test, it samples to the window's end. */
export interface IdlePollOfWindow extends AnyWindow {
  readonly kind: 'idle-poll';
  /** The instant of the poll, ms. */
  readonly pollAtMs: number;
}

/**
 * Reads a Lambda event: the schedule's `{ scheduledTime, from, shard, shards }`, all optional, or SQS records of that.
 * @throws Error that names the field and what is allowed.
 */
export function parseInput(event: unknown): readonly WindowInput[] {
  const records = queued.safeParse(event);
  if (!records.success) return [parseWindow(event ?? {})];
  return records.data.Records.map(({ body }) => parseWindow(parseBody(body)));
}

function parseBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new Error('the message body is not JSON; expected {"scheduledTime", "from", "shard", "shards"}');
  }
}

function parseWindow(value: unknown): WindowInput {
  const parsed = windowInput.safeParse(value);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'event'}: ${message}`);
    throw new Error(`the collector's input is wrong: ${problems.join('; ')}`);
  }
  const { scheduledTime: scheduledAtMs, from: pollAtMs, shard, shards } = parsed.data;
  if (shard >= shards) throw new Error(`the collector's input is wrong: shard ${shard} is not below shards ${shards}`);
  const window = { scheduledAtMs, shard, shards };
  return pollAtMs === undefined ? { kind: 'scheduled', ...window } : { kind: 'idle-poll', ...window, pollAtMs };
}

/**
 * The instant that a window counts as scheduled for, ms. An idle poll that no window asked for comes right before the
 * window of its minute, so that it hands over to that one, should it come later.
 */
export function scheduledAt({ kind, scheduledAtMs }: WindowInput, nowMs: number): number {
  if (scheduledAtMs !== undefined) return scheduledAtMs;
  return kind === 'scheduled' ? nowMs : Math.floor(nowMs / 60_000) * 60_000 - 1;
}
