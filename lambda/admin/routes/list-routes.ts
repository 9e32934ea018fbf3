import { createRoute, z } from '@hono/zod-openapi';
import { projectName } from '../../registry/target.ts';
import type { AdminPorts } from '../admin-ports.ts';
import { targetListAnswer, toTargetAnswer } from '../answers.ts';
import { fromCursor, toCursor } from '../cursor.ts';
import { onlyFields } from '../only-fields.ts';
import { ProblemError } from '../problem.ts';
import { commonProblems, json, pageQuery, security } from './route-parts.ts';
import type { AdminApp } from './route-parts.ts';

/** A walk over pages ends here; whoever has more asks project by project. */
const maxTargetsPerWalk = 5_000;

const listRoute = createRoute({
  method: 'get',
  path: '/v1/targets',
  summary: 'List targets with their status',
  description: `In no particular order. A walk over pages gives at most ${maxTargetsPerWalk} targets.`,
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
export function addListRoutes(app: AdminApp, { listTargets }: Pick<AdminPorts, 'listTargets'>): void {
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
      after: from?.last,
    });
    const { targets, unfit, last } = page;
    const next =
      last === undefined ? {} : { cursor: toCursor({ last, seen: seen + targets.length + unfit.length }, query) };
    return context.json({ targets: targets.map(toTargetAnswer), unfit: [...unfit], ...next }, 200);
  });
}
