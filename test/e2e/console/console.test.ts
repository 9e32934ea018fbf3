import { expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { describeWithBrowser, looks } from '../support/browser/browser.ts';
import type { Look } from '../support/browser/browser.ts';
import { row, sidewaysScroll, useConsole } from '../support/browser/console-suite.ts';

/** Long enough for a window of the collector to begin, which a minute's end may delay, on whatever machine. */
const patienceMs = 240_000;
const users = 4;

describeWithBrowser('The page beside a real load test', () => {
  const suite = useConsole();

  test('says how to start while nothing is registered, and keeps the token for the tab, not in the address', async () => {
    const { open, served } = suite();
    const { page, inspect } = await open();
    await page.getByRole('heading', { name: 'No target yet' }).waitFor();
    expect(await page.locator('pre').textContent()).toBe('npm start -- --target shop=http://localhost:8089');
    expect(page.url()).toBe(`${served.url}/#/`);
    expect(await inspect('nothing-registered')).toEqual([]);
    await page.reload();
    await page.getByRole('heading', { name: 'No target yet' }).waitFor();
  });

  test('shows a real test from its registration to its end, live', async () => {
    const { open, served, locust } = suite();
    const { page } = await open();
    await addShop(page, locust.url);
    await served.collect();
    await checkShop(page);
    await page.getByRole('link', { name: '‹ All targets' }).click();
    await row(page, 'shop').getByText('ready', { exact: true }).waitFor({ timeout: patienceMs });
    // Polled every few seconds, but nothing is sampled, and to record that nothing changed would cost a write each.
    expect(await lastSample(page)).toBe('–');
    await served.call('PUT', '/v1/targets/a-quiet-one', { url: locust.url, enabled: false });
    await row(page, 'a-quiet-one').waitFor();
    expect(await page.locator('tbody a').allTextContents()).toEqual(['a-quiet-one', 'shop']);

    await row(page, 'shop').getByRole('link').focus();
    await locust.startTest({ users, spawnRate: users });
    await row(page, 'shop').getByText('running', { exact: true }).waitFor({ timeout: patienceMs });
    await row(page, 'shop')
      .getByRole('cell', { name: String(users), exact: true })
      .waitFor();
    expect(await lastSample(page)).toMatch(/^(?:just now|\d+ s ago)$/);
    expect(await page.locator('tbody a').allTextContents()).toEqual(['shop', 'a-quiet-one']);
    // The row has moved, and the keyboard is where it was.
    expect(await page.evaluate('document.activeElement.textContent')).toBe('shop');
    await served.call('DELETE', '/v1/targets/a-quiet-one');
    await page.getByRole('link', { name: 'shop' }).click();
    const picture = page.locator('.picture').first();
    await picture.waitFor();
    const samplesNow = async () => Number(await picture.getAttribute('data-samples'));
    const samplesBefore = await samplesNow();
    await expect.poll(samplesNow, { timeout: patienceMs }).toBeGreaterThan(samplesBefore + 1);
    await expect
      .poll(() => picture.getAttribute('aria-label'), { timeout: patienceMs })
      .toMatch(new RegExp(`^Users up to ${users}, Requests/s up to [1-9]`));

    await lookEverywhere();
    await locust.stopTest();
    await page.locator('.run-card').getByText('finished').waitFor({ timeout: patienceMs });
    await page.getByText(/ · stopped since \d/).waitFor();
  });

  test('tells the figures at any instant of a run, by pointer and by keyboard, and the last ones as Locust does', async () => {
    const { open, locust } = suite();
    const { page } = await open();
    await page.getByRole('link', { name: 'shop' }).click();
    await page.locator('.run-card a').first().click();
    // What comes in after the end is put over it some seconds later, and the page looks for that.
    const [requests, failures] = await locust.csvCounts();
    const shown = (name: string) => page.locator('.tiles div').filter({ hasText: name }).locator('dd').textContent();
    const number = (value: number, more?: object): string => value.toLocaleString('en-US', more);
    await expect.poll(() => shown('Requests'), { timeout: patienceMs }).toBe(number(requests));
    expect(await shown('Failures')).toBe(number(failures / requests, { style: 'percent', maximumFractionDigits: 1 }));
    const chart = page.getByRole('slider', { name: 'Instant in the run' });
    // There is nothing to move through before the run has come.
    await chart.and(page.locator('[aria-valuetext*="into the run"]')).waitFor();
    await chart.focus();
    await page.keyboard.press('Home');
    const first = await chart.getAttribute('aria-valuetext');
    await page.keyboard.press('ArrowRight');
    const second = await chart.getAttribute('aria-valuetext');
    expect(second).not.toBe(first);
    expect(second).toMatch(/into the run: Users \d+, Requests\/s .*, p95 .*, p50 /);
    await page.keyboard.press('End');
    // Left of where the run begins, however long it was.
    await chart.hover({ position: { x: 30, y: 60 } });
    expect(await chart.getAttribute('aria-valuetext')).toBe(first);
    await page.getByText('Figures as a table').click();
    await page
      .getByRole('cell', { name: String(users), exact: true })
      .first()
      .waitFor();
  });

  test('pauses, resumes and removes, the last after a question', async () => {
    const { open, served } = suite();
    const { page } = await open();
    await row(page, 'shop').getByRole('button', { name: 'Pause shop' }).click();
    await row(page, 'shop').getByText('paused', { exact: true }).waitFor();
    expect(await served.call('GET', '/v1/targets/shop')).toMatchObject({ enabled: false });
    await row(page, 'shop').getByRole('button', { name: 'Resume shop' }).click();
    await row(page, 'shop').getByRole('button', { name: 'Pause shop' }).waitFor();

    await page.getByRole('link', { name: 'shop' }).click();
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    const question = page.getByRole('dialog', { name: 'Remove shop?' });
    await question.getByRole('button', { name: 'Cancel' }).click();
    expect(await served.call('GET', '/v1/targets/shop')).toMatchObject({ id: 'shop', enabled: true });
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await question.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('heading', { name: 'No target yet' }).waitFor();
    await expect(served.call('GET', '/v1/targets/shop')).rejects.toThrow('404');

    await page.goto(`${served.url}/#/targets/shop`);
    await page.getByText('This target was removed. Its runs are kept.').waitFor();
    await page.locator('.run-card').getByText('finished').waitFor();
    expect(await page.getByRole('button', { name: 'Remove', exact: true }).isDisabled()).toBe(true);
  });

  /** Every view in every look: a picture of each, nothing serious for axe-core, nothing wider than the screen. */
  async function lookEverywhere(): Promise<void> {
    for (const look of Object.keys(looks) as Look[]) {
      const { page, inspect } = await suite().open(look);
      await row(page, 'shop').getByText('running').waitFor();
      const findings = [...(await inspect('targets'))];
      await page.getByRole('link', { name: 'shop' }).click();
      await page.locator('.picture svg').first().waitFor();
      findings.push(...(await inspect('target')), ...(await sidewaysScroll(page)));
      await page.locator('.run-card a').first().click();
      await page.locator('.run-chart svg').waitFor();
      findings.push(...(await inspect('run')), ...(await sidewaysScroll(page)));
      expect(findings, look).toEqual([]);
    }
  }
});

function lastSample(page: Page): Promise<string | null> {
  return row(page, 'shop')
    .getByRole('cell')
    .filter({ has: page.locator('time') })
    .textContent();
}

async function addShop(page: Page, url: string): Promise<void> {
  await page.getByRole('button', { name: 'Add target' }).click();
  const form = page.getByRole('dialog', { name: 'Add target' });
  await form.getByLabel("Address of Locust's web UI").fill(url);
  await form.getByLabel('Id', { exact: true }).fill('shop');
  await form.getByLabel('Sampled every').selectOption('2');
  await form.getByRole('button', { name: 'Add target' }).click();
  await page.getByRole('heading', { name: 'shop', exact: true }).waitFor();
}

async function checkShop(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Check now' }).click();
  const check = page.getByRole('dialog', { name: 'Check shop' });
  await check.getByText('reachable').waitFor();
  await check.getByText(/^locust_total,/).waitFor();
  await check.getByRole('button', { name: 'Close' }).last().click();
}
