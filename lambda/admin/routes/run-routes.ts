import { createRoute, z } from '@hono/zod-openapi';
import type { AdminPorts } from '../admin-ports.ts';
import { runAnswer, runListAnswer } from '../answers.ts';
import { fromCursor, toCursor } from '../cursor.ts';
import { onlyFields } from '../only-fields.ts';
import { ProblemError } from '../problem.ts';
import { commonProblems, idParam, json, notFoundProblem, pageQuery, security } from './route-parts.ts';
import type { AdminApp } from './route-parts.ts';

const path = '/v1/targets/{id}/runs';

const runId = z
  .string()
  .regex(/^\d{8}T\d{6}Z$/, 'a run id looks like 20261122T140500Z')
  .openapi({ param: { name: 'run', in: 'path' }, example: '20261122T140500Z' });

const listRoute = createRoute({
  method: 'get',
  path,
  summary: "A target's runs, the newest first",
  description: 'Also of a target that was removed.',
  security,
  request: { params: z.object({ id: idParam }), query: onlyFields(pageQuery) },
  responses: { 200: json(runListAnswer, 'One page'), ...notFoundProblem, ...commonProblems },
});

const getRoute = createRoute({
  method: 'get',
  path: `${path}/{run}`,
  summary: 'One run with its timeline',
  security,
  request: { params: z.object({ id: idParam, run: runId }) },
  responses: { 200: json(runAnswer, 'The run'), ...notFoundProblem, ...commonProblems },
});

/** `GET /v1/targets/{id}/runs` and `…/runs/{run}`. */
export function addRunRoutes(app: AdminApp, { history, edits }: Pick<AdminPorts, 'history' | 'edits'>): void {
  app.openapi(listRoute, async (context) => {
    const { id } = context.req.valid('param');
    const { limit, cursor } = context.req.valid('query');
    const query = ['runs', id];
    const from = cursor === undefined ? undefined : fromCursor(cursor, query);
    const { runs, last } = await history.list({ target: id, limit, after: from?.last });
    const isKnown = runs.length > 0 || from !== undefined || (await edits.find(id)) !== undefined;
    if (!isKnown) throw new ProblemError('not-found', `There is no target ${id}, and no run of one.`);
    const next = last === undefined ? {} : { cursor: toCursor({ last, seen: (from?.seen ?? 0) + runs.length }, query) };
    return context.json({ runs: [...runs], ...next }, 200);
  });
  app.openapi(getRoute, async (context) => {
    const { id, run } = context.req.valid('param');
    const found = await history.find(id, run);
    if (found === undefined) throw new ProblemError('not-found', `The target ${id} has no run ${run}.`);
    return context.json({ ...found, timeline: found.timeline.map((sample) => [...sample]) }, 200);
  });
}
