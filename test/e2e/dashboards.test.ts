import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dashboards } from '../../infra/grafana/build.ts';
import { testsAcrossRuns } from './dashboards/across-runs.ts';
import { testsOfOneRun } from './dashboards/one-run.ts';
import type { OpenOne, OverTwoRuns } from './dashboards/over-two-runs.ts';
import { openDashboard, panelsOf, queriesOf } from './support/grafana.ts';
import type { Chosen } from './support/grafana.ts';
import { startInfluxd } from './support/influxd.ts';
import type { Influxd } from './support/influxd.ts';
import { describeWithParts } from './support/parts.ts';
import { collectTwoRuns } from './support/two-runs.ts';
import type { TwoRuns } from './support/two-runs.ts';
import { startWriteToInfluxd } from './support/write-to-influxd.ts';
import type { WriteToInfluxd } from './support/write-to-influxd.ts';

describeWithParts('The dashboards over two real tests, in a real InfluxDB', () => {
  let influxd: Influxd;
  let write: WriteToInfluxd;
  let seen: TwoRuns;

  beforeAll(async () => {
    influxd = await startInfluxd();
    write = await startWriteToInfluxd(influxd);
    seen = await collectTwoRuns(influxd, write);
  });

  afterAll(async () => {
    await write.stop();
    await influxd.stop();
  });

  const open: OpenOne = (name, values = {}) => {
    const dashboard = dashboards()[name];
    if (dashboard === undefined) throw new Error(`no dashboard ${name}`);
    return openDashboard(dashboard, influxd, { values, fromMs: seen.fromMs, toMs: seen.toMs });
  };
  const parts: OverTwoRuns = { open, seen: () => seen, influxd: () => influxd };
  testsOfOneRun(parts);
  testsAcrossRuns(parts);

  test('every line of the two tests was taken by InfluxDB, but the one that was spoilt', () => {
    const others = write.answers.filter((answer) => answer !== '204');
    expect(others.length).toBeGreaterThan(0);
    for (const answer of others) {
      expect(answer).toMatch(/^400 .*field type conflict: .* measurement \\"locust_worker\\" .*dropped=1/);
    }
  });

  describe.each(Object.entries(dashboards()))('%s', (name, dashboard) => {
    // The first run has everything: a reset, failed attempts, failures.
    const values = (): Chosen['values'] => (name === 'run' ? { run: seen.runs[0] } : {});

    test.each(panelsOf(dashboard).map(({ title }) => [title ?? '']))('%s has something to show', async (title) => {
      const shown = await (await open(name, values())).show(title);
      const filled = shown.flatMap(({ fields }) => fields.filter(({ type }) => type !== 'time'));
      expect(filled.some((field) => field.values.some((value) => value !== null && value !== undefined))).toBe(true);
    });

    test('every query is one that InfluxDB understands, whatever is chosen', async () => {
      const opened = await open(name, {
        project: 'a/b (c)* [d]$',
        target: '^',
        run: 'x|y',
        endpoint: 'it\'s "so" {1}',
      });
      for (const panel of panelsOf(dashboard)) {
        for (const { query } of queriesOf(panel)) {
          const influxql = opened.fill(query).replaceAll('$__interval', '10s');
          expect(await opened.query(influxql)).toBeInstanceOf(Array);
        }
      }
    });
  });

  test('runs are listed newest first, and the baseline is another run than the one compared', async () => {
    const run = await open('run');
    expect(run.options('project')).toEqual([seen.project]);
    expect(run.options('run')).toEqual(seen.runs.toReversed());
    const compare = await open('compare');
    expect(compare.fill('${run} ${baseline}')).toBe(`${seen.runs[1]} ${seen.runs[0]}`);
  });
});
