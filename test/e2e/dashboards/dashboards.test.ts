import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dashboards } from '../../../infra/grafana/build.ts';
import { testsAcrossRuns } from './across-runs.ts';
import { testsOfOneRun } from './one-run.ts';
import { notOfEveryRun } from './stored-run.ts';
import type { OpenOne, OverTwoRuns } from './over-two-runs.ts';
import { openDashboard, panelsOf, queriesOf } from '../support/grafana/grafana.ts';
import type { Chosen } from '../support/grafana/grafana.ts';
import { startInfluxd2 } from '../support/influx/influxd-2.ts';
import type { Influxd2 } from '../support/influx/influxd-2.ts';
import { describeWithInfluxd2 } from '../support/parts.ts';
import { collectTwoRuns } from '../support/grafana/two-runs.ts';
import type { TwoRuns } from '../support/grafana/two-runs.ts';
import { startWriteToInfluxd } from '../support/influx/write-to-influxd.ts';
import type { WriteToInfluxd } from '../support/influx/write-to-influxd.ts';

describeWithInfluxd2('The dashboards over two real tests, in a real InfluxDB', () => {
  let influxd: Influxd2;
  let write: WriteToInfluxd;
  let seen: TwoRuns;

  beforeAll(async () => {
    influxd = await startInfluxd2();
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
    return openDashboard(dashboard, influxd, { values, fromAtMs: seen.fromAtMs, toAtMs: seen.toAtMs });
  };
  const parts: OverTwoRuns = { open, seen: () => seen, influxd: () => influxd };
  testsOfOneRun(parts);
  testsAcrossRuns(parts);

  test('every line of the two tests was taken by InfluxDB, but the one that was spoilt', () => {
    const others = write.answers.filter((answer) => answer !== '204');
    expect(others.length).toBeGreaterThan(0);
    for (const answer of others) {
      expect(answer).toMatch(/^422 .*field type conflict: .* measurement \\"locust_worker\\" .*dropped=1/);
    }
  });

  describe.each(Object.entries(dashboards()))('%s', (name, dashboard) => {
    // The first run has everything: a reset, failed attempts, failures.
    const values = (): Chosen['values'] => (name === 'run' ? { run: seen.runs[0] } : {});

    test.each(
      panelsOf(dashboard).flatMap(({ title = '' }) => (name === 'run' && notOfEveryRun.includes(title) ? [] : [title])),
    )('%s has something to show', async (title) => {
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

  test.each(['run', 'compare', 'collector'])('tables of %s fit a window of 1,280 pixels', async (name) => {
    const opened = await open(name, name === 'run' ? { run: seen.runs[0] } : {});
    for (const { title = '', gridPos } of panelsOf(opened.dashboard).filter(({ type }) => type === 'table')) {
      // Less the margins of the window and of the panel.
      expect(await opened.width(title), title).toBeLessThanOrEqual(((gridPos?.w ?? 0) / 24) * 1240);
    }
  });

  test('runs are listed newest first, and the baseline is another run than the one compared', async () => {
    const run = await open('run');
    expect(run.options('project')).toEqual([seen.project]);
    expect(run.options('run')).toEqual(seen.runs.toReversed());
    const compare = await open('compare');
    expect(compare.fill('${run} ${baseline}')).toBe(`${seen.runs[1]} ${seen.runs[0]}`);
  });
});
