import { createRoute, z } from '@hono/zod-openapi';
import { isDeadLetterId } from '../../influx/spool/dead-letters.ts';
import type { DeadLetter, DeadLetters } from '../../influx/spool/dead-letters.ts';
import { Unreadable } from '../../influx/spool/stored-object.ts';
import type { ApiPorts } from '../api-ports.ts';
import { fromCursor, toCursor } from '../http/cursor.ts';
import { onlyFields } from '../http/only-fields.ts';
import { ProblemError } from '../http/problem.ts';
import { commonProblems, json, notFoundProblem, pageQuery, problem, security } from '../http/route-parts.ts';
import type { ApiApp } from '../http/route-parts.ts';

const path = '/v1/dead-letters';
/** A letter may hold 5,000 lines; a person reads the first. */
const maxLinesShown = 20;
/** Of each line; a page of a hundred letters stays well below what Lambda answers with. */
const maxShownLength = 1_000;
/** As many as one call has time for. */
const maxAtOnce = 100;

const letterId = z
  .string()
  .refine(isDeadLetterId, 'a dead letter’s id looks like 20261122T140510.250Z-0123456789abcdef')
  .openapi({ param: { name: 'id', in: 'path' }, example: '20261122T140510.250Z-0123456789abcdef' });

const letterAnswer = z
  .object({
    id: z.string(),
    at: z.iso
      .datetime()
      .openapi({ description: 'When InfluxDB rejected the lines; of what cannot be read, when it was written.' }),
    status: z.number().optional().openapi({ description: 'The status that it answered with.', example: 422 }),
    reason: z.string().openapi({ description: "InfluxDB's own words, or why it cannot be read." }),
    points: z.number().openapi({ description: 'How many lines it holds.' }),
    lines: z
      .array(z.string())
      .openapi({ description: `The first ${maxLinesShown} of them, of each the first ${maxShownLength} characters.` }),
    unreadableBytes: z.number().optional().openapi({
      description: 'The size of what waited for InfluxDB and was found damaged. It lies there as it is, under its id.',
    }),
  })
  .openapi('DeadLetter');

const letterListAnswer = z
  .object({
    deadLetters: z.array(letterAnswer),
    total: z.number().optional().openapi({ description: 'How many there are on all pages; absent beyond 1,000.' }),
    cursor: z.string().optional().openapi({ description: 'Send it for the next page; absent on the last one.' }),
  })
  .openapi('DeadLetterList');

const handledAnswer = z
  .object({
    handled: z.number().openapi({ description: 'How many dead letters this call took off.' }),
    unreadable: z.number().optional().openapi({ description: 'How many stay, for they cannot be read.' }),
    hasMore: z.boolean().openapi({ description: 'True when there are more: call again.' }),
  })
  .openapi('DeadLettersHandled');

const listRoute = createRoute({
  method: 'get',
  path,
  summary: 'Points that InfluxDB rejected, the oldest first',
  description: 'They are kept for 30 days.',
  security,
  request: { query: onlyFields(pageQuery) },
  responses: { 200: json(letterListAnswer, 'One page'), ...commonProblems },
});

const one = { security, request: { params: z.object({ id: letterId }) } };
const doneOrMissing = { 204: { description: 'Done' }, ...notFoundProblem, ...commonProblems };
const all = { security, responses: { 200: json(handledAnswer, `At most ${maxAtOnce} at once`), ...commonProblems } };

const replayRoute = createRoute({
  method: 'post',
  path: `${path}/{id}/replay`,
  summary: 'Send the points again',
  description: 'They join those that wait for InfluxDB: within 5 minutes they are stored, or rejected once more.',
  ...one,
  responses: { ...doneOrMissing, 409: problem('It cannot be read, so there is nothing to send; it stays') },
});
const dropRoute = createRoute({
  method: 'delete',
  path: `${path}/{id}`,
  summary: 'Forget the points',
  ...one,
  responses: doneOrMissing,
});
const replayAllRoute = createRoute({
  method: 'post',
  path: `${path}/replay`,
  summary: 'Send all points again',
  ...all,
});
const dropAllRoute = createRoute({ method: 'delete', path, summary: 'Forget all points', ...all });

