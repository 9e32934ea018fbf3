import { createRoute, z } from '@hono/zod-openapi';
import { verdictOf } from '../../runs/records/stored-run.ts';
import type { StoredRun } from '../../runs/records/stored-run.ts';
import type { ApiPorts } from '../api-ports.ts';
import { verdictAnswer } from '../answers.ts';
import { onlyFields } from '../http/only-fields.ts';
import { ProblemError } from '../http/problem.ts';
import { commonProblems, idParam, json, notFoundProblem, problem, security } from '../http/route-parts.ts';
import type { ApiApp } from '../http/route-parts.ts';
import { findRun, runId } from './find-run.ts';
import { requireOwnRun, verdictForReporter } from './reporter-verdict.ts';
import { verdictAsJUnit, verdictAsMarkdown } from './verdict-texts.ts';
import type { ToldVerdict } from './verdict-texts.ts';

/** What may be asked for; how long it is really waited, `longestWaitMs` says. */
const maxWaitSeconds = 60;
/** Calls that wait at once: others are answered as it is now. */
const maxWaiting = 16;
/** So often it is looked whether the run has ended. */
const pollMs = 1_000;

const wait = z.coerce
  .number()
  .int()
  .min(0)
  .max(maxWaitSeconds)
  .default(0)
  .openapi({ type: 'integer', minimum: 0, maximum: maxWaitSeconds, default: 0 });

const text = { schema: z.string() };

const verdictRoute = createRoute({
  method: 'get',
  path: '/v1/targets/{id}/runs/{run}/verdict',
  summary: 'The verdict on a run, for CI',
  description:
    'Waits up to `wait` seconds for its end with `npm start`; on AWS it answers at once. Ask again at 409 `run-under-way`. As JSON, JUnit XML (`Accept: application/xml`) or Markdown (`Accept: text/markdown`). A reporter may ask for runs of targets that a reporter made, and sees why only where Locust itself has sent the final figures.',
  security,
  request: { params: z.object({ id: idParam, run: runId }), query: onlyFields({ wait }) },
  responses: {
    200: {
      description: 'The verdict',
      content: { ...json(verdictAnswer, '').content, 'application/xml': text, 'text/markdown': text },
    },
    ...notFoundProblem,
    409: problem('The run has not ended yet, or its target had no criteria'),
    ...commonProblems,
  },
});

/** `GET /v1/targets/{id}/runs/{run}/verdict`. */
type VerdictPorts = Pick<ApiPorts, 'history' | 'clock' | 'longestWaitMs' | 'edits' | 'runs'>;

export function addVerdictRoutes(app: ApiApp, ports: VerdictPorts): void {
  const { history } = ports;
  const untilEnded = createWaiting(ports);
  app.openapi(verdictRoute, async (context) => {
    const { id, run: name } = context.req.valid('param');
    const run = await findRun(history, id, name);
    const isReporter = context.get('role') !== 'admin';
    if (isReporter) await requireOwnRun(ports, run, name);
    const ended = await untilEnded(run, context.req.valid('query').wait * 1_000, context.req.raw.signal);
    if (isReporter && ended !== run) await requireOwnRun(ports, ended, name);
    const told = isReporter ? await verdictForReporter(ports, toldVerdict(ended)) : toldVerdict(ended);
    const wanted = context.req.header('accept') ?? '';
    if (/\bxml\b/.test(wanted)) {
      return context.body(verdictAsJUnit(told), 200, { 'content-type': 'application/xml; charset=utf-8' });
    }
    if (/\btext\/markdown\b/.test(wanted)) {
      return context.body(verdictAsMarkdown(told), 200, { 'content-type': 'text/markdown; charset=utf-8' });
    }
    const { verdict, target, run: runName } = told;
    return context.json({ target, run: runName, ...verdict }, 200);
  });
}

/** Waits for the end of a run. @returns the run as it is then */
function createWaiting({ history, clock, longestWaitMs }: Pick<ApiPorts, 'history' | 'clock' | 'longestWaitMs'>) {
  let waiting = 0;
  return async (run: StoredRun, forMs: number, gone: AbortSignal): Promise<StoredRun> => {
    if (waiting >= maxWaiting) return run;
    waiting += 1;
    try {
      let now = run;
      // By time that passes, not by the machine's clock, which may be set back.
      const polls = Math.floor(Math.min(forMs, longestWaitMs) / pollMs);
      for (let poll = 0; poll < polls && now.endedAt === undefined && !gone.aborted; poll += 1) {
        await clock.sleepUntil(clock.now() + pollMs, gone).catch(() => undefined);
        now = await findRun(history, run.target, run.run);
      }
      return now;
    } finally {
      waiting -= 1;
    }
  };
}

function toldVerdict(stored: StoredRun): ToldVerdict {
  const { target, run, startedAt, endedAt } = stored;
  const verdict = verdictOf(stored);
  if (endedAt === undefined) {
    const headers = { 'retry-after': '1' };
    throw new ProblemError('run-under-way', `Run ${run} of ${target} has not ended yet.`, { headers });
  }
  if (verdict === undefined) {
    throw new ProblemError('no-criteria', `The target ${target} had no criteria when run ${run} ended.`);
  }
  return { target, run, verdict, durationSeconds: (Date.parse(endedAt) - Date.parse(startedAt)) / 1_000 };
}
