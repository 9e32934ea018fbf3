import { randomBytes } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Target } from '../../targets/target.ts';
import type { ApiPorts } from '../api-ports.ts';
import { toReporterWritten, toTargetAnswer, writtenTarget } from '../answers.ts';
import { patchTarget, putTarget } from './edit-target.ts';
import type { ApiEnv } from '../http/auth.ts';
import type { Role } from '../http/tokens.ts';
import { createReporterQuota } from '../reporters/reporter-quota.ts';
import type { ReporterRates } from '../reporters/reporter-rates.ts';
import { entityTag } from '../http/preconditions.ts';
import { findWarnings } from './read-locust.ts';
import { requireJson } from '../http/require-json.ts';
import { targetBody, targetPatch } from './target-body.ts';
import {
  bodyProblems,
  commonProblems,
  conditionHeaders,
  editProblems,
  entityTagHeader,
  idParam,
  json,
  notFoundProblem,
  reporterProblems,
  security,
} from '../http/route-parts.ts';
import type { ApiApp } from '../http/route-parts.ts';

const path = '/v1/targets/{id}';
const params = z.object({ id: idParam });
const body = { required: true, content: { 'application/json': { schema: targetBody } } };
const written = (description: string) => ({ ...json(writtenTarget, description), headers: entityTagHeader });

const putRoute = createRoute({
  method: 'put',
  path,
  summary: 'Create a target or replace all of it',
  description:
    'Secrets that the body leaves out are removed. A reporter may put targets that a reporter made, and learns nothing of what is found at their URLs. A target that an admin puts is no longer a reporter’s.',
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
    ...reporterProblems,
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
    'Secrets stay unless `auth` or `headers` is given; enter them again when the URL moves to another host. A reporter may patch targets that a reporter made: `expiresAt`, which renews one, and `enabled` to false.',
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
    ...reporterProblems,
  },
});

/** `PUT` and `PATCH /v1/targets/{id}`, `POST /v1/targets`. */
export function addEditRoutes(app: ApiApp, ports: ApiPorts, rates: ReporterRates): void {
  const bounds = { quota: createReporterQuota(ports), rates };
  const roleIn = (context: Context<ApiEnv>): Role => context.get('role') ?? 'reporter';
  const answerOf = async (target: Target, role: Role): Promise<z.output<typeof writtenTarget>> => ({
    ...(role === 'reporter' ? toReporterWritten(target, ports.clock.now()) : toTargetAnswer(target)),
    warnings: await findWarnings(ports, target, role),
  });
  app.on(['PUT', 'PATCH'], '/v1/targets/:id', requireJson);
  app.on('POST', '/v1/targets', requireJson);
  app.openapi(putRoute, async (context) => {
    const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = context.req.valid('header');
    const edit = { id: context.req.valid('param').id, role: roleIn(context), ifMatch, ifNoneMatch, ...bounds };
    const { target, isNew } = await putTarget(ports, edit, context.req.valid('json'));
    return context.json(await answerOf(target, edit.role), isNew ? 201 : 200, { ETag: entityTag(target) });
  });
  app.openapi(postRoute, async (context) => {
    const edit = { id: madeUpId(), role: roleIn(context), ifMatch: undefined, ifNoneMatch: '*', ...bounds };
    const { target } = await putTarget(ports, edit, context.req.valid('json'));
    const headers = { ETag: entityTag(target), Location: `/v1/targets/${target.id}` };
    return context.json(await answerOf(target, edit.role), 201, headers);
  });
  app.openapi(patchRoute, async (context) => {
    const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = context.req.valid('header');
    const edit = { id: context.req.valid('param').id, role: roleIn(context), ifMatch, ifNoneMatch, ...bounds };
    const target = await patchTarget(ports, edit, context.req.valid('json'));
    return context.json(await answerOf(target, edit.role), 200, { ETag: entityTag(target) });
  });
}

/** 48 random bits: at 5,000 targets, two alike once in ten million deployments. */
const madeUpId = (): string => `target-${randomBytes(6).toString('hex')}`;
