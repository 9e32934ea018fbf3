import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { startBrowser, describeWithBrowser } from '../support/browser/browser.ts';
import { says, startLocalProcess } from '../../support/rigs/local-process.ts';
import type { LocalProcess } from '../../support/rigs/local-process.ts';

const token = 'the-admin-token-of-a-test';

/** A request that a page makes, and what its script gets to see of the answer. */
interface Asked {
  readonly url: string;
  readonly init?: RequestInit;
}

describeWithBrowser('A foreign page in a browser on the same machine', () => {
  let folder: string;
  let collector: LocalProcess;
  let api: URL;
  let browser: Browser;
  let page: Page;
  const visitors = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Free ringtones</title>');
  });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'locust2influx-foreign-'));
    collector = startLocalProcess({
      folder,
      env: { ADMIN_TOKEN: token },
      options: ['--target', 'shop=http://127.0.0.1:1'],
    });
    await says(collector, /Page and API at \S+\n/);
    api = new URL(/Page and API at (\S+)/.exec(collector.out())?.[1] ?? '');
    visitors.listen(0, '127.0.0.1');
    // The name of a page whose owner lets it lead to the visitor's own machine.
    [browser] = await Promise.all([
      startBrowser(['--host-resolver-rules=MAP evil.test 127.0.0.1']),
      once(visitors, 'listening'),
    ]);
    page = await browser.newPage();
  });
  afterAll(async () => {
    await browser.close();
    visitors.close();
    collector.process.kill('SIGKILL');
    await collector.exited;
    await rm(folder, { recursive: true, force: true });
  });

  /** What a script on the page that is open gets of an answer: its status and text, or that the browser keeps it. */
  const ask = (asked: Asked): Promise<string> =>
    page.evaluate(
      ({ url, init }) =>
        fetch(url, init).then(
          async (response) => `${response.type} ${response.status} ${await response.text()}`,
          () => 'kept from the page',
        ),
      asked,
    );
  const visit = (port: string | number): Promise<unknown> => page.goto(`http://evil.test:${port}/`);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const change = { method: 'PUT', headers, body: JSON.stringify({ url: 'http://evil.test' }) };
  const asAdmin = async (path: string): Promise<unknown> => (await fetch(new URL(path, api), { headers })).json();

  test('whose name leads here reads and changes nothing, even with the token', async () => {
    // The scripts of a page that came before the name led here: they are of this origin, too.
    await visit(api.port);

    for (const path of ['/', '/openapi.json', '/v1/health', '/v1/targets', '/v1/targets/shop']) {
      expect(await ask({ url: path, init: { headers } }), path).toMatch(/^basic 421 .*unknown-host/);
    }
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      const init = method === 'DELETE' ? { method, headers } : { ...change, method };
      expect(await ask({ url: '/v1/targets/shop', init }), method).toMatch(/^basic 421 /);
    }
    expect(await ask({ url: '/v1/targets/shop/check', init: { method: 'POST', headers } })).toMatch(/^basic 421 /);
    expect(await asAdmin('/v1/targets/shop')).toMatchObject({ url: 'http://127.0.0.1:1', version: 1, enabled: true });
  });

  test('of another origin reads and changes nothing, even with the token', async () => {
    await visit((visitors.address() as AddressInfo).port);

    for (const host of ['127.0.0.1', 'localhost', '[::1]']) {
      const at = (path: string): string => `http://${host}:${api.port}${path}`;
      for (const path of ['/', '/openapi.json', '/v1/health', '/v1/targets']) {
        expect(await ask({ url: at(path) }), path).toBe('kept from the page');
        expect(await ask({ url: at(path), init: { headers } }), path).toBe('kept from the page');
      }
      expect(await ask({ url: at('/v1/targets/shop'), init: change })).toBe('kept from the page');
      // What browsers send without asking first.
      const simple: RequestInit = { method: 'POST', mode: 'no-cors', body: '{}' };
      expect(await ask({ url: at('/v1/targets'), init: simple })).not.toMatch(/^(?:basic|cors)/);
    }
    expect(await asAdmin('/v1/targets/shop')).toMatchObject({ url: 'http://127.0.0.1:1', version: 1, enabled: true });
  });

  test('cannot show the page in a frame of its own', async () => {
    await visit((visitors.address() as AddressInfo).port);
    const refused = page.waitForEvent('console', (message) => message.text().includes('frame'));
    await page.setContent(`<iframe src="${api.href}"></iframe>`);

    expect((await refused).text()).toMatch(/frame-ancestors|X-Frame-Options/);
  });

  test('gets nothing of the data folder, on whatever port this machine listens', async () => {
    const ports = listeningPorts(collector.process.pid ?? 0);
    // Neither the registry nor the store of lines listens anywhere.
    expect(ports).toEqual([Number(api.port)]);
    await visit((visitors.address() as AddressInfo).port);

    for (const port of ports) {
      const tables = {
        method: 'POST',
        headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'DynamoDB_20120810.ListTables' },
        body: '{}',
      };
      const line = { method: 'POST', body: 'locust_total,target=shop users=1' };
      const origin = `http://127.0.0.1:${port}`;
      const asked = [{ url: origin }, { url: origin, init: tables }, { url: `${origin}/query?q=SHOW+DATABASES` }];
      for (const each of [...asked, { url: `${origin}/api/v2/write?org=local&bucket=locust`, init: line }]) {
        expect(await ask(each), each.url).toBe('kept from the page');
        // Nor does anybody else, without a token.
        const { headers: given } = await fetch(each.url, 'init' in each ? each.init : {});
        expect(given.get('access-control-allow-origin')).toBeNull();
      }
    }
    for (const name of ['secrets.json', 'tokens.json', 'registry/CURRENT', 'influx/locust']) {
      expect(await ask({ url: `file://${folder}/${name}` })).toBe('kept from the page');
      const answer = await fetch(new URL(`/${encodeURIComponent(`../${name}`)}`, api));
      expect(answer.status).toBe(404);
    }
  });
});

/** The TCP ports on which a process and its children listen, as Linux tells them. */
function listeningPorts(pid: number): readonly number[] {
  const sockets = new Set(
    [pid, ...childrenOf(pid)].flatMap((each) =>
      readdirSync(`/proc/${each}/fd`).flatMap((fd) => {
        try {
          return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${each}/fd/${fd}`))?.[1] ?? [];
        } catch {
          // Closed meanwhile.
          return [];
        }
      }),
    ),
  );
  const lines = ['tcp', 'tcp6'].flatMap((name) =>
    readFileSync(`/proc/${pid}/net/${name}`, 'utf8').trim().split('\n').slice(1),
  );
  const listening = lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state, ...rest]) => state === '0A' && sockets.has(rest[5] ?? ''));
  return [...new Set(listening.map(([, local = '']) => Number.parseInt(local.split(':')[1] ?? '', 16)))];
}

const childrenOf = (pid: number): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
