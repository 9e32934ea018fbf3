import { randomBytes } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import type { Target } from '../../registry/target.ts';
import type { AdminPorts } from '../admin-ports.ts';
import { toTargetAnswer, writtenTarget } from '../answers.ts';
import { patchTarget, putTarget } from '../edit-target.ts';
import { entityTag } from '../preconditions.ts';
import { warningsFor } from '../read-locust.ts';
import { requireJson } from '../require-json.ts';
import { targetBody, targetPatch } from '../target-body.ts';
import {
  bodyProblems,
  commonProblems,
  conditionHeaders,
  editProblems,
  entityTagHeader,
  idParam,
  json,
  notFoundProblem,
  security,
} from './route-parts.ts';
import type { AdminApp } from './route-parts.ts';

const path = '/v1/targets/{id}';
const params = z.object({ id: idParam });
const body = { required: true, content: { 'application/json': { schema: targetBody } } };
const written = (description: string) => ({ ...json(writtenTarget, description), headers: entityTagHeader });

const putRoute = createRoute({
  method: 'put',
  path,
  summary: 'Create a target or replace all of it',
  description: 'Secrets that the body leaves out are removed. A reporter may put targets that a reporter made.',
  security,
  request: {
    params,
    headers: conditionHeaders,
    body,
  },
  responses: {
    200: written('Replaced'),
    201: written('Created'),
    ...bodyProblems,
    ...editProblems,
    ...commonProblems,
  },
});

const postRoute = createRoute({
  method: 'post',
  path: '/v1/targets',
  summary: 'Create a target under an id that is made up',
  security,
  request: { body },
  responses: {
    201: {
      ...written('Created'),
      headers: { ...entityTagHeader, Location: { schema: { type: 'string' as const } } },
    },
    ...bodyProblems,
    409: editProblems[409],
    ...commonProblems,
  },
});

const patchRoute = createRoute({
  method: 'patch',
  path,
  summary: 'Change some of a target: a JSON merge patch, null removes',
  description:
    'Secrets stay unless `auth` or `headers` is given; they are to be given anew when the URL moves to another host. A reporter may patch targets that a reporter made: `expiresAt`, which renews one, and `enabled` to false.',
  security,
  request: {
    params,
    headers: conditionHeaders,
    body: {
      required: true,
      content: {
        'application/merge-patch+json': { schema: targetPatch },
        'application/json': { schema: targetPatch },
      },
    },
  },
  responses: {
    200: written('Changed'),
    ...bodyProblems,
    ...notFoundProblem,
    ...editProblems,
    ...commonProblems,
  },
});

/** `PUT` and `PATCH /v1/targets/{id}`, `POST /v1/targets`. */
export function addEditRoutes(app: AdminApp, ports: AdminPorts): void {
  const withWarnings = async (target: Target): Promise<z.output<typeof writtenTarget>> => ({
    ...toTargetAnswer(target),
    warnings: await warningsFor(ports, target),
  });
  app.on(['PUT', 'PATCH'], '/v1/targets/:id', requireJson);
  app.on('POST', '/v1/targets', requireJson);
  app.openapi(putRoute, async (context) => {
    const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = context.req.valid('header');
    const edit = { id: context.req.valid('param').id, role: context.get('role') ?? 'reporter', ifMatch, ifNoneMatch };
    const { target, isNew } = await putTarget(ports, edit, context.req.valid('json'));
    return context.json(await withWarnings(target), isNew ? 201 : 200, { ETag: entityTag(target) });
  });
  app.openapi(postRoute, async (context) => {
    const edit = { id: madeUpId(), role: context.get('role') ?? 'reporter', ifMatch: undefined, ifNoneMatch: '*' };
    const { target } = await putTarget(ports, edit, context.req.valid('json'));
    const headers = { ETag: entityTag(target), Location: `/v1/targets/${target.id}` };
    return context.json(await withWarnings(target), 201, headers);
  });
  app.openapi(patchRoute, async (context) => {
    const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = context.req.valid('header');
    const edit = { id: context.req.valid('param').id, role: context.get('role') ?? 'reporter', ifMatch, ifNoneMatch };
    const target = await patchTarget(ports, edit, context.req.valid('json'));
    return context.json(await withWarnings(target), 200, { ETag: entityTag(target) });
  });
}

/** 48 random bits: at 5,000 targets, two alike once in ten million deployments. */
const madeUpId = (): string => `target-${randomBytes(6).toString('hex')}`;
