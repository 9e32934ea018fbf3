import { randomUUID } from 'node:crypto';
import { OpenAPIHono } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { except } from 'hono/combine';
import { HTTPException } from 'hono/http-exception';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { secureHeaders } from 'hono/secure-headers';
import type { AdminPorts } from './admin-ports.ts';
import { requireToken } from './auth.ts';
import type { AdminEnv } from './auth.ts';
import { describeApi } from './describe-api.ts';
import { invalidRequest, ProblemError, problemResponse } from './problem.ts';
import type { FieldProblem } from './problem.ts';
import { addAssetRoutes } from './routes/asset-routes.ts';
import { addDeadLetterRoutes } from './routes/dead-letter-routes.ts';
import { addEditRoutes } from './routes/edit-routes.ts';
import { addHealthRoutes } from './routes/health-routes.ts';
import { addListRoutes } from './routes/list-routes.ts';
import { addReportRoutes, maxReportBodyBytes, reportsPath } from './routes/report-routes.ts';
import type { AdminApp } from './routes/route-parts.ts';
import { addRunRoutes } from './routes/run-routes.ts';
import { addTargetRoutes } from './routes/target-routes.ts';

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
export function createAdminApp(ports: AdminPorts): AdminApp {
  const app: AdminApp = new OpenAPIHono<AdminEnv>({
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
  const limit = bodyLimit({ maxSize: maxBodyBytes, onError: refuseBody });
  app.use(
    '/v1/*',
    except(({ req }) => isReport(req), limit),
  );
  app.use('/v1/targets/:id/reports', bodyLimit({ maxSize: maxReportBodyBytes, onError: refuseReport }));
  addListRoutes(app, ports);
  addEditRoutes(app, ports);
  addTargetRoutes(app, ports);
  addRunRoutes(app, ports);
  if (ports.reports !== undefined) addReportRoutes(app, ports, ports.reports);
  addHealthRoutes(app, ports);
  const { deadLetters, clock } = ports;
  if (deadLetters !== undefined) addDeadLetterRoutes(app, { deadLetters, clock });
  describeApi(app);
  addAssetRoutes(app, ports.assets);
  app.notFound(() => problemResponse(new ProblemError('not-found', 'There is nothing at this path.')));
  app.onError((error, context) => {
    const problem = toProblem(error);
    if (problem !== undefined) return problemResponse(problem);
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

/** So much of a body is taken in at this path; the rest would be refused. */
export function maxBodyBytesOf(request: { readonly method: string; readonly path: string }): number {
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
