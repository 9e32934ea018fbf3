import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Result } from 'axe-core';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { describe } from 'vitest';
import { describeWithParts } from '../parts.ts';

/** Debian's, which install.sh installs. */
const program = '/usr/bin/chromium';

/** For what the page does by itself every few seconds, with room for a busy machine. */
const actionMs = 60_000;

/** Where screenshots go, for a person to look at. */
const screenshotFolder = join(tmpdir(), 'locust2influx-screenshots');

/** The looks in which every view is pictured and checked. */
export const looks = {
  light: { viewport: { width: 1280, height: 860 }, colorScheme: 'light' },
  dark: { viewport: { width: 1280, height: 860 }, colorScheme: 'dark' },
  phone: { viewport: { width: 360, height: 740 }, colorScheme: 'light', hasTouch: true, isMobile: true },
} as const satisfies Record<string, BrowserContextOptions>;

export type Look = keyof typeof looks;

/** A page of its own, with what went wrong on it. */
export interface Visit {
  readonly page: Page;
  /** Errors of scripts and of the console; that an answer was a 4xx, or did not come, is none. */
  readonly errors: readonly string[];
  /** Requests to elsewhere than the page's own server. */
  readonly foreignRequests: readonly string[];
  /** Takes a picture of the whole page and tells what axe-core finds serious or critical: `rule: element`. */
  readonly inspect: (name: string) => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

/**
 * `describe` for suites that need Chromium and the other real parts, which are skipped without, under a name that says so.
 * @throws Error in CI, where a missing part is a failure
 */
export function describeWithBrowser(name: string, suite: () => void): void {
  if (existsSync(program)) {
    describeWithParts(name, suite);
    return;
  }
  const remedy = `missing: ${program}; run test/e2e/install.sh`;
  if (process.env['CI'] !== undefined) throw new Error(`${name}: ${remedy}`);
  describe.skip(`${name} (${remedy})`, suite);
}

/** @param args options of Chromium's own */
export async function startBrowser(args: string[] = []): Promise<Browser> {
  await mkdir(screenshotFolder, { recursive: true });
  // Root, as in a container, has no sandbox to offer.
  return chromium.launch({ executablePath: program, chromiumSandbox: process.getuid?.() !== 0, args });
}

/** Opens an address as a new visitor. */
export async function visit(browser: Browser, url: string, look: Look = 'light'): Promise<Visit> {
  const context = await browser.newContext({ ...looks[look], locale: 'en-GB', timezoneId: 'Europe/Berlin' });
  const page = await context.newPage();
  const errors: string[] = [];
  const foreignRequests: string[] = [];
  page.on('pageerror', (error) => errors.push(error.stack ?? error.message));
  page.on('console', (message) => {
    const isNetwork = message.text().startsWith('Failed to load resource');
    // axe-core, which is in no file, tries styles of its own, of which the page's policy complains.
    const isOfPage = message.location().url !== '';
    if (message.type() === 'error' && isOfPage && !isNetwork) errors.push(message.text());
  });
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin) foreignRequests.push(request.url());
  });
  page.setDefaultTimeout(actionMs);
  await page.goto(url);
  return {
    page,
    errors,
    foreignRequests,
    async inspect(name) {
      await page.screenshot({ path: join(screenshotFolder, `${name}-${look}.png`), fullPage: true });
      return seriousFindings(page);
    },
    close: () => context.close(),
  };
}

async function seriousFindings(page: Page): Promise<string[]> {
  // As text, and not as a script of the page: its policy lets none in.
  await page.evaluate(axe.source);
  const violations = await page.evaluate<Result[]>('axe.run().then(({ violations }) => violations)');
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
