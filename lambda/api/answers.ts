import { z } from '@hono/zod-openapi';
import { verdict } from '../runs/criteria/verdict.ts';
import { runResult } from '../runs/records/run-result.ts';
import { storedRun } from '../runs/records/stored-run.ts';
import { statusForReporter } from '../targets/reporter-status.ts';
import { sampleSecondsChoices, storedFields, targetStatus } from '../targets/target.ts';
import type { Target } from '../targets/target.ts';
import { lastWindow } from '../windows/last-windows.ts';

// What the registry made before OpenAPI was taught to zod does not know `openapi`; its clones do.
const { id, source, project, enabled, sampleSeconds, states, tags, tls, expiresAt } = storedFields.shape;
const { maxEndpoints, maxErrors, criteria, baseline, host, auth, headers } = storedFields.shape;
const { createdAt, updatedAt, version, owner } = storedFields.shape;

const failure = z
  .object({ kind: z.string().openapi({ example: 'refused' }), message: z.string() })
  .openapi('Failure', { description: 'Why there is no report; never anything of what was answered.' });

/** A target as answers show it: secrets are not among its fields. */
export const targetAnswer = z
  .object({
    id,
    source: source.unwrap().clone().openapi({ description: 'How its reports come.' }),
    url: z.string().optional().openapi({ description: 'Absent where it reports by itself.' }),
    project,
    enabled: enabled.unwrap(),
    sampleSeconds: sampleSeconds
      .unwrap()
      .clone()
      .openapi({ type: 'integer', enum: [...sampleSecondsChoices] }),
    states: states.unwrap(),
    tags: tags.unwrap(),
    host,
    auth: auth.clone().openapi({ description: 'How the collector proves itself; the secret itself is never shown.' }),
    headers: headers
      .unwrap()
      .clone()
      .openapi({ description: 'Names of extra request headers; values are never shown.' }),
    tls,
    maxEndpoints: maxEndpoints.unwrap(),
    maxErrors: maxErrors.unwrap(),
    criteria: criteria
      .unwrap()
      .clone()
      .openapi({ items: { type: 'string' } }),
    baseline,
    expiresAt,
    createdAt,
    updatedAt,
    version,
    owner: owner.unwrap().clone().openapi({ description: 'Whose token made the target.' }),
    status: targetStatus.omit({ failing: true }).optional().openapi({ description: 'What collection last saw.' }),
  })
  .openapi('Target');

export type TargetAnswer = z.output<typeof targetAnswer>;

/** Takes over what is to be shown, field by field: what else is stored is not. */
export function toTargetAnswer(target: Target): TargetAnswer {
  return targetAnswer.parse(target);
}

/** The same for the reporter that made it: of its status, what does not depend on how attempts to read it fail. */
export function toReporterAnswer(target: Target, nowMs: number): TargetAnswer {
  const answer = toTargetAnswer(target);
  const shown = target.status && statusForReporter(target.status, nowMs);
  return { ...answer, status: shown };
}

/**
 * The same for the answer of a reporter's write: of the status, only which run it is in, and when something was last
 * heard of that.
 */
export function toReporterWritten(target: Target, nowMs: number): TargetAnswer {
  const { status, ...answer } = toReporterAnswer(target, nowMs);
  if (status?.run === undefined) return answer;
  const { run, checkedAt, since } = status;
  return { ...answer, status: { run, checkedAt, since } };
}

/** The answer of a write. */
export const writtenTarget = targetAnswer
  .extend({
    warnings: z.array(failure).openapi({ description: 'What keeps the target from being collected as it is now.' }),
  })
  .openapi('WrittenTarget');

const cursor = z.string().optional().openapi({ description: 'Send it for the next page; absent on the last one.' });

export const targetListAnswer = z
  .object({
    targets: z.array(targetAnswer),
    unfit: z.array(z.object({ id: z.string(), problem: z.string() })).openapi({
      description: 'Stored items that are no targets; only where neither project nor enabled is asked for.',
    }),
    cursor,
  })
  .openapi('TargetList');

