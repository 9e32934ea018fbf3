import { randomUUID } from 'node:crypto';
import { OpenAPIHono } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { except } from 'hono/combine';
import { HTTPException } from 'hono/http-exception';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { secureHeaders } from 'hono/secure-headers';
import type { ApiPorts } from './api-ports.ts';
import { requireToken } from './http/auth.ts';
import { boundBodies } from './http/bound-bodies.ts';
import type { ApiEnv } from './http/auth.ts';
import { describeApi } from './describe-api.ts';
import { invalidRequest, ProblemError, problemResponse } from './http/problem.ts';
import type { FieldProblem } from './http/problem.ts';
import { usePlainMessages } from './http/plain-message.ts';
import { addAssetRoutes } from './http/asset-routes.ts';
import { addDeadLetterRoutes } from './dead-letters/dead-letter-routes.ts';
import { addEditRoutes } from './targets/edit-routes.ts';
import { addHealthRoutes } from './health/health-routes.ts';
import { addListRoutes } from './targets/list-routes.ts';
import { addReportRoutes, maxReportBodyBytes, reportsPath } from './reports/report-routes.ts';
import type { ApiApp } from './http/route-parts.ts';
import { addNewestRunsRoute } from './runs/newest-runs-route.ts';
import { addRunEditRoutes } from './runs/run-edit-routes.ts';
import { addRunRoutes } from './runs/run-routes.ts';
import { addVerdictRoutes } from './runs/verdict-routes.ts';
import { createReporterRates } from './reporters/reporter-rates.ts';
import { addTargetRoutes } from './targets/target-routes.ts';

/** Room for a private CA, fifty tags and all else at their limits. */
const maxBodyBytes = 64 * 1024;

/** The page's files come from here and nowhere else, and run nothing that is not a file. */
const pagePolicy = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  fontSrc: ["'self'"],
  connectSrc: ["'self'"],
  manifestSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
};

/** The admin API with its page: `app.fetch` answers any request. */
export function createApi(ports: ApiPorts): ApiApp {
  usePlainMessages();
  const app: ApiApp = new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (!result.success) throw invalidRequest(result.error, partOf(result.target));
    },
  });
  app.use(secureHeaders({ contentSecurityPolicy: pagePolicy, xFrameOptions: 'DENY' }));
  app.use(methodNotAllowed({ app, onMethodNotAllowed: (_context, methods) => wrongMethod(methods) }));
  app.use('/v1/*', async (context, next) => {
    await next();
    context.header('cache-control', 'no-store');
  });
  app.use('/v1/*', requireToken(ports.roleOf));
  app.use('/v1/*', boundBodies(maxBodyBytesOf));
  const limit = bodyLimit({ maxSize: maxBodyBytes, onError: refuseBody });
  app.use(
    '/v1/*',
    except(({ req }) => isReport(req), limit),
  );
  app.use('/v1/targets/:id/reports', bodyLimit({ maxSize: maxReportBodyBytes, onError: refuseReport }));
  addListRoutes(app, ports);
  const rates = createReporterRates(ports.clock);
  addEditRoutes(app, ports, rates);
  addTargetRoutes(app, ports);
  addRunRoutes(app, ports);
  addRunEditRoutes(app, ports);
  addNewestRunsRoute(app, ports);
  addVerdictRoutes(app, ports);
  if (ports.reports !== undefined) addReportRoutes(app, ports, ports.reports, rates);
  addHealthRoutes(app, ports);
  const { deadLetters, clock } = ports;
  if (deadLetters !== undefined) addDeadLetterRoutes(app, { deadLetters, clock });
  describeApi(app);
  addAssetRoutes(app, ports.assets);
  app.notFound(() => problemResponse(new ProblemError('not-found', 'There is nothing at this path.')));
  app.onError((error, context) => {
    const problem = toProblem(error);
    if (problem !== undefined) return problemResponse(problem);
    // Nobody is left to read an answer, and nothing here went wrong.
    if (context.req.raw.signal.aborted) return problemResponse(new ProblemError('malformed-json', 'It broke off.'));
    const instance = `urn:uuid:${randomUUID()}`;
    ports.failed({ doing: 'a request', error, instance, method: context.req.method, path: context.req.path });
    const detail = 'This is not your fault. The log says more under the id in `instance`.';
    return problemResponse(new ProblemError('internal', detail), instance);
  });
  return app;
}

function partOf(target: string): FieldProblem['in'] {
  const parts: Readonly<Record<string, FieldProblem['in']>> = { query: 'query', param: 'path', header: 'header' };
  return parts[target] ?? 'body';
}

function wrongMethod(methods: readonly string[]): Response {
  const allow = methods.join(', ');
  return problemResponse(new ProblemError('method-not-allowed', `Allowed here: ${allow}.`, { headers: { allow } }));
}

function refuseBody(): never {
  throw new ProblemError('too-large', `A body is at most ${maxBodyBytes} bytes (64 KiB).`);
}

function refuseReport(): never {
  throw new ProblemError('too-large', `A report is at most ${maxReportBodyBytes} bytes (4 MiB) as it is sent.`);
}

/** So much of a body is taken in at this path. */
function maxBodyBytesOf(request: { readonly method: string; readonly path: string }): number {
  return isReport(request) ? maxReportBodyBytes : maxBodyBytes;
}

function isReport({ method, path }: { readonly method: string; readonly path: string }): boolean {
  return method === 'POST' && reportsPath.test(path);
}

/** Undefined for what nobody expected. */
function toProblem(error: Error): ProblemError | undefined {
  if (error instanceof ProblemError) return error;
  if (!(error instanceof HTTPException)) return undefined;
  if (error.status === 400) return new ProblemError('malformed-json', 'The body is not valid JSON.');
  if (error.status !== 415) return undefined;
  return new ProblemError('unsupported-media-type', 'Send the body as application/json.');
}
