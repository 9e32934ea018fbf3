import { createRoute, z } from '@hono/zod-openapi';
import { verdictResults } from '../../runs/criteria/verdict.ts';
import { maxRunsPerPage } from '../../runs/records/newest-runs.ts';
import type { NewestRunsQuery } from '../../runs/records/newest-runs.ts';
import { runIdAt, runOutcomes } from '../../runs/run.ts';
import { maxTagLength, projectName, targetId } from '../../targets/target.ts';
import type { ApiPorts } from '../api-ports.ts';
import { runListAnswer } from '../answers.ts';
import { fromCursor, toCursor } from '../http/cursor.ts';
import { onlyFields } from '../http/only-fields.ts';
import { ProblemError } from '../http/problem.ts';
import { commonProblems, json, pageQuery, security } from '../http/route-parts.ts';
import type { ApiApp } from '../http/route-parts.ts';

/** Each of them is one query at least: beyond that, a list is asked for by target or project. */
const maxTargetsOfList = 500;

const instant = (description: string) =>
  z.iso.datetime().optional().openapi({ example: '2026-11-22T14:05:00Z', description });

const filters = {
  from: instant('Runs that began then or later.'),
  to: instant('Runs that began then or before.'),
  project: projectName.optional().openapi({ description: 'Of targets that are in this project now.' }),
  target: targetId.clone().optional().openapi({ example: 'shop', description: 'Also one that was removed.' }),
  tag: z
    .string()
    .max(2 * maxTagLength + 1)
    .regex(/^[^=]+=/, 'a tag and its value, such as branch=main')
    .optional()
    .openapi({ example: 'branch=main', description: 'Runs that ended with this tag.' }),
  outcome: z.enum(runOutcomes).optional(),
  verdict: z.enum(verdictResults).optional(),
};

const listRoute = createRoute({
  method: 'get',
  path: '/v1/runs',
  summary: 'The runs of all targets, the newest first',
  description: `A page looks at up to ${maxRunsPerPage} runs, so it may have fewer than \`limit\`, even none: follow \`cursor\` until it is absent. Of at most ${maxTargetsOfList} targets.`,
  security,
  request: { query: onlyFields({ ...filters, ...pageQuery }) },
  responses: { 200: json(runListAnswer, 'One page'), ...commonProblems },
});

type Filters = z.output<ReturnType<typeof onlyFields<typeof filters>>>;

/** `GET /v1/runs`. */
export function addNewestRunsRoute(app: ApiApp, ports: Pick<ApiPorts, 'listTargets' | 'listNewestRuns'>): void {
  app.openapi(listRoute, async (context) => {
    const { limit, cursor, ...asked } = context.req.valid('query');
    const query = ['all-runs', ...Object.keys(filters).map((name) => asked[name as keyof Filters])];
    const place = cursor === undefined ? undefined : fromCursor(cursor, query);
    const [run = '', target = ''] = place?.last.split(' ') ?? [];
    const { runs, last } = await ports.listNewestRuns({
      targets: await targetsOf(asked, ports),
      from: asked.from && runIdAt(Date.parse(asked.from)),
      to: asked.to && runIdAt(Date.parse(asked.to)),
      limit,
      after: place && { run, target },
      isWanted: wantedBy(asked),
    });
    const seen = (place?.seen ?? 0) + runs.length;
    const next = last === undefined ? {} : { cursor: toCursor({ last: `${last.run} ${last.target}`, seen }, query) };
    return context.json({ runs: [...runs], ...next }, 200);
  });
}

async function targetsOf(
  { target, project }: Filters,
  { listTargets }: Pick<ApiPorts, 'listTargets'>,
): Promise<readonly string[]> {
  if (target !== undefined && project === undefined) return [target];
  const { targets, invalid, last } = await listTargets({ project, limit: maxTargetsOfList });
  if (last !== undefined) {
    const message = `a list of runs is of ${maxTargetsOfList} targets at most; ask for one project or target at a time`;
    throw new ProblemError('limit-reached', message, { fields: [{ field: 'target', in: 'query', message }] });
  }
  const ids = [...targets, ...invalid].map(({ id }) => id);
  return target === undefined ? ids : ids.filter((id) => id === target);
}

function wantedBy({ tag, outcome, verdict }: Filters): NewestRunsQuery['isWanted'] {
  return (run) =>
    (tag === undefined || Object.entries(run.tags ?? {}).some((each) => each.join('=') === tag)) &&
    (outcome === undefined || run.outcome === outcome) &&
    (verdict === undefined || run.verdict === verdict);
}
