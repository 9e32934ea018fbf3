import { expect, onTestFinished, test } from 'vitest';
import type { Page } from 'playwright-core';
import { startFaultyInflux } from '../../support/influx/faulty-influx.ts';
import { describeWithBrowser, looks } from '../support/browser/browser.ts';
import type { Look } from '../support/browser/browser.ts';
import { row, sidewaysScroll, useConsole } from '../support/browser/console-suite.ts';

/** Long enough for some windows of the collector, and for the page's look once a minute, on whatever machine. */
const patienceMs = 420_000;

describeWithBrowser('The page, of what goes wrong behind all targets,', () => {
  const suite = useConsole();

  test('says that nobody collects, that InfluxDB takes nothing, and nothing once both do', async () => {
    const { open, served, locust } = suite();
    await served.call('PUT', '/v1/targets/shop', { url: locust.url, sampleSeconds: 2 });
    const before = await open();
    await before.page.getByText('The collector has not reported yet.').waitFor();

    const influx = await startFaultyInflux();
    onTestFinished(() => influx.close());
    await influx.behave({ status: 401 });
    const { url, org, bucket, token } = influx.settings;
    await served.collect({ INFLUX_URL: url, INFLUX_ORG: org, INFLUX_BUCKET: bucket, INFLUX_TOKEN: token });
    await locust.startTest({ users: 2, spawnRate: 2 });
    await row(before.page, 'shop').getByText('running', { exact: true }).waitFor({ timeout: patienceMs });
    const notice = before.page.getByRole('status').filter({ hasText: 'InfluxDB' });
    await notice.waitFor({ timeout: patienceMs });
    expect(await notice.textContent()).toMatch(
      /^InfluxDB is not taking points: [1-9]\d* of the last minute are waiting, none were lost\.$/,
    );
    for (const look of Object.keys(looks) as Look[]) {
      const { page, inspect } = await open(look);
      await page.getByText('InfluxDB is not taking points').waitFor();
      expect([...(await inspect('points-wait')), ...(await sidewaysScroll(page))], look).toEqual([]);
    }

    await influx.behave('works');
    await notice.waitFor({ state: 'detached', timeout: patienceMs });
    await locust.stopTest();
  });

  test('says how long ago the collector last reported, and that points are lost', async () => {
    const { page } = await suite().open();
    await page.getByRole('heading', { name: 'Targets' }).waitFor();
    const endedAt = new Date(Date.now() - 4 * 60_000).toISOString();
    await answerHealth(page, { collecting: false, lastWindow: { endedAt, pointsWaiting: 12, pointsLost: 3 } });
    await page.reload();
    await page.getByText('the collector last reported 4 min ago.').waitFor();
    await page.getByText('12 of the last minute are waiting, 3 were lost.').waitFor();
    // The page goes on asking while it is closed.
    await page.unrouteAll({ behavior: 'ignoreErrors' });
  });
});

/** Four minutes without a collector are long: the API's answer, with these words in it. */
function answerHealth(page: Page, words: Readonly<Record<string, unknown>>): Promise<unknown> {
  return page.route('**/v1/health', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...((await response.json()) as object), ...words } });
  });
}
