import { expect, test } from 'vitest';
import { expectedEndpoints, expectedTotal } from '../support/expected-rows.ts';
import { endpointsThatGrew, failureRates } from '../support/grafana/failure-rates.ts';
import { rowsOf } from '../support/grafana/grafana.ts';
import type { OpenDashboard } from '../support/grafana/grafana.ts';
import { numbers, sum } from './over-two-runs.ts';
import type { OverTwoRuns } from './over-two-runs.ts';
import { ofNow } from './stored-run.ts';

/** What the dashboard Run shows is what Locust said. */
export function testsOfOneRun({ open, seen, influxd }: OverTwoRuns): void {
  const openRun = (index: 0 | 1): Promise<OpenDashboard> => open('run', { run: seen().runs[index] });

  test.each([0, 1] as const)('the figures of run %i are what Locust said last', async (index) => {
    const run = await openRun(index);
    const said = expectedTotal(seen().last[index]);
    expect(await run.rows('Chosen run')).toMatchObject([
      {
        Requests: said['num_requests'],
        Failed: said['fail_ratio'],
        Mean: said['avg_response_time'],
        p95: said['response_time_percentile_95'],
      },
    ]);
    expect(rowsOf(await run.show('Failed'))[0]?.['Failed']).toBe(said['fail_ratio']);
    // The run is over, and nothing looks as if it went on.
    expect(await run.figure('State')).toEqual({ text: 'finished', color: 'text' });
    for (const title of ofNow) expect((await run.figure(title)).text, title).toBe('–');
  });

  test('the table of endpoints says what Locust said, one row each, with a picture', async () => {
    const rows = await (await openRun(0)).rows('Endpoints');
    const said = expectedEndpoints(seen().last[0]);
    expect(rows).toHaveLength(said.length);
    const grew = endpointsThatGrew(await influxd().rows('locust_endpoint'), seen().runs[0]);
    expect(grew.size).toBeGreaterThan(0);
    for (const { tags, fields } of said) {
      const row = rows.find((each) => each['method'] === tags['method'] && each['name'] === tags['name']);
      expect(row).toMatchObject({
        Requests: fields['num_requests'],
        Failures: fields['num_failures'],
        Failed: Number(fields['num_failures']) / Number(fields['num_requests']),
        Mean: fields['avg_response_time'],
        Median: fields['median_response_time'],
        p95: fields['response_time_percentile_95'],
        p99: fields['response_time_percentile_99'],
        Min: fields['min_response_time'],
        Max: fields['max_response_time'],
        // The test is over, and what Locust repeats then is no rate.
        'Requests/s': null,
        Size: fields['avg_content_length'],
      });
      // Of an endpoint with requests in one bar alone there is nothing to draw.
      const picture = { fields: [{ name: 'Time' }, { labels: tags }] };
      if (grew.has(`${tags['method']} ${tags['name']}`)) expect(row?.['Trend #B']).toMatchObject(picture);
      else expect(row?.['Trend #B']).toBeUndefined();
    }
  });

  test('a chosen endpoint is shown alone, whatever its name', async () => {
    const names = (await openRun(0)).options('endpoint');
    expect(names).toHaveLength(expectedEndpoints(seen().last[0]).length);
    for (const name of names) {
      const run = await open('run', { run: seen().runs[0], endpoint: name });
      expect((await run.rows('Endpoints')).map((row) => row['name'])).toEqual([name]);
    }
  });

  test('errors are counted as Locust counts them', async () => {
    const rows = await (await openRun(0)).rows('Errors');
    expect(sum(numbers(rows, 'Count'))).toBe(sum(seen().last[0].errors.map((error) => Number(error['occurrences']))));
    expect(rows.every((row) => typeof row['Example'] === 'string' && row['Example'] !== '')).toBe(true);
  });

  test.each([0, 1] as const)(
    'failures by endpoint of run %i are those between the samples of two bars',
    async (index) => {
      const shown = await (await openRun(index)).show('Failures/s by endpoint');
      const expected = failureRates(await influxd().rows('locust_endpoint'), seen().runs[index]);
      expect(expected.size).toBeGreaterThan(0);
      expect(shown.map(({ name }) => name).toSorted()).toEqual([...expected.keys()].toSorted());
      for (const { name = '', fields } of shown) {
        const [at, perSecond] = fields.map(({ values }) => values);
        expect(at).toEqual(expected.get(name)?.map(([atMs]) => atMs));
        for (const [bar, [, rate]] of (expected.get(name) ?? []).entries())
          expect(perSecond?.[bar]).toBeCloseTo(rate, 9);
      }
    },
  );

  test('the mean of an interval is that of the requests that finished in it', async () => {
    const means = rowsOf(await (await openRun(0)).show('Response times')).filter((row) => 'Mean' in row);
    const [stored] = await influxd().query(
      `SELECT "num_requests", "avg_response_time" FROM "locust_total" WHERE "run" = '${seen().runs[0]}'`,
    );
    // Of what is filled in, Locust's history has no count.
    const whole = stored?.values.filter(([, count]) => count !== null) ?? [];
    const samples = whole.map(([at, count, mean]) => ({ at, count: Number(count), mean: Number(mean) }));
    for (const [index, sample] of samples.entries()) {
      const before = samples[index - 1];
      if (before === undefined || sample.count <= before.count) continue;
      const mean = (sample.mean * sample.count - before.mean * before.count) / (sample.count - before.count);
      expect(Number(means.find((row) => row['Time'] === sample.at)?.['Mean'])).toBeCloseTo(mean, 6);
    }
    const growing = samples.filter(({ count }, index) => count > (samples[index - 1]?.count ?? Infinity));
    expect(growing.length).toBeGreaterThan(2);
    expect(means.map((row) => row['Time'])).toEqual(growing.map(({ at }) => at));
  });

  test('an interruption is explained, and start, reset and stop are marked', async () => {
    const run = await openRun(0);
    const attempts = rowsOf(await run.show('Why there is no sample'));
    expect(attempts.map((row) => row['No answer'])).toContain('http-status');
    expect(attempts.map((row) => row['State'])).toContain('running');
    const marks = run.dashboard.annotations.list ?? [];
    const texts = await Promise.all(
      marks.map(
        async ({ target }) => (await run.query(run.fill((target as unknown as { query: string }).query)))[0]?.values,
      ),
    );
    expect(texts.map((values) => values?.length)).toEqual([1, 1, 1]);
    expect((await run.rows('What happened')).map((row) => row['Event'])).toEqual(['start', 'reset', 'stop']);
  });
}
