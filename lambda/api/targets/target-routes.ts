import { createRoute, z } from '@hono/zod-openapi';
import type { ApiPorts } from '../api-ports.ts';
import { checkAnswer, targetAnswer, toReporterAnswer, toTargetAnswer } from '../answers.ts';
import { findFit, requireOwner } from './edit-target.ts';
import { entityTag } from '../http/preconditions.ts';
import { checkTarget } from './read-locust.ts';
import { removeTarget } from './remove-target.ts';
import {
  commonProblems,
  conditionHeaders,
  editProblems,
  entityTagHeader,
  idParam,
  json,
  notFoundProblem,
  problem,
  security,
} from '../http/route-parts.ts';
import type { ApiApp } from '../http/route-parts.ts';

const path = '/v1/targets/{id}';
const params = z.object({ id: idParam });
const { 409: invalidItemProblem } = editProblems;

const getRoute = createRoute({
  method: 'get',
  path,
  summary: 'One target with its status',
  description: 'A reporter may see targets that a reporter made. When one cannot be read, it sees that, but not why.',
  security,
  request: { params },
  responses: {
    200: { ...json(targetAnswer, 'The target'), headers: entityTagHeader },
    ...notFoundProblem,
    409: invalidItemProblem,
    ...commonProblems,
  },
});

const deleteRoute = createRoute({
  method: 'delete',
  path,
  summary: 'Remove a target, its secrets and its run under way; its run history stays',
  security,
  request: { params, headers: conditionHeaders },
  responses: { 204: { description: 'It is gone' }, ...notFoundProblem, ...editProblems, ...commonProblems },
});

const checkRoute = createRoute({
  method: 'post',
  path: `${path}/check`,
  summary: 'Check a target now, and write nothing',
  security,
  request: { params },
  responses: {
    200: json(checkAnswer, 'What was found'),
    ...notFoundProblem,
    409: problem('It reports by itself and cannot be asked, or what is stored is no target'),
    ...commonProblems,
  },
});

/** `GET` and `DELETE /v1/targets/{id}`, `POST /v1/targets/{id}/check`. */
export function addTargetRoutes(app: ApiApp, ports: ApiPorts): void {
  app.openapi(getRoute, async (context) => {
    const found = await findFit(ports, context.req.valid('param').id);
    const role = context.get('role') ?? 'reporter';
    requireOwner(role, found);
    const answer =
      role === 'reporter' ? toReporterAnswer(found.target, ports.clock.now()) : toTargetAnswer(found.target);
    return context.json(answer, 200, { ETag: entityTag(found.mark) });
  });
  app.openapi(deleteRoute, async (context) => {
    const { id } = context.req.valid('param');
    const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = context.req.valid('header');
    await removeTarget(ports, { id, ifMatch, ifNoneMatch });
    return context.body(null, 204);
  });
  app.openapi(checkRoute, async (context) => {
    const { target } = await findFit(ports, context.req.valid('param').id);
    return context.json(await checkTarget(ports, target), 200);
  });
}
