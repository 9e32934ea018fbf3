import { expect, test } from 'vitest';
import { expectedEndpoints, expectedTotal } from '../support/expected-rows.ts';
import { rowsOf } from '../support/grafana.ts';
import { numbers, sum } from './over-two-runs.ts';
import type { OverTwoRuns } from './over-two-runs.ts';

/** What the dashboards Compare, Trends and Collector show. */
export function testsAcrossRuns({ open, seen, influxd }: OverTwoRuns): void {
  test('two runs lie over each other from their starts', async () => {
    const compare = await open('compare');
    const rows = await compare.rows('Requests/s');
    const [older, newer] = seen().runs;
    expect(numbers(rows, newer).length).toBeGreaterThan(4);
    expect(numbers(rows, older).length).toBeGreaterThan(8);
    const seconds = numbers(rows, 'Since start');
    expect(seconds).toHaveLength(rows.length);
    expect(seconds).toEqual(seconds.toSorted((a, b) => a - b));
    expect(Math.min(...seconds)).toBeLessThan(40);
    expect(Math.max(...seconds)).toBeLessThan(180);
    const whole = await compare.rows('Both runs');
    expect(whole.map((row) => row['Run'])).toEqual(seen().runs);
    expect(whole.map((row) => row['Requests'])).toEqual(seen().last.map((said) => expectedTotal(said)['num_requests']));
  });

  test('differences of endpoints are run minus baseline', async () => {
    const rows = await (await open('compare')).rows('Endpoints: run against baseline');
    const [older, newer] = seen().last.map(expectedEndpoints);
    expect(rows).toHaveLength(newer?.length ?? 0);
    for (const { tags, fields } of newer ?? []) {
      const baseline = older?.find(
        (each) => each.tags['name'] === tags['name'] && each.tags['method'] === tags['method'],
      );
      const row = rows.find((each) => each['name'] === tags['name'] && each['method'] === tags['method']);
      const difference = Number(fields['avg_response_time']) - Number(baseline?.fields['avg_response_time']);
      expect(row?.['Mean difference']).toBeCloseTo(difference, 9);
      expect(row?.['Mean change']).toBeCloseTo(difference / Number(baseline?.fields['avg_response_time']), 9);
      expect(row?.['p95 difference']).toBe(
        Number(fields['response_time_percentile_95']) - Number(baseline?.fields['response_time_percentile_95']),
      );
    }
  });

  test('trends have a point per run at its start, which leads to the run in a range that holds it all', async () => {
    const trends = await open('trends');
    const rows = await trends.rows('Runs');
    expect(rows.map((row) => row['run'])).toEqual(seen().runs);
    expect(rows.map((row) => row['Failed'])).toEqual(seen().last.map((said) => said.fail_ratio));
    expect(rows.map((row) => row['Mean'])).toEqual(seen().last.map((said) => expectedTotal(said)['avg_response_time']));
    const events = await influxd().rows('locust_event');
    for (const row of rows) {
      expect([row['From'], row['Until']]).toEqual([
        expect.stringMatching(/^\d{13}$/),
        expect.stringMatching(/^\d{13}$/),
      ]);
      const ofRun = events.filter(({ tags }) => tags['run'] === row['run']).map(({ atMs }) => atMs);
      expect(Math.min(...ofRun)).toBe(row['Started']);
      expect(Number(row['From'])).toBeLessThan(Math.min(...ofRun));
      expect(Number(row['Until'])).toBeGreaterThan(Math.max(...ofRun));
    }
    const [point] = await trends.show('Mean response time per run');
    expect(point?.fields.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'Started time',
      'run string',
      'From string',
      'Until string',
      'Mean number',
    ]);
  });

  test('the collector counts every attempt, and failed ones by kind and target', async () => {
    const collector = await open('collector');
    const attempts = await influxd().rows('locust_scrape');
    const rows = rowsOf(await collector.show('Attempts to read Locust'));
    const failed = attempts.filter(({ fields }) => fields['up'] === false).length;
    expect(sum(numbers(rows, 'Answered'))).toBe(attempts.length - failed);
    expect(sum(numbers(rows, 'Failed'))).toBe(failed);
    expect(await collector.rows('Failed attempts by target')).toMatchObject([
      { target: seen().target, Reason: 'http-status', 'Duration (count)': failed },
    ]);
  });
}