const begin = {
  startedAt: storedRun.shape.startedAt.clone().openapi({ description: 'When it was first seen.' }),
  beganAt: storedRun.shape.beganAt.unwrap().clone().optional().openapi({
    description: 'When it truly began, where Locust proves that it was before it was first seen.',
  }),
};

const runSummary = storedRun.omit({ timeline: true, verdictDetails: true }).extend(begin).openapi('RunSummary');

export const runListAnswer = z.object({ runs: z.array(runSummary), cursor }).openapi('RunList');

export const runAnswer = storedRun
  .extend({
    ...begin,
    timeline: z.array(z.array(z.number().nullable()).length(6)).openapi({
      description:
        '[seconds since startedAt, users, requests/s, failures/s, p50 ms, p95 ms]; below 0 what Locust itself has kept of ' +
        'the time before',
    }),
  })
  .extend({
    final: runResult.optional().openapi({ description: 'The final figures; absent until the run has ended.' }),
  })
  .openapi('Run');

/** Of a verdict: how the run was, and why. */
export const verdictAnswer = verdict.extend({ target: z.string(), run: z.string() }).openapi('Verdict');

const attempt = { checkedAt: z.iso.datetime(), durationMs: z.number() };

export const checkAnswer = z
  .discriminatedUnion('reachable', [
    z.object({
      reachable: z.literal(true),
      ...attempt,
      sizeBytes: z.number(),
      dialect: z
        .string()
        .openapi({ example: 'Locust 2.45.0 or later', description: "Guessed from the answer's keys." }),
      state: z.string(),
      users: z.number().nullable(),
      endpoints: z.number(),
      badRows: z.number().openapi({ description: 'Rows of the answer that are no rows, and were left out.' }),
      notices: z
        .array(z.string())
        .openapi({ description: 'What of the answer cannot be stored, and which limit it is beyond.' }),
      writes: z.boolean().openapi({ description: 'Whether samples are written in this state.' }),
      preview: z
        .object({ lines: z.array(z.string()), total: z.number() })
        .openapi({ description: 'The first lines of line protocol that a sample is (or would be) written as.' }),
    }),
    z.object({ reachable: z.literal(false), ...attempt, failure }),
  ])
  .openapi('Check');

export type CheckAnswer = z.output<typeof checkAnswer>;
export type FailureAnswer = z.output<typeof failure>;

const adminOnly = 'With the admin token only.';

export const healthAnswer = z
  .object({
    status: z.enum(['ok', 'rejecting']).openapi({
      description:
        'The API answers. `rejecting`, with the admin token only: in the last windows InfluxDB rejected the total of every sample for good; the dead letters say why.',
    }),
    collecting: z
      .boolean()
      .optional()
      .openapi({ description: `${adminOnly} Whether every shard ended a window in the last three minutes.` }),
    lastWindow: lastWindow
      .extend({})
      .nullable()
      .optional()
      .openapi({
        description: `${adminOnly} The last window; of several shards, that of the one that is the furthest behind. null before the first.`,
      }),
    targets: z
      .object({
        total: z.number(),
        unfit: z.number().openapi({ description: 'Stored items that are no targets.' }),
        byState: z.record(z.string(), z.number()),
      })
      .optional()
      .openapi({ description: adminOnly }),
  })
  .openapi('Health');

export const reportAnswer = z
  .object({
    run: z.string().nullable().openapi({ description: 'The run that the points belong to; null for none.' }),
    state: z.string(),
    points: z.number().openapi({ description: 'Points made of the report.' }),
    delivery: z.enum(['stored', 'waiting']).openapi({
      description: '`waiting`: InfluxDB did not take all of them, and the rest is delivered when it does.',
    }),
    rejected: z.number().optional().openapi({ description: 'Points that InfluxDB refuses; they are dead letters.' }),
  })
  .openapi('TakenReport');

export const problemAnswer = z
  .object({
    type: z.string().openapi({ example: 'urn:locust2influx:problem:invalid-request' }),
    title: z.string(),
    status: z.number(),
    detail: z.string(),
    instance: z.string().optional(),
    errors: z
      .array(z.object({ field: z.string(), in: z.enum(['body', 'query', 'path', 'header']), message: z.string() }))
      .optional(),
  })
  .openapi('Problem');
