import { expect, onTestFinished, test } from 'vitest';
import { describeWithBrowser } from './support/browser.ts';
import { row, useConsole } from './support/console-suite.ts';

describeWithBrowser('The page', () => {
  const suite = useConsole();

  test('shows what somebody else changed in the meantime instead of overwriting it', async () => {
    const { open, served, locust } = suite();
    await served.call('PUT', '/v1/targets/edited', { url: locust.url, project: 'before', tags: { env: 'test' } });
    const { page, inspect } = await open();
    await page.getByRole('link', { name: 'edited' }).click();
    await page.getByRole('button', { name: 'Change' }).click();
    const form = page.getByRole('dialog', { name: 'Change edited' });
    await form.getByLabel('Project').fill('mine');
    await served.call('PATCH', '/v1/targets/edited', { project: 'theirs' });
    await form.getByRole('button', { name: 'Save changes' }).click();
    await form.getByText('Somebody else changed this target').waitFor();
    expect(await form.getByLabel('Project').inputValue()).toBe('theirs');
    await form.getByText('You had: mine').waitFor();
    expect(await inspect('changed-by-others')).toEqual([]);

    await form.getByLabel('Project').fill('mine');
    await form.getByRole('button', { name: 'Save changes' }).click();
    await form.waitFor({ state: 'detached' });
    expect(await served.call('GET', '/v1/targets/edited')).toMatchObject({ project: 'mine', tags: { env: 'test' } });
  });

  test('never shows a password, and leaves it as it is where the field stays empty', async () => {
    const { open, served, locust } = suite();
    const auth = { type: 'basic', username: 'ann', password: 'hunter2' };
    await served.call('PUT', '/v1/targets/edited', { url: locust.url, auth, headers: { 'X-Key': 'a secret' } });
    const { page } = await open();
    await page.getByRole('link', { name: 'edited' }).click();
    await page.getByRole('button', { name: 'Change' }).click();
    const form = page.getByRole('dialog', { name: 'Change edited' });
    expect(await form.getByLabel('Password').inputValue()).toBe('');
    expect(await form.getByLabel('Value of X-Key').inputValue()).toBe('');
    const sent = page.waitForRequest((request) => request.method() === 'PATCH');
    await form.getByLabel('User name').fill('bob');
    await form.getByRole('button', { name: 'Save changes' }).click();
    await form.waitFor({ state: 'detached' });
    expect((await sent).postDataJSON()).toEqual({ auth: { username: 'bob' } });
    expect(await served.call('GET', '/v1/targets/edited')).toMatchObject({
      auth: { username: 'bob' },
      headers: ['X-Key'],
    });
  });

  test('shows a problem at its field, and goes there', async () => {
    const { open } = suite();
    const { page, inspect } = await open();
    await page.getByRole('button', { name: 'Add target' }).click();
    const form = page.getByRole('dialog', { name: 'Add target' });
    const address = form.getByLabel("Address of Locust's web UI");
    // The address has the focus already.
    await page.keyboard.type('ftp://files.example.org');
    await page.keyboard.press('Enter');
    await form.getByText('begin with http:// or https://').waitFor();
    expect(await address.getAttribute('aria-invalid')).toBe('true');
    expect(await address.evaluate('document.activeElement.type')).toBe('url');
    expect(await inspect('problem')).toEqual([]);
    await page.keyboard.press('Escape');
    await form.waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Add target');
  });

  test('shows names with markup in them as text', async () => {
    const { open, served, locust } = suite();
    const project = '<img src="x" onerror="document.title=1"><b>bold</b>';
    await served.call('PUT', '/v1/targets/marked', {
      url: locust.url,
      project,
      tags: { note: '<script>alert(1)</script>' },
    });
    const { page } = await open();
    await row(page, 'marked').getByText(project).waitFor();
    await page.getByRole('link', { name: 'marked' }).click();
    await page.getByText('Settings').click();
    await page.getByText('note=<script>alert(1)</script>').waitFor();
    expect(await page.locator('main img, main b, main script').count()).toBe(0);
    await served.call('DELETE', '/v1/targets/marked');
  });

  test('says that the API is away, keeps what it had, and recovers by itself', async () => {
    const { open, served } = suite();
    const { page, inspect } = await open();
    await row(page, 'edited').waitFor();
    onTestFinished(() => served.comeBack());
    await served.goAway();
    await page.getByText('The API does not answer.').waitFor();
    await row(page, 'edited').waitFor();
    expect(await inspect('away')).toEqual([]);
    await served.comeBack();
    await page.getByText('The API does not answer.').waitFor({ state: 'detached' });
    await page.locator('#connection', { hasText: 'Live' }).waitFor();
  });

  test('moves nothing while the API is away, and frames nothing that is not there', async () => {
    const { open, served } = suite();
    const { page } = await open();
    await page.getByRole('link', { name: 'edited', exact: true }).click();
    await page.getByText('No run yet.').waitFor();
    const height = () => page.evaluate<number>('document.querySelector("main > section").offsetHeight');
    const before = await height();
    onTestFinished(() => served.comeBack());
    await served.goAway();
    await page.getByText('The API does not answer.').waitFor();
    expect(await height()).toBe(before);
  });

  test('asks for the token again when it is not valid any more', async () => {
    const { open, served } = suite();
    const { page, inspect } = await open();
    await row(page, 'edited').waitFor();
    served.token = 'another-admin-token';
    await page.getByText('This is not the admin token, or not any more.').waitFor();
    expect(await inspect('sign-in')).toEqual([]);
    await page.getByLabel('Admin token').fill(served.token);
    await page.keyboard.press('Enter');
    await row(page, 'edited').waitFor();
  });
});
