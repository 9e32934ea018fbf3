import { createMiddleware } from 'hono/factory';
import { matchedRoutes } from 'hono/route';
import { METHOD_NAME_ALL } from 'hono/router';
import { ProblemError } from './problem.ts';
import type { Role, RoleOf } from './tokens.ts';

/** What the middleware knows of a request. */
export interface ApiEnv {
  Variables: {
    /** Whose token it carries; undefined without one, where none is needed. */
    role: Role | undefined;
  };
}

/** Calls that a reporter may make; whose the target is, and what it patches, is checked where these are known. */
const reporterCalls: readonly { readonly method: string; readonly path: RegExp }[] = [
  { method: 'GET', path: /^\/v1\/targets\/[^/]+$/ },
  { method: 'GET', path: /^\/v1\/targets\/[^/]+\/runs\/[^/]+\/verdict$/ },
  { method: 'PUT', path: /^\/v1\/targets\/[^/]+$/ },
  { method: 'PATCH', path: /^\/v1\/targets\/[^/]+$/ },
  { method: 'POST', path: /^\/v1\/targets\/[^/]+\/reports$/ },
];

const openPath = '/v1/health';
const challenge = { 'www-authenticate': 'Bearer realm="locust2influx"' };

/** Lets in callers whose token allows this call. `/v1/health` answers everybody, and says more to an admin. */
export function requireToken(roleOf: RoleOf) {
  return createMiddleware<ApiEnv>(async (context, next) => {
    const { method, path } = context.req;
    const header = context.req.header('authorization');
    if (header === undefined && path === openPath) {
      context.set('role', undefined);
      return next();
    }
    const [, token] = /^Bearer +([\x21-\x7e]+) *$/i.exec(header ?? '') ?? [];
    const role = token === undefined ? undefined : await roleOf(token);
    if (role === undefined) {
      const detail =
        header === undefined
          ? 'Send the header Authorization: Bearer <token>.'
          : 'The token in Authorization is not valid.';
      throw new ProblemError('unauthorized', detail, { headers: challenge });
    }
    context.set('role', role);
    // What is not there needs no other token: it is 404, or 405, for everybody who has one.
    const isThere = matchedRoutes(context).some((route) => route.method !== METHOD_NAME_ALL);
    const isAllowed =
      role === 'admin' ||
      !isThere ||
      path === openPath ||
      reporterCalls.some((call) => call.method === method && call.path.test(path));
    if (!isAllowed) {
      throw new ProblemError(
        'forbidden',
        'A reporter may only put, renew and switch off its own targets, report for them, and ask for verdicts on their runs; this call needs the admin token.',
      );
    }
    return next();
  });
}
