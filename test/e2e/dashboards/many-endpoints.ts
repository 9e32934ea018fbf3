import { describe, expect, test } from 'vitest';
import type { Chosen, OpenDashboard } from '../support/grafana/grafana.ts';
import { nameOf, project } from './stored-run.ts';

const sampleMs = 10_000;
const numbersOf = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);

/** The `n`th endpoint is asked `n` times a second, takes `n` ms, and fails `n` times in a sample. */
function linesOfEndpoints(count: number, startedAtMs: number): string {
  const tags = `project=${project},target=shop,run=${nameOf(startedAtMs)}`;
  const samples = numbersOf(3).map((sample) => {
    const atMs = startedAtMs + sample * sampleMs;
    const endpoints = numbersOf(count).map((n) => {
      const requests = n * 10 * sample;
      const figures =
        `num_requests=${requests}i,num_failures=${n * sample}i,response_time_sum=${requests * n},` +
        `avg_response_time=${n},current_rps=${n},current_fail_per_sec=${n}`;
      return `locust_endpoint,${tags},method=GET,name=/${n} ${figures} ${atMs}`;
    });
    return [`locust_scrape,${tags} up=true,duration=3,state="running" ${atMs}`, ...endpoints].join('\n');
  });
  return samples.join('\n');
}

/** What is drawn of each endpoint, when there are more than lines. */
export function testsOfManyEndpoints(rig: {
  readonly open: (uid: string, range?: Partial<Chosen>) => Promise<OpenDashboard>;
  readonly write: (lines: string) => Promise<void>;
  readonly nowMs: number;
}): void {
  const lastValues = async (opened: OpenDashboard, title: string): Promise<Readonly<Record<string, unknown>>> =>
    Object.fromEntries((await opened.show(title)).map(({ name = '', fields }) => [name, fields[1]?.values.at(-1)]));
  const ownLine = (value: (n: number) => number) =>
    Object.fromEntries(
      numbersOf(12)
        .slice(4)
        .map((n) => [`GET /${n}`, value(n)]),
    );

  describe('of twelve endpoints', () => {
    const written = () => rig.write(linesOfEndpoints(12, rig.nowMs - 60_000));

    test('the eight foremost have a line of their own, and the rest is one', async () => {
      await written();
      const opened = await rig.open('run');
      const rates = { ...ownLine((n) => n), 'all others': 1 + 2 + 3 + 4 };
      expect(await lastValues(opened, 'Requests/s by endpoint')).toEqual(rates);
      const means = { ...ownLine((n) => n), 'all others': (1 + 4 + 9 + 16) / (1 + 2 + 3 + 4) };
      expect(await lastValues(opened, 'Mean response time by endpoint')).toEqual(means);
      const failures = { ...ownLine((n) => n / 10), 'all others': expect.closeTo(1, 9) as number };
      expect(await lastValues(opened, 'Failures/s by endpoint')).toEqual(failures);
      expect(await lastValues(opened, 'Failures/s over time')).toEqual({ 'Failures/s': 78 });
    });

    test('a chosen one is drawn alone', async () => {
      await written();
      const opened = await rig.open('run', { values: { endpoint: '/2' } });
      expect(await lastValues(opened, 'Requests/s by endpoint')).toEqual({ 'GET /2': 2 });
      expect(await lastValues(opened, 'Mean response time by endpoint')).toEqual({ 'GET /2': 2 });
      expect(await lastValues(opened, 'Failures/s by endpoint')).toEqual({ 'GET /2': 0.2 });
      expect(await lastValues(opened, 'Failures/s over time')).toEqual({ 'Failures/s': 2 });
    });
  });
}
