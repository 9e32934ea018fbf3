import * as z from 'zod';

const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

const windowInput = z.object({
  scheduledTime: instant.optional(),
  from: instant.optional(),
  shard: z.int().min(0).default(0),
  shards: z.int().min(1).max(1000).default(1),
});

const queued = z.object({ Records: z.array(z.object({ body: z.string() })).min(1) });

/** What one invocation is asked to collect: a window of the schedule, or a look that a window asked for. */
export interface WindowInput {
  /** When the schedule meant the window to begin, ms; undefined: now. */
  readonly scheduledMs: number | undefined;
  /** The instant of the look, ms; undefined: the schedule's own window. */
  readonly fromMs: number | undefined;
  readonly shard: number;
  readonly shards: number;
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
  const { scheduledTime, from, shard, shards } = parsed.data;
  if (shard >= shards) throw new Error(`the collector's input is wrong: shard ${shard} is not below shards ${shards}`);
  return { scheduledMs: scheduledTime, fromMs: from, shard, shards };
}
