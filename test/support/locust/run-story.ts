import { parseReport } from '../../../lambda/locust/report/report.ts';
import type { Report } from '../../../lambda/locust/report/report.ts';
import { stepAfter } from '../../../lambda/runs/run.ts';
import type { Run } from '../../../lambda/runs/run.ts';

/** The instant of a story's first sample, ms. */
export const start = Date.parse('2026-11-22T14:05:00Z');

/** What a Locust of four users says. */
export function report(state: string, numRequests?: number, numFailures = 0): Report {
  const total = {
    name: 'Aggregated',
    method: '',
    num_requests: numRequests,
    num_failures: numFailures,
    current_rps: 3,
  };
  const stats = numRequests === undefined ? [] : [total];
  const parsed = parseReport(JSON.stringify({ stats, errors: [], state, user_count: 4 }));
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.report;
}

type Seen = Report | 'fails';

/** What each sample, 10 s apart, brings: the events, in words. */
export function story(
  samples: readonly Seen[],
  everySeconds = 10,
): { events: string[]; runs: Run[]; open: Run | undefined } {
  let run: Run | undefined;
  const events: string[] = [];
  const runs: Run[] = [];
  samples.forEach((seen, index) => {
    const atMs = start + index * everySeconds * 1000;
    const step = stepAfter(run, { atMs, report: seen === 'fails' ? undefined : seen, sampleSeconds: everySeconds });
    if (step.ended?.ended !== undefined) {
      const { outcome, atMs: endAtMs } = step.ended.ended;
      events.push(`${index} stop ${step.ended.id} ${outcome} at ${(endAtMs - start) / 1000}`);
      runs.push(step.ended);
    }
    if (step.run !== undefined && step.run.id !== run?.id) events.push(`${index} start ${step.run.id}`);
    if (step.wasReset) events.push(`${index} reset`);
    run = step.run;
  });
  return { events, runs, open: run };
}
