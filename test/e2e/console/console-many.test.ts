import { expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { describeWithBrowser, looks } from '../support/browser/browser.ts';
import type { Look } from '../support/browser/browser.ts';
import { holdBack, row, sidewaysScroll, useConsole } from '../support/browser/console-suite.ts';

const projects = ['alpha', 'beta', 'gamma'] as const;
const registered = 1_700;

describeWithBrowser('The page with many targets', () => {
  const suite = useConsole();

  test('counts all of them, finds any, and draws no more than are asked for', async () => {
    const { open, served } = suite();
    await served.register(Array.from({ length: registered }, (_, index) => paused(index)));
    const { page, inspect } = await open();
    await page.getByRole('button', { name: 'All 1,700' }).waitFor();
    await page.getByRole('button', { name: 'Paused 1,700' }).waitFor();
    expect(await page.locator('tbody tr').count()).toBe(100);
    expect(await inspect('many-targets')).toEqual([]);
    await page.getByRole('button', { name: 'Show more (100 of 1,700 shown)' }).click();
    expect(await page.locator('tbody tr').count()).toBe(200);
    // The keyboard goes on where the new ones begin.
    expect(await page.evaluate('document.activeElement.textContent')).toBe('bulk-100');

    await page.getByRole('searchbox', { name: 'Find' }).fill('bulk-1699');
    await row(page, 'bulk-1699').waitFor();
    expect(await page.locator('tbody tr').count()).toBe(1);
    await page.getByRole('link', { name: 'bulk-1699' }).click();
    await page.getByRole('link', { name: '‹ All targets' }).click();
    await row(page, 'bulk-1699').waitFor();
    expect(await page.getByRole('searchbox', { name: 'Find' }).inputValue()).toBe('bulk-1699');
  });

  test('asks for one project only once that is chosen, and for a part of all at each look', async () => {
    const { open } = suite();
    const { page } = await open();
    await page.getByRole('button', { name: 'All 1,700' }).waitFor();
    const looked = await askedInOneLook(page);
    expect(looked.length).toBeGreaterThan(0);
    expect(looked.length).toBeLessThanOrEqual(5);
    await page.getByRole('combobox', { name: 'Project' }).selectOption('beta');
    await page.getByRole('button', { name: 'All 567' }).waitFor();
    const ofBeta = await askedInOneLook(page);
    expect(ofBeta.length).toBeGreaterThan(0);
    expect(ofBeta.filter((url) => !url.includes('project=beta'))).toEqual([]);
    await page.getByRole('combobox', { name: 'Project' }).selectOption('All projects');
    await page.getByRole('button', { name: 'All 1,700' }).waitFor();
  });

  test('shows at once what was done to a target that is not looked at now, and what others removed', async () => {
    const { open, served } = suite();
    const { page } = await open();
    await page.getByRole('searchbox', { name: 'Find' }).fill('bulk-7');
    const letGo = await holdBack(page, '/v1/targets?');
    await row(page, 'bulk-7').getByRole('button', { name: 'Resume bulk-7' }).click();
    await row(page, 'bulk-7').getByText('waiting').waitFor();
    await letGo();
    await served.call('DELETE', '/v1/targets/bulk-77');
    await row(page, 'bulk-77').waitFor({ state: 'detached' });
    await row(page, 'bulk-7').getByRole('button', { name: 'Pause bulk-7' }).click();
  });

  test('says that a target reports by itself, and offers nothing that needs an address', async () => {
    const { open, served } = suite();
    await served.call('PUT', '/v1/targets/ci-nightly', { source: 'report', project: 'nightly' });
    for (const look of Object.keys(looks) as Look[]) {
      const { page, inspect } = await open(look);
      await page.getByRole('searchbox', { name: 'Find' }).fill('reports by itself');
      await row(page, 'ci-nightly').getByText('nightly · reports by itself').waitFor();
      await row(page, 'ci-nightly').getByText('No report yet.').waitFor();
      const findings = [...(await inspect('report-row')), ...(await sidewaysScroll(page))];
      await page.getByRole('link', { name: 'ci-nightly', exact: true }).click();
      await page.getByText('nightly · reports by itself').waitFor();
      await page.getByRole('button', { name: 'Change' }).waitFor();
      await page.getByRole('button', { name: 'Check now' }).waitFor({ state: 'hidden' });
      await page.getByText('Settings').click();
      expect(await page.getByText('Login').count()).toBe(0);
      findings.push(...(await inspect('report-target')), ...(await sidewaysScroll(page)));
      expect(findings, look).toEqual([]);
    }
  });

  test('changes a target that reports by itself', async () => {
    const { open, served } = suite();
    const { page } = await open();
    await page.goto(`${served.url}/#/targets/ci-nightly`);
    await page.getByRole('button', { name: 'Change' }).click();
    const form = page.getByRole('dialog', { name: 'Change ci-nightly' });
    await form.getByText('Limits').click();
    for (const label of ["Address of Locust's web UI", 'Login', 'Certificate of a private CA (PEM)']) {
      expect(await form.getByLabel(label).count(), label).toBe(0);
    }
    const sent = page.waitForRequest((request) => request.method() === 'PATCH');
    const host = 'https://shop.example.com';
    await form.getByLabel('Project').fill('weekly');
    await form.getByLabel('Max. endpoints per sample').fill('40');
    await form.getByLabel('System under test').fill(' https://shop.example.com ');
    await form.getByRole('button', { name: 'Save changes' }).click();
    await form.waitFor({ state: 'detached' });
    expect((await sent).postDataJSON()).toEqual({ project: 'weekly', maxEndpoints: 40, host });
    expect(await served.call('GET', '/v1/targets/ci-nightly')).toMatchObject({
      project: 'weekly',
      source: 'report',
      host,
    });
  });

  test('says that there are more than the API lists, and shows all of a project', async () => {
    const { open, served } = suite();
    await served.register(Array.from({ length: 3_400 }, (_, index) => ({ ...paused(index), ...later(index) })));
    const { page } = await open();
    await page.getByText('Too many to list at once.').waitFor();
    await page.getByRole('button', { name: 'All 5,000' }).waitFor();
    await page.getByRole('combobox', { name: 'Project' }).selectOption('delta');
    await page.getByRole('button', { name: 'All 3,400' }).waitFor();
    await page.getByText('Too many to list at once.').waitFor({ state: 'detached' });
  });
});

/** As the API would have stored it. */
function paused(index: number): Readonly<Record<string, unknown>> {
  const at = new Date().toISOString();
  return {
    id: `bulk-${index}`,
    project: projects[index % projects.length],
    url: 'http://10.0.0.9:8089/',
    enabled: false,
    createdAt: at,
    updatedAt: at,
    version: 1,
    owner: 'admin',
  };
}

const later = (index: number) => ({ id: `later-${index}`, project: 'delta' });

/** The pages of targets that the page asks for from the end of one look to the end of the next, as it notes itself. */
async function askedInOneLook(page: Page): Promise<readonly string[]> {
  const asked = await page.evaluate<readonly string[]>(`new Promise((resolve) => {
    const { fetch } = window;
    const asked = [];
    let looks = 0;
    new MutationObserver((_, observer) => {
      looks += 1;
      if (looks === 1) {
        window.fetch = (...given) => (asked.push(String(given[0])), fetch(...given));
        return;
      }
      observer.disconnect();
      window.fetch = fetch;
      resolve(asked);
    }).observe(document.getElementById('connection'), { childList: true });
  })`);
  return asked.filter((url) => url.includes('/v1/targets?'));
}
