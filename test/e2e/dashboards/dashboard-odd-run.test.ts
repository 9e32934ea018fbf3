import { afterAll, beforeAll, expect, test } from 'vitest';
import { dashboards } from '../../../infra/grafana/build.ts';
import { openDashboard, panelsOf } from '../support/grafana/grafana.ts';
import type { Chosen, OpenDashboard } from '../support/grafana/grafana.ts';
import { startInfluxd2 } from '../support/influx/influxd-2.ts';
import type { Influxd } from '../support/influx/influxd.ts';
import { describeWithInfluxd2 } from '../support/parts.ts';

const hourMs = 3_600_000;
const run = '20261122T120000Z';
const startedAtMs = Date.UTC(2026, 10, 22, 12);
/** Two hours later, at the end of a time range of one hour. */
const sampledAtMs = startedAtMs + 2 * hourMs;
const endpoint = `/it's "so" {1}/[a]|b$`;

/** What is stored of a run that was sampled once in the time range. */
function linesOfOneSample(): string {
  const tags = `project=a/b,target=t.1,run=${run}`;
  const ofEndpoint = `method=GET,name=${endpoint.replaceAll(' ', '\\ ')}`;
  const figures =
    'num_requests=10i,num_failures=1i,response_time_sum=100,fail_ratio=0.1,current_rps=2,current_fail_per_sec=0.1,' +
    'avg_response_time=10,min_response_time=1,max_response_time=20,median_response_time=9,avg_content_length=5,' +
    'response_time_percentile_90=18,response_time_percentile_95=19,response_time_percentile_99=20';
  const ofRun = `user_count=3i,seconds_since_start=7200,started_at=${startedAtMs}i`;
  return [
    `locust_scrape,${tags} up=true,duration=3,size=100i,state="running" ${sampledAtMs}`,
    `locust_total,${tags} ${figures},${ofRun},current_response_time_percentile_50=9 ${sampledAtMs}`,
    `locust_endpoint,${tags},${ofEndpoint} ${figures} ${sampledAtMs}`,
    `locust_error,${tags},${ofEndpoint},error=no\\ "b'c" occurrences=1i,message="no" ${sampledAtMs}`,
  ].join('\n');
}

describeWithInfluxd2('A run that began before the time range, was sampled once, and has odd names', () => {
  let influxd: Influxd;
  beforeAll(async () => {
    influxd = await startInfluxd2();
    expect((await influxd.write(linesOfOneSample())).status).toBe(204);
  });
  afterAll(() => influxd.stop());

  const open = (name: string, values: Chosen['values'] = {}): Promise<OpenDashboard> => {
    const dashboard = dashboards()[name];
    if (dashboard === undefined) throw new Error(`no dashboard ${name}`);
    return openDashboard(dashboard, influxd, { values, fromAtMs: sampledAtMs - hourMs, toAtMs: sampledAtMs });
  };

  test('its endpoint can be chosen, and is shown with its errors', async () => {
    const opened = await open('run', { endpoint });
    expect([opened.options('run'), opened.options('endpoint')]).toEqual([[run], [endpoint]]);
    expect(await opened.rows('Endpoints')).toMatchObject([{ method: 'GET', name: endpoint, Requests: 10, Mean: 10 }]);
    expect(await opened.rows('Errors')).toMatchObject([{ name: endpoint, error: `no "b'c"`, Count: 1 }]);
    expect(await opened.rows('Chosen run')).toMatchObject([{ Run: run, Requests: 10, p99: 20 }]);
    expect(await opened.figure('State')).toEqual({ text: 'silent', color: 'orange' });
  });

  test('a trend leads to all of it, from its start on, once it is over', async () => {
    expect(await (await open('trends')).show('Runs')).toEqual([]);
    const tags = `project=a/b,target=t.1,run=${run}`;
    const own = `outcome="lost",started_at=${startedAtMs}i,ended_at=${sampledAtMs}i,duration_seconds=7200,num_requests=10i`;
    expect((await influxd.write(`locust_run,${tags} ${own} ${startedAtMs}`)).status).toBe(204);
    const trends = openDashboard(dashboards()['trends'] ?? expect.fail(), influxd, {
      ...{ values: {}, fromAtMs: startedAtMs, toAtMs: sampledAtMs },
    });
    const [row] = await (await trends).rows('Runs');
    expect(row).toMatchObject({ Started: startedAtMs, run, Requests: 10, Outcome: 'lost' });
    expect(Number(row?.['From'])).toBeLessThan(startedAtMs);
    expect(Number(row?.['Until'])).toBeGreaterThan(sampledAtMs);
  });

  test('it is shown alone where there is no other to compare it with', async () => {
    const compare = await open('compare');
    expect(compare.options('baseline')).toEqual([]);
    expect(await compare.rows('Both runs')).toMatchObject([{ Run: run, Duration: 7200 }]);
    expect(await compare.rows('Requests/s')).toEqual([{ 'Since start': 7200, [`Run ${run}`]: 2 }]);
    expect(await compare.rows('Endpoints: run against baseline')).toMatchObject([{ name: endpoint, 'Mean Run': 10 }]);
  });

  test.each(Object.keys(dashboards()))('no panel of %s fails on it', async (name) => {
    const opened = await open(name);
    for (const { title = '' } of panelsOf(opened.dashboard)) expect(await opened.show(title)).toBeInstanceOf(Array);
  });
});
