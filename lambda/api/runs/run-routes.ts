import { createRoute, z } from '@hono/zod-openapi';
import type { ApiPorts } from '../api-ports.ts';
import { runAnswer, runListAnswer } from '../answers.ts';
import { findRun, runId } from './find-run.ts';
import { statsCsv } from './stats-csv.ts';
import { fromCursor, toCursor } from '../http/cursor.ts';
import { onlyFields } from '../http/only-fields.ts';
import { ProblemError } from '../http/problem.ts';
import { commonProblems, idParam, json, notFoundProblem, pageQuery, security } from '../http/route-parts.ts';
import type { ApiApp } from '../http/route-parts.ts';

const path = '/v1/targets/{id}/runs';

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
  summary: 'One run with its timeline, and once it has ended with the final figures of its endpoints',
  security,
  request: { params: z.object({ id: idParam, run: runId }) },
  responses: { 200: json(runAnswer, 'The run'), ...notFoundProblem, ...commonProblems },
});

const csvRoute = createRoute({
  method: 'get',
  path: `${path}/{run}/stats.csv`,
  summary: "The final figures of a run, in the columns of Locust's own _stats.csv",
  security,
  request: { params: z.object({ id: idParam, run: runId }) },
  responses: {
    200: { description: 'The file', content: { 'text/csv': { schema: z.string() } } },
    ...notFoundProblem,
    ...commonProblems,
  },
});

/** `GET /v1/targets/{id}/runs`, `…/runs/{run}` and `…/stats.csv`. */
export function addRunRoutes(app: ApiApp, ports: Pick<ApiPorts, 'history' | 'edits' | 'runs'>): void {
  const { history, edits, runs: records } = ports;
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
    const found = await findRun(history, id, run);
    const timeline = found.timeline.map((sample) => [...sample]);
    const result = found.endedAt === undefined ? undefined : await records.readResult({ target: id, run: found.run });
    return context.json({ ...found, timeline, ...(result && { final: result }) }, 200);
  });
  app.openapi(csvRoute, async (context) => {
    const { id, run } = context.req.valid('param');
    const found = await findRun(history, id, run);
    const result = await records.readResult({ target: id, run: found.run });
    if (result === undefined) {
      throw new ProblemError('not-found', `The final figures of run ${found.run} of ${id} are not on record.`);
    }
    const name = `${id}_${found.run}_stats.csv`;
    const headers = {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${name}"`,
    };
    return context.body(statsCsv(found, result), 200, headers);
  });
}
