import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { npmStart } from '../../support/rigs/typescript-program.ts';
import { describeWithBrowser, startBrowser, visit } from '../support/browser/browser.ts';
import { startProcess, waitUntilReady } from '../support/part-process.ts';

const root = join(import.meta.dirname, '../../..');
/** The one in the README. */
const picture = join(root, 'lambda/console/picture.png');
/** The part of the page that has something on it, px. */
const clip = { x: 0, y: 0, width: 1280, height: 570 };
/** The demo's rounds last about two minutes; the picture needs one finished run and samples of the next. */
const patienceMs = 480_000;

describeWithBrowser('npm start -- --demo', () => {
  test('shows a load test on the page, as in the picture in the README (UPDATE_PICTURE=1 takes it again)', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'locust2influx-demo-'));
    const args = [...npmStart, '--demo', '--port', '0', '--data', folder];
    const demo = startProcess({ program: process.execPath, args });
    const browser = await startBrowser();
    try {
      const address = (): string | undefined => /Page and API at (http:\S+)/.exec(demo.output())?.[1];
      await waitUntilReady(demo, () => Promise.resolve(address() !== undefined));
      const { admin } = JSON.parse(await readFile(join(folder, 'tokens.json'), 'utf8')) as { admin: string };
      const { page, errors, inspect } = await visit(browser, `${address()}/#token=${admin}`);
      await page.getByRole('link', { name: 'demo' }).click();
      await page.locator('.run-card').getByText('finished').waitFor({ timeout: patienceMs });
      const underWay = page.locator('.run-card').filter({ hasText: 'running' }).locator('.picture');
      const samples = async (): Promise<number> => Number(await underWay.getAttribute('data-samples'));
      await expect.poll(samples, { timeout: patienceMs }).toBeGreaterThan(5);
      expect(await inspect('demo')).toEqual([]);
      expect(errors).toEqual([]);
      if (process.env['UPDATE_PICTURE'] === '1') await page.screenshot({ path: picture, clip });
    } finally {
      await browser.close();
      await demo.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
