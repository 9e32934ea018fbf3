import { readFile } from 'node:fs/promises';
import { expect, test, vi } from 'vitest';
import { trendsQueries } from '../../../infra/grafana/queries/trends.ts';
import { groupBy } from '../../../lambda/runtime/group-by.ts';
import { expectedEndpoints, expectedTotal } from '../support/expected-rows.ts';
import { rowsOf } from '../support/grafana/grafana.ts';
import { askInfluxql } from '../support/influx/influxd.ts';
import { numbers, sum, summariesOf } from './over-two-runs.ts';
import type { OverTwoRuns } from './over-two-runs.ts';

/** What the dashboards Compare, Trends and Collector show. */
export function testsAcrossRuns({ open, seen, influxd }: OverTwoRuns): void {
  test('two runs lie over each other from their starts', async () => {
    const compare = await open('compare');
    const rows = await compare.rows('Requests/s');
    const totals = await influxd().rows('locust_total');
    for (const [index, run] of seen().runs.entries()) {
      const column = `${index === 0 ? 'Baseline' : 'Run'} ${run}`;
      const beganAtMs = seen().beganAtMs[index] ?? NaN;
      // The closing sample has no rates.
      const samples = totals.filter(({ tags, fields }) => tags['run'] === run && fields['current_rps'] !== undefined);
      expect(samples.length).toBeGreaterThan(4);
      const drawn = rows.filter((row) => typeof row[column] === 'number');
      expect(drawn.map((row) => [row['Since start'], row[column]])).toEqual(
        // What is filled in is a millisecond behind a whole second; of two in one second the later one is shown.
        [...new Map(samples.map(({ atMs, fields }) => [Math.round((atMs - beganAtMs) / 1000), fields['current_rps']]))],
      );
    }
    const seconds = numbers(rows, 'Since start');
    expect(seconds).toHaveLength(rows.length);
    expect(seconds).toEqual([...new Set(seconds)].toSorted((a, b) => a - b));
    const whole = await compare.rows('Both runs');
    expect(whole.map((row) => row['Run'])).toEqual(seen().runs);
    expect((await compare.cells('Both runs')).map((row) => row['Side']?.text)).toEqual(['Baseline', 'Run']);
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
    expect(rows.map((row) => row['target'])).toEqual([seen().target, seen().target]);
    expect(rows.map((row) => row['Failed'])).toEqual(seen().last.map((said) => said.fail_ratio));
    expect(rows.map((row) => row['Mean'])).toEqual(seen().last.map((said) => expectedTotal(said)['avg_response_time']));
    expect(rows.map((row) => row['Outcome'])).toEqual(['finished', 'finished']);
    const events = await influxd().rows('locust_event');
    for (const [index, row] of rows.entries()) {
      expect([row['From'], row['Until']]).toEqual([
        expect.stringMatching(/^\d{13}$/),
        expect.stringMatching(/^\d{13}$/),
      ]);
      const ofRun = events.filter(({ tags }) => tags['run'] === row['run']).map(({ atMs }) => atMs);
      expect(row['Started']).toBe(seen().beganAtMs[index]);
      expect(Number(row['From'])).toBeLessThan(Math.min(...ofRun));
      expect(Number(row['Until'])).toBeGreaterThan(Math.max(...ofRun));
    }
    const [point] = await trends.show('Mean response time per run');
    expect(point?.fields.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'Started time',
      'target string',
      'run string',
      'From string',
      'Until string',
      'Mean number',
    ]);
  });

  test('the task of the documents keeps runs in a bucket of their own, to the digit', async () => {
    const influx = influxd();
    const { settings } = influx;
    const readme = await readFile(new URL('../../../lambda/influx/README.md', import.meta.url), 'utf8');
    const task = /```flux\n([^`]+)```/.exec(readme)?.[1];
    await influx.createBucket('locust-runs');
    const { id } = (await influx.api('POST', '/api/v2/tasks', { orgID: influx.bucket().orgID, flux: task })) as {
      id: string;
    };
    const begun = (await influx.api('POST', `/api/v2/tasks/${id}/runs`, {})) as { id: string };
    await vi.waitFor(
      async () => {
        expect(await influx.api('GET', `/api/v2/tasks/${id}/runs/${begun.id}`)).toMatchObject({ status: 'success' });
      },
      { timeout: 60_000, interval: 200 },
    );
    const kept = async (name: string): Promise<unknown> =>
      influx.flux(
        `from(bucket: "${name}") |> range(start: 0) |> filter(fn: (r) => r._measurement =~ /^locust_run/) ` +
          '|> drop(columns: ["_start", "_stop"])',
      );
    expect(await kept('locust-runs')).toEqual(await kept(settings.bucket));
    const asked = { url: settings.url, database: 'locust-runs', headers: { authorization: `Token ${settings.token}` } };
    const [runs] = await askInfluxql(asked, trendsQueries.runs.build().query.replace(/WHERE .* GROUP/, 'GROUP'));
    expect(runs?.values).toHaveLength(2);
  });

  test('the collector counts every attempt, and failed ones by kind and target', async () => {
    const collector = await open('collector');
    const attempts = await influxd().rows('locust_scrape');
    const rows = rowsOf(await collector.show('Attempts to read Locust'));
    const failed = attempts.filter(({ fields }) => fields['up'] === false).length;
    expect(sum(numbers(rows, 'Answered'))).toBe(attempts.length - failed);
    expect(sum(numbers(rows, 'Failed'))).toBe(failed);
    // Beside those of the interruption there may be some of a machine that was busy.
    const byReason = groupBy(
      attempts.filter(({ fields }) => fields['up'] === false),
      ({ fields }) => String(fields['reason']),
    );
    expect(byReason.get('http-status')?.length).toBeGreaterThan(1);
    const kinds = rowsOf(await collector.show('Failed attempts by kind'));
    const byTarget = await collector.rows('Failed attempts by target');
    expect(byTarget).toHaveLength(byReason.size);
    for (const [reason, { length }] of byReason) {
      expect(sum(numbers(kinds, reason))).toBe(length);
      const row = byTarget.find((each) => each['Reason'] === reason);
      expect(row).toMatchObject({ target: seen().target, 'Duration (count)': length });
    }
  });

  test('the collector’s figures are what its windows said, and add up to what is stored', async () => {
    const collector = await open('collector');
    const figure = async (title: string, column = title): Promise<unknown> =>
      rowsOf(await collector.show(title))
        .map((row) => row[column])
        .find((value) => typeof value === 'number');
    const said = summariesOf(seen());
    const total = (of: (window: (typeof said)[number]) => number): number => sum(said.map(of));
    const attempts = await influxd().rows('locust_scrape');
    const failed = attempts.filter(({ fields }) => fields['up'] === false).length;
    expect(await figure('Lost lines')).toBe(0);
    expect(await figure('Rejected lines')).toBe(1);
    expect(await figure('Oldest waiting line')).toBe(0);
    expect(await figure('Failed samples')).toBeCloseTo(failed / attempts.length, 9);
    expect(await figure('Greatest lateness')).toBe(Math.max(...said.map(({ latenessMs }) => latenessMs)));
    expect(await figure('Instants without a sample', 'Missed')).toBe(total(({ missed }) => missed));
    expect(await figure('Instants without a sample', 'Skipped')).toBe(total(({ skipped }) => skipped));
    const samples = rowsOf(await collector.show('Samples'));
    expect(sum(numbers(samples, 'Answered'))).toBe(attempts.length - failed);
    expect(sum(numbers(samples, 'Failed'))).toBe(failed);
    expect(sum(numbers(rowsOf(await collector.show('Windows')), 'shard 0'))).toBe(said.length);
    const lateness = numbers(rowsOf(await collector.show('Lateness')), 'shard 0');
    expect(Math.max(...lateness)).toBe(Math.max(...said.map(({ latenessMs }) => latenessMs)));
  });

  test('what is in order has no colour that calls, and what was amiss has the one its panel speaks of', async () => {
    const collector = await open('collector');
    const colours = async (title: string): Promise<readonly string[]> => collector.colours(title);
    expect(await colours('Lost lines')).toEqual(['green']);
    expect(await colours('Oldest waiting line')).toEqual(['green']);
    expect(await colours('Rejected lines')).toEqual(['orange']);
    // How much of the rest there was is up to the machine; which colour that has is not.
    const said = summariesOf(seen());
    const total = (of: (window: (typeof said)[number]) => number): number => sum(said.map(of));
    const failedShare = total(({ samplesFailed }) => samplesFailed) / total(({ samples }) => samples);
    expect(await colours('Failed samples')).toEqual([colourOf(failedShare, 'text', 0.01, 0.05)]);
    const notSampled = [total(({ missed }) => missed), total(({ skipped }) => skipped)];
    expect(await colours('Instants without a sample')).toEqual(notSampled.map((count) => colourOf(count, 'green', 1)));
    const greatest = Math.max(...said.map(({ latenessMs }) => latenessMs));
    expect(await colours('Greatest lateness')).toEqual([colourOf(greatest, 'text', 5_000, 10_000)]);
  });

  test('lines that waited through an outage are shown as waiting, then as delivered late, and none is missing', async () => {
    const collector = await open('collector');
    const rows = rowsOf(await collector.show('Lines by what became of them'));
    const lines = (column: string): number => sum(numbers(rows, column));
    const waited = seen().windows.filter(({ waiting }) => (waiting?.entries ?? 0) > 0);
    expect(lines('Put to wait')).toBeGreaterThan(0);
    // What windows tell of themselves waits as well.
    expect(seen().ownLinesThatWaited).toBeGreaterThan(0);
    expect(waited.length).toBeGreaterThan(0);
    expect(lines('Delivered late')).toBe(lines('Put to wait') + seen().ownLinesThatWaited);
    expect([lines('Rejected'), lines('Lost')]).toEqual([1, 0]);
    const stored = (await influxd().rows()).filter(({ measurement }) => measurement !== 'locust2influx_window');
    expect(stored).toHaveLength(lines('Delivered') + lines('Put to wait') - seen().linesWrittenAgain);
    const spool = rowsOf(await collector.show('Waiting in the spool'));
    expect(Math.max(...numbers(spool, 'Batches'))).toBe(
      Math.max(...waited.map(({ waiting }) => waiting?.entries ?? 0)),
    );
    const ages = waited.map(({ waiting }) => (waiting?.ageSeconds ?? 0) * 1000);
    expect(Math.max(...numbers(spool, 'Age of the oldest'))).toBe(Math.max(...ages));
    expect([numbers(spool, 'Batches').at(-1), numbers(spool, 'Age of the oldest').at(-1)]).toEqual([0, 0]);
  });
}

/** The colour that a panel's description promises. */
function colourOf(value: number, inOrder: string, orangeFrom: number, redFrom = Infinity): string {
  if (value >= redFrom) return 'red';
  return value >= orangeFrom ? 'orange' : inOrder;
}
