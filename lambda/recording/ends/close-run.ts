import type { Report } from '../../locust/report/report.ts';
import { countedMsOf } from '../../runs/counted-ms.ts';
import { parseCriterion } from '../../runs/criteria/criterion.ts';
import type { Criterion } from '../../runs/criteria/criterion.ts';
import { judgeRun } from '../../runs/criteria/judge-run.ts';
import type { FinalFigures } from '../../runs/criteria/judge-run.ts';
import { endpointRows, resultOf } from '../../runs/records/run-result.ts';
import type { RunResults } from '../../runs/records/run-results.ts';
import type { Run } from '../../runs/run.ts';
import type { Target } from '../../targets/target.ts';

interface ClosedRun {
  readonly target: Target;
  /** Has its final figures; undefined where nobody knows those of its endpoints. */
  readonly report: Report | undefined;
}

/**
 * Puts the final figures of a run on record, before its end is, and judges it by its target's criteria. Doing it again
 * does no harm.
 * @param ended the run as it has ended
 * @returns the run with its verdict
 * @throws when DynamoDB does
 */
export async function closeRun(ended: Run, { target, report }: ClosedRun, results: RunResults): Promise<Run> {
  if (ended.ended === undefined) return ended;
  const countedMs = report?.countersAgeMs ?? countedMsOf(ended, undefined);
  const result = report && resultOf(report, countedMs);
  if (result !== undefined)
    await results.saveResult({ target: target.id, run: ended.id }, result, { isSent: ended.closedAtMs !== undefined });
  const closed = Object.keys(target.tags).length > 0 ? { ...ended, tags: target.tags } : ended;
  const criteria = target.criteria.flatMap((text) => {
    const parsed = parseCriterion(text);
    return parsed.ok ? [parsed.criterion] : [];
  });
  if (criteria.length === 0) return closed;
  const { outcome } = ended.ended;
  const { total, tally } = ended;
  const verdict = judgeRun(
    { outcome, total, tally, countedMs, endpoints: report?.endpoints },
    criteria,
    await readBaseline(criteria, { target, ended }, results),
  );
  return { ...closed, ended: { ...ended.ended, verdict } };
}

async function readBaseline(
  criteria: readonly Criterion[],
  { target, ended }: { readonly target: Target; readonly ended: Run },
  results: RunResults,
): Promise<(FinalFigures & { readonly run: string }) | undefined> {
  if (criteria.every(({ limit }) => limit.kind === 'fixed')) return undefined;
  const run = await results.findBaseline({ target: target.id, before: ended.id, ...target.baseline });
  if (run === undefined || run.id === ended.id) return undefined;
  const result = await results.readResult({ target: target.id, run: run.id });
  return {
    run: run.id,
    total: run.total,
    endpoints: result && endpointRows(result),
    countedMs: countedMsOf(run, result),
  };
}
