import { createRoute, z } from '@hono/zod-openapi';
import type { AdminPorts } from '../admin-ports.ts';
import { checkAnswer, targetAnswer, toTargetAnswer } from '../answers.ts';
import { findFit } from '../edit-target.ts';
import { entityTag } from '../preconditions.ts';
import { checkTarget } from '../read-locust.ts';
import { removeTarget } from '../remove-target.ts';
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
} from './route-parts.ts';
import type { AdminApp } from './route-parts.ts';

const path = '/v1/targets/{id}';
const params = z.object({ id: idParam });
const { 409: unfitProblem } = editProblems;

const getRoute = createRoute({
  method: 'get',
  path,
  summary: 'One target with its status',
  security,
  request: { params },
  responses: {
    200: { ...json(targetAnswer, 'The target'), headers: entityTagHeader },
    ...notFoundProblem,
    409: unfitProblem,
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
  summary: 'Look at a target now, and write nothing',
  security,
  request: { params },
  responses: {
    200: json(checkAnswer, 'What was seen'),
    ...notFoundProblem,
    409: problem('It reports by itself and cannot be asked, or what is stored is no target'),
    ...commonProblems,
  },
});

/** `GET` and `DELETE /v1/targets/{id}`, `POST /v1/targets/{id}/check`. */
export function addTargetRoutes(app: AdminApp, ports: AdminPorts): void {
  app.openapi(getRoute, async (context) => {
    const { target, mark } = await findFit(ports, context.req.valid('param').id);
    return context.json(toTargetAnswer(target), 200, { ETag: entityTag(mark) });
  });
  app.openapi(deleteRoute, async (context) => {
    const { id } = context.req.valid('param');
    const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = context.req.valid('header');
    await removeTarget(ports, { id, role: 'admin', ifMatch, ifNoneMatch });
    return context.body(null, 204);
  });
  app.openapi(checkRoute, async (context) => {
    const { target } = await findFit(ports, context.req.valid('param').id);
    return context.json(await checkTarget(ports, target), 200);
  });
}
