import { expect, test } from 'vitest';
import { alertRules } from '../../../infra/grafana/alerting/rules.ts';
import type { AlertRule } from '../../../infra/grafana/alerting/rules.ts';
import type { Influxd } from '../support/influx/influxd.ts';
import { linesOfRun, nameOf, project } from './stored-run.ts';
import type { StoredRun } from './stored-run.ts';

const minuteMs = 60_000;

/** Which rules would call, by their names, and of which target. */
async function calls(influxd: Influxd): Promise<Readonly<Record<string, readonly string[]>>> {
  const rules = alertRules('any');
  const called = await Promise.all(
    rules.map(async (rule) => [rule.uid.replace('locust2influx-', ''), await calledBy(rule, influxd)] as const),
  );
  return Object.fromEntries(called.filter(([, of]) => of.length > 0));
}

/** As Grafana does it: the last number of each series, and of the series that all queries have, those that meet the condition. */
async function calledBy({ data }: AlertRule, influxd: Influxd): Promise<readonly string[]> {
  const queries = data.flatMap(({ model }) => (typeof model['query'] === 'string' ? [model['query']] : []));
  const lasts = await Promise.all(
    queries.map(async (query) => {
      const series = await influxd.query(query);
      return new Map(series.map(({ tags = {}, values }) => [tags['target'] ?? '-', Number(values.at(-1)?.[1] ?? 0)]));
    }),
  );
  const [first] = lasts;
  const condition = String(data.at(-1)?.model['expression']);
  return [...(first?.keys() ?? [])].filter((target) => {
    const numbers = lasts.map((last) => last.get(target));
    return (
      numbers.every((number) => number !== undefined) && condition.split(' && ').every((part) => meets(part, numbers))
    );
  });
}

function meets(part: string, numbers: readonly (number | undefined)[]): boolean {
  const [, name = '', operator, limit] = /^\$([A-Z]) (>=|==) ([\d.]+)$/.exec(part) ?? expect.fail(part);
  const number = numbers[name.charCodeAt(0) - 'A'.charCodeAt(0)] ?? NaN;
  return operator === '==' ? number === Number(limit) : number >= Number(limit);
}

/** What alert rules make of real answers. */
export function testsOfAlerts(rig: {
  readonly write: (lines: string) => Promise<void>;
  readonly influxd: () => Influxd;
}): void {
  const ran = (target: string, from: number, to: number): StoredRun => {
    const startedAtMs = Date.now() - from * minuteMs;
    return { target, startedAtMs, durationMs: (from - to) * minuteMs, sampleMs: 10_000 };
  };
  const withoutStop = (run: StoredRun): string => linesOfRun(run).split('\n').slice(0, -1).join('\n');

  test('nobody is called for a run that goes well, nor for one that is over', async () => {
    const well = withoutStop(ran('well', 10, 0)).replaceAll('current_fail_per_sec=1', 'current_fail_per_sec=0.1');
    const lastAtMs = Date.now() - 5 * minuteMs;
    const over = linesOfRun(ran('over', 10, 5));
    const end = `locust_scrape,project=${project},target=over,run=${nameOf(ran('over', 10, 5).startedAtMs)}`;
    await rig.write([well, over, `${end} up=true,duration=3,state="stopped" ${lastAtMs + 10_000}`].join('\n'));
    expect(await calls(rig.influxd())).toEqual({});
  });

  test('those are called who have to act: nothing comes, too much fails, answers are slow, InfluxDB takes nothing', async () => {
    const silent = withoutStop(ran('silent', 12, 6));
    const gone = ran('gone', 12, 6);
    const attempts = [4, 3, 2, 1, 0].map(
      (ago) =>
        `locust_scrape,project=${project},target=gone,run=${nameOf(gone.startedAtMs)} up=false,duration=5,reason="refused" ` +
        String(Date.now() - ago * minuteMs),
    );
    const failing = withoutStop(ran('failing', 10, 0));
    const slow = withoutStop({ ...ran('slow', 10, 0), currentP95Ms: 1220 });
    const window = `locust2influx_window,shard=0 waiting_age=660000,points_lost=1i,points_rejected=0i ${Date.now() - minuteMs}`;
    await rig.write([silent, withoutStop(gone), ...attempts, failing, slow, window].join('\n'));
    expect(await calls(rig.influxd())).toEqual({
      'no-answer': ['gone'],
      'silent-run': ['silent'],
      'failed-requests': ['failing', 'slow'],
      'slow-answers': ['slow'],
      'lines-wait': ['-'],
      'lines-lost': ['-'],
    });
  });
}
