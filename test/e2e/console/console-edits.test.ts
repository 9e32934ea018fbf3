import { expect, onTestFinished, test } from 'vitest';
import { describeWithBrowser } from '../support/browser/browser.ts';
import { row, useConsole } from '../support/browser/console-suite.ts';

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

  test('takes a login form, and shows the names of its fields without their values', async () => {
    const { open, served, locust } = suite();
    await served.call('PUT', '/v1/targets/edited', { url: locust.url });
    const { page, inspect } = await open();
    await page.getByRole('link', { name: 'edited' }).click();
    const change = async (fill: (form: ReturnType<typeof page.getByRole>) => Promise<void>): Promise<unknown> => {
      await page.getByRole('button', { name: 'Change' }).click();
      const form = page.getByRole('dialog', { name: 'Change edited' });
      const sent = page.waitForRequest((request) => request.method() === 'PATCH');
      await fill(form);
      await form.getByRole('button', { name: 'Save changes' }).click();
      await form.waitFor({ state: 'detached' });
      return (await sent).postDataJSON() as unknown;
    };
    const auth = { type: 'form', url: `${locust.url}/login`, fields: { password: 'hunter2' } };

    const made = await change(async (form) => {
      await form.getByText('Login, headers, TLS and limits').click();
      await form.getByLabel('Login', { exact: true }).selectOption('Login form');
      await form.getByLabel('Address of the login form').fill(auth.url);
      await form.getByRole('button', { name: 'Add a field' }).click();
      await form.getByLabel('Field name').fill('password');
      await form.getByLabel('Field value').fill('hunter2');
      expect(await inspect('login-form')).toEqual([]);
    });
    const changed = await change(async (form) => {
      expect(await form.getByLabel('Value of password').inputValue()).toBe('');
      await form.getByLabel('Address of the login form').fill(`${locust.url}/in`);
    });

    expect([made, changed]).toEqual([{ auth }, { auth: { url: `${locust.url}/in` } }]);
    await page.getByText(`form at ${locust.url}/in; stored: password`).waitFor({ state: 'attached' });
    expect(await page.content()).not.toContain('hunter2');
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
    await page.getByText('No runs yet.').waitFor();
    const height = () => page.evaluate<number>('document.querySelector("main > section").offsetHeight');
    const before = await height();
    onTestFinished(() => served.comeBack());
    await served.goAway();
    await page.getByText('The API does not answer.').waitFor();
    expect(await height()).toBe(before);
  });

  test('asks for the token again when it is no longer valid', async () => {
    const { open, served } = suite();
    const { page, inspect } = await open();
    await row(page, 'edited').waitFor();
    served.token = 'another-admin-token';
    await page.getByText('Wrong or expired admin token.').waitFor();
    expect(await inspect('sign-in')).toEqual([]);
    await page.getByLabel('Admin token').fill(served.token);
    await page.keyboard.press('Enter');
    await row(page, 'edited').waitFor();
  });
});
