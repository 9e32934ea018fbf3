import { expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { describeWithBrowser, looks } from '../support/browser/browser.ts';
import type { Look } from '../support/browser/browser.ts';
import { sidewaysScroll, useConsole } from '../support/browser/console-suite.ts';

describeWithBrowser('The page, of dead letters that cannot be read,', () => {
  const suite = useConsole();

  test('shows their size and why, and offers nothing but to drop them', async () => {
    const { open, served } = suite();
    await served.deadLetters.add({ lines: ['damaged f=1i 1'], status: 400, reason: 'refused' }, Date.now());
    await served.deadLetters.add({ lines: ['a f=1i 1', 'b f=1i 1'], status: 400, reason: 'refused' }, Date.now() + 1);
    for (const look of Object.keys(looks) as Look[]) {
      const { page, inspect } = await open(look);
      await answerUnreadable(page);
      await page.goto(`${served.url}/#/dead-letters`);
      await page.getByText('cannot be read: it is no gzip').waitFor();
      expect([...(await inspect('unreadable-letter')), ...(await sidewaysScroll(page))], look).toEqual([]);
      await answerReadable(page);
    }

    const { page } = await open();
    await answerUnreadable(page);
    await page.goto(`${served.url}/#/dead-letters`);
    const damaged = page.locator('.letters > li').first();
    await damaged.getByText('80 bytes').waitFor();
    expect(await damaged.getByRole('button').allTextContents()).toEqual(['Drop']);
    expect(await damaged.locator('details').count()).toBe(0);
    const readable = page.locator('.letters > li').nth(1);
    await readable.getByRole('button', { name: /^Drop/ }).click();
    await page.getByRole('dialog', { name: 'Drop 2 lines?' }).getByRole('button', { name: 'Drop' }).click();
    await page.getByRole('button', { name: 'Replay all' }).waitFor({ state: 'hidden' });

    await damaged.getByRole('button').click();
    const question = page.getByRole('dialog', { name: 'Drop 80 bytes?' });
    await question.getByText('It will be deleted for good. It cannot be read: it is no gzip').waitFor();
    await question.getByRole('button', { name: 'Drop' }).click();
    await page.locator('.notice', { hasText: 'Dropped 80 bytes.' }).waitFor();
    expect((await served.deadLetters.list({ limit: 9 })).letters).toEqual([]);
    await answerReadable(page);
  });
});

/** The API's answer, of which the letter of one line is what was found damaged. */
function answerUnreadable(page: Page): Promise<unknown> {
  const damage = { unreadableBytes: 80, reason: 'cannot be read: it is no gzip', points: 0, lines: [] };
  return page.route('**/v1/dead-letters?*', async (route) => {
    const response = await route.fetch();
    const { deadLetters, ...rest } = (await response.json()) as { deadLetters: { points: number }[] };
    const damaged = deadLetters.map((letter) =>
      letter.points === 1 ? { ...letter, ...damage, status: undefined } : letter,
    );
    await route.fulfill({ response, json: { ...rest, deadLetters: damaged } });
  });
}

/** Ends that: the page asks again and again, also when it is closed. */
function answerReadable(page: Page): Promise<void> {
  return page.unrouteAll({ behavior: 'ignoreErrors' });
}
