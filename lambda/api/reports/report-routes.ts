import { createRoute, z } from '@hono/zod-openapi';
import type { ApiPorts, ReportDelivery } from '../api-ports.ts';
import { reportAnswer } from '../answers.ts';
import { onlyFields } from '../http/only-fields.ts';
import { ProblemError } from '../http/problem.ts';
import { createReportBudget } from './report-budget.ts';
import { createReportMemory } from './report-memory.ts';
import { takeReport } from './take-report.ts';
import { cpuTimeMs, passedMs } from '../../runtime/clock.ts';
import type { ReporterRates } from '../reporters/reporter-rates.ts';
import { commonProblems, idParam, json, notFoundProblem, problem, security } from '../http/route-parts.ts';
import type { ApiApp } from '../http/route-parts.ts';

/** A report as it is sent, compressed or not: with Base64's third it stays below Lambda's 6 MB for one request. */
export const maxReportBodyBytes = 4 * 1024 * 1024;

export const reportsPath = /^\/v1\/targets\/[^/]+\/reports$/;

const takenTypes = /^(?:application\/(?:json|gzip|x-gzip|octet-stream))\s*(?:;|$)/i;

const instant = z.iso
  .datetime({ offset: true, error: 'an instant in ISO 8601 with a time zone, like 2026-11-22T14:05:00.000Z' })
  .openapi({ description: "The sender's instant: the report's identity.", example: '2026-11-22T14:05:10.000Z' });

/** Described, but read by hand: it may be compressed, and holds what Python takes for JSON. */
const statistics = {
  type: 'object' as const,
  description: "What Locust's /stats/requests answers.",
  properties: { stats: { type: 'array' as const, items: {} }, state: { type: 'string' as const } },
  required: ['stats', 'state'],
};

const reportRoute = createRoute({
  method: 'post',
  path: '/v1/targets/{id}/reports',
  summary: 'Report for a test that nobody can ask, or once more at its end',
  description:
    'Answered once the points are at InfluxDB or kept for it. The same `at` again writes the same points again, which overwrite themselves. The body may be gzip: send it as application/gzip. A reporter may report for targets that a reporter made.',
  security,
  request: {
    params: z.object({ id: idParam }),
    query: onlyFields({ at: instant }),
    body: {
      required: true,
      content: {
        'application/json': { schema: statistics },
        'application/gzip': { schema: { type: 'string' as const, format: 'binary' } },
      },
    },
  },
  responses: {
    202: json(reportAnswer, 'Stored, or kept for InfluxDB'),
    ...notFoundProblem,
    409: problem('The target is switched off or has expired, or what is stored is no target'),
    413: problem('The body is larger than 4 MiB, or 8 MiB once decompressed, or holds too many values'),
    415: problem('The body is neither application/json nor application/gzip'),
    ...commonProblems,
    429: problem('The target, or all reporters together, send too much within a minute'),
    503: problem('Nothing takes the points now, or too many large reports come at once; send the report again'),
  },
});

/** `POST /v1/targets/{id}/reports`. */
export function addReportRoutes(app: ApiApp, ports: ApiPorts, reports: ReportDelivery, rates: ReporterRates): void {
  const memory = createReportMemory(ports.clock);
  const budget = createReportBudget(reports.meter ?? { cpuMs: cpuTimeMs, passedMs });
  app.openapi(reportRoute, async (context) => {
    const contentType = context.req.header('content-type');
    if (contentType !== undefined && !takenTypes.test(contentType)) {
      throw new ProblemError('unsupported-media-type', 'Send the report as application/json or application/gzip.');
    }
    const sender = { id: context.req.valid('param').id, role: context.get('role') ?? ('reporter' as const) };
    budget.requireRoom(sender);
    const body = {
      bytes: Buffer.from(await context.req.arrayBuffer()),
      contentEncoding: context.req.header('content-encoding'),
    };
    const call = {
      ...sender,
      atMs: Date.parse(context.req.valid('query').at),
      body,
      budget,
      rates,
    };
    const { run, state, points, result } = await memory.take(body, () => takeReport(ports, reports, call));
    const delivery = result.spooled > 0 ? ('waiting' as const) : ('stored' as const);
    const rejected = result.rejected > 0 ? { rejected: result.rejected } : {};
    return context.json({ run: run ?? null, state, points, delivery, ...rejected }, 202);
  });
}
