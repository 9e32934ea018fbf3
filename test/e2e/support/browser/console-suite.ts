import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { Browser, Locator, Page } from 'playwright-core';
import { withResolvers } from '../../../../lambda/runtime/with-resolvers.ts';
import { startBrowser, visit } from './browser.ts';
import type { Look, Visit } from './browser.ts';
import { startLocust } from '../locust.ts';
import type { Locust } from '../locust.ts';
import { locustVersions } from '../parts.ts';
import { serveConsole } from './served-console.ts';
import type { ServedConsole } from './served-console.ts';
import { startTargetApp } from '../grafana/target-app.ts';
import type { TargetApp } from '../grafana/target-app.ts';

/** What the tests of the page share. */
export interface ConsoleSuite {
  readonly served: ServedConsole;
  /** The newest Locust; no test runs on it yet. */
  readonly locust: Locust;
  /** Opens the page with the token, as a new visitor. */
  readonly open: (look?: Look) => Promise<Visit>;
}

/**
 * Starts the parts for a suite, and stops them after it. After each test it closes the visits, of which none may have had
 * an error on the page or asked another host.
 * @returns the parts, once the suite's tests run
 */
export function useConsole(): () => ConsoleSuite {
  let parts: { browser: Browser; served: ServedConsole; app: TargetApp; locust: Locust };
  const visits: Visit[] = [];
  beforeAll(async () => {
    const [browser, served, app] = await Promise.all([startBrowser(), serveConsole(), startTargetApp()]);
    const locust = await startLocust({ version: locustVersions()[0] ?? '', hostUrl: app.url });
    parts = { browser, served, app, locust };
  });
  afterEach(async () => {
    const closed = visits.splice(0);
    await Promise.all(closed.map(({ close }) => close()));
    expect(closed.flatMap(({ errors }) => errors)).toEqual([]);
    expect(closed.flatMap(({ foreignRequests }) => foreignRequests)).toEqual([]);
  });
  afterAll(async () => {
    await Promise.all([parts.browser.close(), parts.served.stop(), parts.locust.stop()]);
    await parts.app.stop();
  });
  return () => ({
    served: parts.served,
    locust: parts.locust,
    async open(look) {
      const opened = await visit(parts.browser, `${parts.served.url}/#token=${parts.served.token}`, look);
      visits.push(opened);
      return opened;
    },
  });
}

/** A target in the list. */
export function row(page: Page, id: string): Locator {
  return page.getByRole('row').filter({ has: page.getByRole('link', { name: id, exact: true }) });
}

/** A finding where the page is wider than the screen. */
export async function sidewaysScroll(page: Page): Promise<string[]> {
  const width = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
  return width > 0 ? [`${page.url()} is ${width} px wider than the screen`] : [];
}

/**
 * Holds back what the page asks for by itself: it knows nothing new until the returned function is called.
 * @param asked what the address of such a request has in it
 * @returns once the first of them is held, so that no answer is under way
 */
export async function holdBack(page: Page, asked: string): Promise<() => Promise<void>> {
  const [held, over] = [withResolvers<undefined>(), withResolvers<undefined>()];
  const isAsked = (url: URL): boolean => url.href.includes(asked);
  await page.route(isAsked, async (route, request) => {
    if (request.method() === 'GET') {
      held.resolve(undefined);
      await over.promise;
    }
    await route.continue();
  });
  await held.promise;
  return async () => {
    over.resolve(undefined);
    await page.unrouteAll({ behavior: 'wait' });
  };
}
