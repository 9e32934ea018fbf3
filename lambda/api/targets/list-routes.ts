import { createRoute, z } from '@hono/zod-openapi';
import { projectName } from '../../targets/target.ts';
import type { ApiPorts } from '../api-ports.ts';
import { targetListAnswer, toTargetAnswer } from '../answers.ts';
import { fromCursor, toCursor } from '../http/cursor.ts';
import { onlyFields } from '../http/only-fields.ts';
import { ProblemError } from '../http/problem.ts';
import { commonProblems, json, pageQuery, security } from '../http/route-parts.ts';
import type { ApiApp } from '../http/route-parts.ts';

/** A walk over pages ends here; with more targets, ask project by project. */
const maxTargetsPerWalk = 5_000;

/**
 * A page ends before it has more: Lambda answers with 6 MB at most, and an item of the table may have 400 kB. What an
 * answer adds to an item is small.
 */
const maxPageBytes = 4 * 1024 * 1024;

const listRoute = createRoute({
  method: 'get',
  path: '/v1/targets',
  summary: 'List targets with their status',
  description: `In no particular order. A page may have fewer targets than \`limit\`. A walk over pages gives at most ${maxTargetsPerWalk} targets.`,
  security,
  request: {
    query: onlyFields({
      project: projectName.optional(),
      enabled: z.enum(['true', 'false']).optional(),
      ...pageQuery,
    }),
  },
  responses: { 200: json(targetListAnswer, 'One page'), ...commonProblems },
});

/** `GET /v1/targets`. */
export function addListRoutes(app: ApiApp, { listTargets }: Pick<ApiPorts, 'listTargets'>): void {
  app.openapi(listRoute, async (context) => {
    const { project, enabled, limit, cursor } = context.req.valid('query');
    const query = ['targets', project, enabled];
    const from = cursor === undefined ? undefined : fromCursor(cursor, query);
    const seen = from?.seen ?? 0;
    if (seen >= maxTargetsPerWalk) {
      const message = `a walk over pages ends after ${maxTargetsPerWalk} targets; ask for one project at a time`;
      throw new ProblemError('limit-reached', message, { fields: [{ field: 'cursor', in: 'query', message }] });
    }
    const page = await listTargets({
      project,
      enabled: enabled === undefined ? undefined : enabled === 'true',
      limit: Math.min(limit, maxTargetsPerWalk - seen),
      maxBytes: maxPageBytes,
      after: from?.last,
    });
    const { targets, invalid, last } = page;
    const next =
      last === undefined ? {} : { cursor: toCursor({ last, seen: seen + targets.length + invalid.length }, query) };
    return context.json({ targets: targets.map(toTargetAnswer), unfit: [...invalid], ...next }, 200);
  });
}
