import { createRoute, z } from '@hono/zod-openapi';
import type { StoredRun } from '../../runs/records/stored-run.ts';
import type { ApiPorts } from '../api-ports.ts';
import { runAnswer } from '../answers.ts';
import { visible, wellFormed } from '../http/body-text.ts';
import { onlyFields } from '../http/only-fields.ts';
import { ProblemError } from '../http/problem.ts';
import { requireJson } from '../http/require-json.ts';
import {
  bodyProblems,
  commonProblems,
  idParam,
  json,
  notFoundProblem,
  problem,
  security,
} from '../http/route-parts.ts';
import type { ApiApp } from '../http/route-parts.ts';
import { findRun, noSuchRun, runId } from './find-run.ts';

/** Characters: one line of a table. */
const maxLabelLength = 100;
/** Characters: a run's item has room for far more, a list of a hundred runs with their notes has not. */
const maxNoteLength = 2_000;

const label = visible(
  z
    .string()
    .min(1)
    .max(maxLabelLength)
    .regex(/^[ -~\u00a0-\uffff]*$/, 'a label is one line, without control characters'),
)
  .nullable()
  .optional()
  .openapi({ example: 'release 2.31', description: 'What people call it.' });
const note = wellFormed(z.string().min(1).max(maxNoteLength))
  .nullable()
  .optional()
  .openapi({ example: 'Database on the old hardware.', description: 'What people remarked.' });

const annotation = onlyFields({ label, note }).openapi('RunAnnotation', {
  example: { label: 'release 2.31', note: 'Database on the old hardware.' },
});

const path = '/v1/targets/{id}/runs/{run}';
const request = { params: z.object({ id: idParam, run: runId }) };

const patchRoute = createRoute({
  method: 'patch',
  path,
  summary: 'Put a label or a note on a run: a JSON merge patch, null removes',
  security,
  request: {
    ...request,
    body: {
      required: true,
      content: { 'application/merge-patch+json': { schema: annotation }, 'application/json': { schema: annotation } },
    },
  },
  responses: { 200: json(runAnswer, 'The run as it is now'), ...bodyProblems, ...notFoundProblem, ...commonProblems },
});

const deleteRoute = createRoute({
  method: 'delete',
  path,
  summary: 'Remove the record of a run, with its final figures',
  description: 'Its points in InfluxDB stay. A run that is under way cannot be removed.',
  security,
  request,
  responses: {
    204: { description: 'Removed' },
    ...notFoundProblem,
    409: problem('The run is under way'),
    ...commonProblems,
  },
});

/** `PATCH` and `DELETE /v1/targets/{id}/runs/{run}`. */
export function addRunEditRoutes(app: ApiApp, ports: Pick<ApiPorts, 'history' | 'edits' | 'runEdits'>): void {
  const { history, runEdits } = ports;
  app.on('PATCH', '/v1/targets/:id/runs/:run', requireJson);
  app.openapi(patchRoute, async (context) => {
    const { id, run } = context.req.valid('param');
    const found = await findRun(history, id, run);
    const annotated = await runEdits.annotate({ target: id, run: found.run }, context.req.valid('json'));
    if (annotated === undefined) throw noSuchRun(id, run);
    return context.json({ ...annotated, timeline: annotated.timeline.map((sample) => [...sample]) }, 200);
  });
  app.openapi(deleteRoute, async (context) => {
    const { id, run } = context.req.valid('param');
    const found = await findRun(history, id, run);
    await requireOver(ports, found);
    await runEdits.remove({ target: id, run: found.run });
    return context.body(null, 204);
  });
}

/**
 * A run without an end on record is over where its target is gone, or in another run.
 * @throws ProblemError 409
 */
async function requireOver({ edits }: Pick<ApiPorts, 'edits'>, { target, run, endedAt }: StoredRun): Promise<void> {
  const found = await edits.find(target);
  const isUnderWay = found?.fits === true && found.target.status?.run === run;
  if (endedAt === undefined && isUnderWay) {
    throw new ProblemError(
      'run-under-way',
      `Run ${run} of ${target} is under way. Wait for its end, or switch its target off.`,
    );
  }
}
