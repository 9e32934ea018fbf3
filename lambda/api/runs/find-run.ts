import { z } from '@hono/zod-openapi';
import type { RunHistory } from '../../runs/records/run-history.ts';
import type { StoredRun } from '../../runs/records/stored-run.ts';
import { ProblemError } from '../http/problem.ts';

export const runId = z
  .string()
  .regex(/^(?:\d{8}T\d{6}Z|latest)$/, 'a run id looks like 20261122T140500Z; latest is the newest run')
  .openapi({ param: { name: 'run', in: 'path' }, example: '20261122T140500Z' });

/**
 * A run by its id, or the newest one.
 * @throws ProblemError 404 where there is none
 */
export async function findRun(history: RunHistory, target: string, run: string): Promise<StoredRun> {
  const newest = async (): Promise<string | undefined> => (await history.list({ target, limit: 1 })).runs.at(0)?.run;
  const id = run === 'latest' ? await newest() : run;
  const found = id === undefined ? undefined : await history.find(target, id);
  if (found !== undefined) return found;
  throw noSuchRun(target, run);
}

export function noSuchRun(target: string, run: string): ProblemError {
  return new ProblemError('not-found', `The target ${target} has no run${run === 'latest' ? '' : ` ${run}`}.`);
}
