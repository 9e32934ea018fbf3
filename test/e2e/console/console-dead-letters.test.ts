import { expect, test } from 'vitest';
import type { Locator, Page } from 'playwright-core';
import { withResolvers } from '../../../lambda/runtime/with-resolvers.ts';
import { rejectedLines } from '../../support/influx/kept-lines.ts';
import { describeWithBrowser, looks } from '../support/browser/browser.ts';
import type { Look } from '../support/browser/browser.ts';
import { holdBack, sidewaysScroll, useConsole } from '../support/browser/console-suite.ts';

/** Long enough for a window of the collector to begin, which it does at the full minute, on whatever machine. */
const patienceMs = 240_000;
const markup = '<img src="x" onerror="document.title=1"> <b>unable to parse</b>';

describeWithBrowser('The page, of lines that InfluxDB refuses,', () => {
  const suite = useConsole();

  test('says nothing while there are none, then counts them, shows why, and replays them until they are stored', async () => {
    const { open, served, locust } = suite();
    const { page } = await open();
    await page.getByRole('heading', { name: 'No target yet' }).waitFor();
    expect(await page.getByRole('link', { name: /dead letter/ }).count()).toBe(0);

    await served.influx.refuse();
    await served.call('PUT', '/v1/targets/shop', { url: locust.url, sampleSeconds: 2 });
    await served.collect();
    await locust.startTest({ users: 2, spawnRate: 2 });
    const refusals = async () => (await served.deadLetters.list({ limit: 1 })).letters.length;
    await expect.poll(refusals, { timeout: patienceMs }).toBe(1);
    await passAMinute(page);
    await page.getByRole('link', { name: /dead letter/ }).click();
    const letter = letters(page).first();
    await letter
      .getByText(/user_count/)
      .first()
      .waitFor();
    await letter.getByText('answered 422').waitFor();
    await letter.locator('summary').click();
    const refused = (await letter.locator('pre').textContent()) ?? '';
    expect(refused).toMatch(/^locust_total,.*target=shop.*user_count=\d+i/);
    const instant = / (\d+)(?:\n|$)/.exec(refused)?.[1] ?? 'no instant';
    const ofShop = async () => (await served.influx.lines()).filter((line) => /^locust_total,.*target=shop/.test(line));
    const isStored = async () => (await ofShop()).some((line) => line.includes(` ${instant}`));

    await served.influx.mend();
    // What is stored now was sent after the last refusal.
    await expect.poll(async () => (await ofShop()).length, { timeout: patienceMs }).toBeGreaterThan(1);
    expect(await isStored()).toBe(false);
    await page.getByRole('button', { name: 'Replay all' }).click();
    await page
      .locator('.notice', { hasText: /^Replayed \d+ dead letters?\. InfluxDB gets them within 5 minutes/ })
      .waitFor();
    // Samples go on coming, and what waits follows behind them from the next window on.
    await expect.poll(isStored, { timeout: patienceMs }).toBe(true);
    await page.getByText('No dead letters.').waitFor();
    await locust.stopTest();
    await served.call('DELETE', '/v1/targets/shop');
  });

  test('shows them in every look, reasons with markup in them as text', async () => {
    const { open, served } = suite();
    await refuse(suite().served, 2);
    for (const look of Object.keys(looks) as Look[]) {
      const { page, inspect } = await open(look);
      await page.getByRole('link', { name: '2 dead letters' }).waitFor();
      const findings = [...(await inspect('dead-letter-notice')), ...(await sidewaysScroll(page))];
      await page.getByRole('link', { name: '2 dead letters' }).click();
      await letters(page).first().getByText(markup).waitFor();
      await letters(page).first().locator('summary').click();
      findings.push(...(await inspect('dead-letters')), ...(await sidewaysScroll(page)));
      expect(findings, look).toEqual([]);
      expect(await page.locator('main img, main b').count()).toBe(0);
    }
    await served.call('DELETE', '/v1/dead-letters');
  });

  test('replays and drops one by keyboard alone, the latter after a question, and goes on to the next', async () => {
    const { open, served } = suite();
    await refuse(served, 3);
    const { page } = await open();
    await page.goto(`${served.url}/#/dead-letters`);
    await letters(page).nth(2).waitFor();
    await letters(page)
      .first()
      .getByRole('button', { name: /^Replay/ })
      .focus();
    await page.keyboard.press('Enter');
    await page.locator('.notice', { hasText: 'Replayed 1 line. InfluxDB gets' }).waitFor();
    expect(await focused(page)).toMatch(/^Replay the 2 lines of/);

    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    const question = page.getByRole('dialog', { name: 'Drop 2 lines?' });
    await question.getByText(markup).waitFor();
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'detached' });
    expect((await served.deadLetters.list({ limit: 9 })).letters).toHaveLength(2);
    expect(await focused(page)).toMatch(/^Drop the 2 lines of/);
    await page.keyboard.press('Enter');
    await question.waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('.notice', { hasText: 'Dropped 2 lines.' }).waitFor();
    expect(await focused(page)).toMatch(/^Drop the 3 lines of/);
    const left = (await served.deadLetters.list({ limit: 9 })).letters;
    expect([left.length, rejectedLines(left).length]).toEqual([1, 3]);
    await served.call('DELETE', '/v1/dead-letters');
  });

  test('goes on to the next one even where a refresh takes the card away before the answer comes', async () => {
    const { open, served } = suite();
    await refuse(served, 3);
    const { page } = await open();
    await page.goto(`${served.url}/#/dead-letters`);
    await letters(page).nth(2).waitFor();
    const answer = withResolvers<undefined>();
    await page.route('**/replay', async (route) => {
      const response = await route.fetch();
      await answer.promise;
      await route.fulfill({ response });
    });
    await letters(page)
      .nth(1)
      .getByRole('button', { name: /^Replay/ })
      .press('Enter');
    await expect.poll(() => letters(page).count(), { timeout: patienceMs }).toBe(2);
    answer.resolve(undefined);
    await page.locator('.notice', { hasText: 'Replayed 2 lines' }).waitFor();
    expect(await focused(page)).toMatch(/^Replay the 3 lines of/);
    await served.call('DELETE', '/v1/dead-letters');
  });

  test('drops all, more than one call of the API can, and says so when somebody else did it first', async () => {
    const { open, served } = suite();
    await refuse(served, 103);
    const { page } = await open();
    await page.getByRole('link', { name: 'More than 20 dead letters' }).click();
    await page.getByText('These are the oldest 50.').waitFor();
    const {
      letters: [oldest],
    } = await served.deadLetters.list({ limit: 1 });
    const letGo = await holdBack(page, '/v1/dead-letters?');
    await served.deadLetters.drop(oldest?.id ?? '');
    await letters(page)
      .first()
      .getByRole('button', { name: /^Replay the 1 line / })
      .click();
    await page.locator('.notice', { hasText: 'Somebody else did it first' }).waitFor();
    await letGo();

    await page.getByRole('button', { name: 'Drop all' }).click();
    await page.getByRole('dialog', { name: 'Drop all?' }).getByRole('button', { name: 'Drop' }).click();
    await page.locator('.notice', { hasText: 'Dropped 102 dead letters.' }).waitFor();
    await page.getByText('No dead letters.').waitFor();
    expect(await focused(page)).toBe('Dead letters');
  });
});

type Served = ReturnType<ReturnType<typeof useConsole>>['served'];

/** Puts dead letters of one line, of two, of three … */
async function refuse({ deadLetters }: Served, count: number): Promise<void> {
  const atMs = Date.now();
  for (let index = 0; index < count; index += 1) {
    const lines = Array.from({ length: index + 1 }, (_, line) => `refused,target=shop f=${line}i 1`);
    await deadLetters.add({ lines, status: 400, reason: markup }, atMs + index);
  }
}

/** Sets the page's clock forward: it counts dead letters once a minute. */
function passAMinute(page: Page): Promise<unknown> {
  return page.evaluate(
    '{ const before = performance.now.bind(performance); performance.now = () => before() + 60_000; }',
  );
}

function letters(page: Page): Locator {
  return page.locator('.letters > li');
}

/** What has the focus, by its name or its text. */
function focused(page: Page): Promise<string> {
  return page.evaluate<string>(
    'document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent',
  );
}
