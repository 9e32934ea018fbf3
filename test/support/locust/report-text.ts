import { readFileSync, readdirSync } from 'node:fs';
import { parseReport } from '../../../lambda/locust/report/report.ts';
import type { Report } from '../../../lambda/locust/report/report.ts';

const fixtures = new URL('../../fixtures/locust-reports/', import.meta.url);

/** Names of the recorded answers. */
export const recorded = readdirSync(fixtures).filter((name) => name.endsWith('.json'));
export const bodyOf = (name: string): string => readFileSync(new URL(name, fixtures), 'utf8');

export function reportOf(text: string): Report {
  const parsed = parseReport(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.report;
}

export const row = {
  method: 'GET',
  name: '/',
  num_requests: 3,
  num_failures: 1,
  avg_response_time: 2.5,
  current_rps: 0.5,
};
export const total = { ...row, method: null, name: 'Aggregated' };

/** An answer with one endpoint, or with what a test puts in its place. */
export const answer = (more: object): string =>
  JSON.stringify({ stats: [row, total], errors: [], state: 'running', user_count: 2, fail_ratio: 0.3, ...more });

export const manyRows = (count: number): object[] =>
  Array.from({ length: count }, (_, i) => ({ ...row, name: `/${i}` }));
