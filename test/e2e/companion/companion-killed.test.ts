import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCompanionLocust } from '../support/companion/companion-locust.ts';
import { load, until } from '../support/companion/companion-suite.ts';
import { startWindowAhead } from '../support/companion/companion-window.ts';
import type { WindowAhead } from '../support/companion/companion-window.ts';
import { describeWithParts, locustVersions } from '../support/parts.ts';
import { startTargetApp } from '../support/grafana/target-app.ts';
import type { TargetApp } from '../support/grafana/target-app.ts';

const version = locustVersions()[0] ?? 'none';
const silenceMs = 5 * 60_000;

describeWithParts('A headless Locust that is killed', () => {
  let app: TargetApp;
  let api: WindowAhead;
  beforeAll(async () => {
    [app, api] = await Promise.all([startTargetApp(), startWindowAhead()]);
  });
  afterAll(() => Promise.all([app.stop(), api.stop()]));

  test('leaves a run that goes on until it has been silent for five minutes, and is lost then, at its last sample', async () => {
    const env = {
      LOCUST2INFLUX_URL: api.url,
      LOCUST2INFLUX_TOKEN: api.reporterToken,
      LOCUST2INFLUX_TARGET: 'killed',
      LOCUST2INFLUX_INTERVAL: '2',
    };
    const args = ['--headless', ...load];
    const locust = await startCompanionLocust({ version, hostUrl: app.url, env, args });
    try {
      await until(() => {
        expect(api.stored('locust_total').length).toBeGreaterThanOrEqual(3);
      });
      locust.signal('SIGKILL');
      expect((await locust.exited).code).toBeNull();
    } finally {
      await locust.clear();
    }
    // Give or take what a report that was under way, and a machine that is slow, may need.
    const { checkedAt } = (await api.target('killed'))['status'] as { checkedAt: string };
    const silentFromAtMs = Date.parse(checkedAt);
    expect(await api.runs('killed')).toHaveLength(1);

    await api.windowFrom(silentFromAtMs + silenceMs - 2 * 60_000);
    const [goingOn] = await api.runs('killed');
    expect(goingOn).not.toHaveProperty('outcome');
    expect(await api.target('killed')).toMatchObject({ status: { run: goingOn?.['run'] } });

    await api.windowFrom(silentFromAtMs + silenceMs + 60_000);
    const lastAt = api.stored('locust_total').at(-1)?.[0].split(' ').at(-1);
    const endedAt = new Date(Number(lastAt)).toISOString();
    expect(await api.runs('killed')).toMatchObject([{ run: goingOn?.['run'], outcome: 'lost', endedAt }]);
    expect((await api.target('killed'))['status']).not.toHaveProperty('run');
    expect(api.stored('locust_event').map(([series]) => /event=(\w+)/.exec(series)?.[1])).toEqual(['start', 'stop']);
  });
});
