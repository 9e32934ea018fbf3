import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { describeWithBrowser, looks } from '../support/browser/browser.ts';
import type { Look } from '../support/browser/browser.ts';
import { sidewaysScroll, useConsole } from '../support/browser/console-suite.ts';

/** Long enough for a window of the collector to begin, which a minute's end may delay, on whatever machine. */
const patienceMs = 240_000;
const hostile = '<img src=x onerror="document.title=1"> release';

describeWithBrowser('The page shows the result of a run', () => {
  const suite = useConsole();

  test('with its verdict, the figures of every endpoint as in Locust’s CSV, and its errors, in every look', async () => {
    const { served, locust, open } = suite();
    const criteria = ['fail_ratio < 100 %', 'num_requests > 1000000'];
    await served.call('PUT', '/v1/targets/shop', { url: locust.url, sampleSeconds: 2, criteria });
    await served.collect();
    await locust.startTest({ users: 6, spawnRate: 6 });
    await expect.poll(async () => (await locust.csvCounts())[1], { timeout: patienceMs }).toBeGreaterThan(1);
    await expect.poll(() => stateOfShop(), { timeout: patienceMs }).toBe('running');
    await locust.stopTest();

    const { page } = await open();
    await page.getByRole('link', { name: 'shop' }).click();
    const card = page.locator('.run-card');
    await card.getByText('failed', { exact: true }).waitFor({ timeout: patienceMs });
    await card.getByRole('link').click();
    await page.getByRole('heading', { name: 'Verdict: failed' }).waitFor();
    const rules = await page.getByRole('region', { name: 'Criteria' }).locator('tbody tr').allTextContents();
    expect(rules[0]).toMatch(/^failednum_requests > 1000000/);
    expect(rules[1]).toMatch(/^passedfail_ratio < 100 %/);

    // What comes in after the end is put over it some seconds later, and the page looks for that.
    const [requests, failures] = await locust.csvCounts();
    const counted = async (column: number): Promise<number> => {
      const cells = page.getByRole('region', { name: 'Endpoints' }).locator(`tbody td:nth-of-type(${column})`);
      return (await cells.allTextContents()).reduce((sum, text) => sum + Number(text.replace(/,/g, '')), 0);
    };
    await expect.poll(() => counted(1), { timeout: patienceMs }).toBe(requests);
    expect(await counted(2)).toBe(failures);
    const times = await page.getByRole('region', { name: 'Errors' }).locator('tbody td.num').allTextContents();
    expect(times.reduce((sum, text) => sum + Number(text), 0)).toBe(failures);

    for (const look of Object.keys(looks) as Look[]) {
      const { page: other, inspect } = await open(look);
      await other.goto(page.url());
      await other.getByRole('region', { name: 'Endpoints' }).waitFor();
      expect([...(await inspect('result')), ...(await sidewaysScroll(other))], look).toEqual([]);
    }
  });

  test('sorted by what one clicks on', async () => {
    const { open, served } = suite();
    const { page } = await open();
    await page.getByRole('link', { name: 'shop' }).click();
    await page.locator('.run-card a').click();
    const endpoints = page.getByRole('region', { name: 'Endpoints' });
    const names = () => endpoints.locator('tbody th').allTextContents();
    const { runs } = await served.call('GET', '/v1/targets/shop/runs');
    const [run] = runs as { run: string }[];
    const { final } = await served.call('GET', `/v1/targets/shop/runs/${run?.run}`);
    const { endpoints: rows } = final as { endpoints: { method: string; name: string; maxResponseTime: number }[] };
    const slowest = Math.max(...rows.map(({ maxResponseTime }) => maxResponseTime));
    const isSlowest = (named: string | undefined): boolean =>
      rows.some(({ method, name, maxResponseTime }) => maxResponseTime === slowest && `${method} ${name}` === named);
    await endpoints.getByRole('button', { name: 'Max' }).click();
    expect((await names())[0]).toSatisfy(isSlowest);
    await endpoints.getByRole('button', { name: 'Max' }).click();
    expect((await names()).at(-1)).toSatisfy(isSlowest);
    expect(await endpoints.locator('[aria-sort]').textContent()).toBe('Max');
  });

  test('under the label that people gave it, with their note, as text', async () => {
    const { open } = suite();
    const { page } = await open();
    await page.getByRole('link', { name: 'shop' }).click();
    await page.locator('.run-card a').click();
    await page.getByRole('button', { name: 'Label and note' }).click();
    const form = page.getByRole('dialog', { name: 'Label and note' });
    await form.getByLabel('Label').fill('a\tb');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText(/one line/).waitFor();
    await form.getByLabel('Label').fill(hostile);
    await form.getByLabel('Note').fill('Database on the\nold hardware.');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.waitFor({ state: 'detached' });
    await page.getByRole('heading', { level: 1, name: '<img src=x' }).waitFor();
    await page.getByText('Database on the old hardware.').waitFor();
    await page.getByRole('link', { name: '‹ shop' }).click();
    await page.locator('.run-card').getByRole('link', { name: '<img src=x' }).waitFor();
  });

  test('as a file for a spreadsheet, with Locust’s own columns and counts', async () => {
    const { open, locust } = suite();
    const { page } = await open();
    await page.getByRole('link', { name: 'shop' }).click();
    await page.locator('.run-card a').click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download CSV' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^shop_\d{8}T\d{6}Z_stats\.csv$/);
    const csv = await readFile(await download.path(), 'utf8');
    const [requests, failures] = await locust.csvCounts();
    expect(csv).toMatch(/^Type,Name,Request Count,Failure Count/);
    expect(csv.trim().split('\n').at(-1)).toMatch(new RegExp(`^,Aggregated,${requests},${failures},`));
  });

  test('until somebody removes its record, after a question', async () => {
    const { open } = suite();
    const { page } = await open();
    await page.getByRole('link', { name: 'shop' }).click();
    await page.locator('.run-card a').click();
    await page.getByRole('button', { name: 'Remove run' }).click();
    await page.getByRole('dialog', { name: 'Remove this run?' }).getByRole('button', { name: 'Remove' }).click();
    await page.getByText('No runs yet.').waitFor();
  });

  async function stateOfShop(): Promise<unknown> {
    const { status } = await suite().served.call('GET', '/v1/targets/shop');
    return (status as { state?: string } | undefined)?.state;
  }
});