/** `/v1/dead-letters`: list, replay and drop, one by one or all. */
export function addDeadLetterRoutes(
  app: ApiApp,
  { deadLetters, clock }: { readonly deadLetters: DeadLetters; readonly clock: ApiPorts['clock'] },
): void {
  app.openapi(listRoute, async (context) => {
    const { limit, cursor } = context.req.valid('query');
    const query = ['dead-letters'];
    const from = cursor === undefined ? undefined : fromCursor(cursor, query);
    const [{ letters, last }, total] = await Promise.all([
      deadLetters.list({ limit, after: from?.last }),
      deadLetters.count(),
    ]);
    const next =
      last === undefined ? {} : { cursor: toCursor({ last, seen: (from?.seen ?? 0) + letters.length }, query) };
    return context.json({ deadLetters: letters.map(toAnswer), ...(total !== undefined && { total }), ...next }, 200);
  });
  app.openapi(replayAllRoute, async (context) => {
    return context.json(await replayAll(deadLetters, clock.now()), 200);
  });
  app.openapi(dropAllRoute, async (context) => {
    const { letters, last } = await deadLetters.list({ limit: maxAtOnce });
    const dropped = await Promise.all(letters.map(({ id }) => deadLetters.drop(id)));
    return context.json({ handled: dropped.filter(Boolean).length, hasMore: last !== undefined }, 200);
  });
  app.openapi(replayRoute, async (context) => {
    const { id } = context.req.valid('param');
    if (!(await deadLetters.replay(id, clock.now()).catch(refuseUnreadable))) throw missing(id);
    return context.body(null, 204);
  });
  app.openapi(dropRoute, async (context) => {
    const { id } = context.req.valid('param');
    if (!(await deadLetters.drop(id))) throw missing(id);
    return context.body(null, 204);
  });
}

/** Those that cannot be read are passed over, or they would be all that a call ever comes to. */
async function replayAll(deadLetters: DeadLetters, nowMs: number): Promise<z.input<typeof handledAnswer>> {
  let [handled, unreadableLetters] = [0, 0];
  for (let after: string | undefined; ;) {
    const { letters, last } = await deadLetters.list({ limit: maxAtOnce, after });
    const readable = letters.filter(({ kind }) => kind === 'rejected-lines');
    const replayed = await Promise.all(readable.map(({ id }) => deadLetters.replay(id, nowMs)));
    handled += replayed.filter(Boolean).length;
    unreadableLetters += letters.length - readable.length;
    const hasMore = last !== undefined;
    if (!hasMore || handled > 0) {
      return { handled, hasMore, ...(unreadableLetters > 0 && { unreadable: unreadableLetters }) };
    }
    after = last;
  }
}

function toAnswer(letter: DeadLetter): z.input<typeof letterAnswer> {
  const { id, atMs } = letter;
  const reason = cut(letter.reason);
  const at = new Date(atMs).toISOString();
  if (letter.kind === 'unreadable-entry') {
    return { id, at, unreadableBytes: letter.unreadableBytes, reason, points: 0, lines: [] };
  }
  const { status, lines } = letter;
  const shown = lines.slice(0, maxLinesShown).map(cut);
  return { id, at, ...(status !== undefined && { status }), reason, points: lines.length, lines: shown };
}

function cut(text: string): string {
  return text.length <= maxShownLength ? text : `${text.slice(0, maxShownLength).toWellFormed()} …`;
}

function refuseUnreadable(error: unknown): never {
  if (!(error instanceof Unreadable)) throw error;
  throw new ProblemError('unreadable-letter', `There is nothing to send: it ${error.message}. It stays.`);
}

function missing(id: string): ProblemError {
  return new ProblemError('not-found', `There is no dead letter ${id}. It may have been replayed or dropped.`);
}
