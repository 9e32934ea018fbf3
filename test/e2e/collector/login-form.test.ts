import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLocustClient } from '../../../lambda/locust/fetch/fetch-report.ts';
import { systemClock as clock } from '../../../lambda/runtime/clock.ts';
import { freePort, startProcess, waitUntilReady } from '../support/part-process.ts';
import type { PartProcess } from '../support/part-process.ts';
import { describeWithParts, locustProgram, locustVersions } from '../support/parts.ts';

const locustfile = join(import.meta.dirname, '../login_locustfile.py');
const [newest = 'none'] = locustVersions();

describeWithParts('A Locust that was started with --web-login', () => {
  test('is read by the form of its own login page, and again after it was started anew', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const start = async (): Promise<PartProcess> => {
      const web = ['--web-host', '127.0.0.1', '--web-port', String(port), '--web-login', '--autostart'];
      const args = ['-f', locustfile, ...web, '-u', '2', '-r', '2', '--host', 'http://shop.test'];
      const locust = startProcess({ program: locustProgram(newest), args });
      await waitUntilReady(locust, async () => (await fetch(`${url}/login`)).ok);
      return locust;
    };
    const client = createLocustClient({ clock, addressPolicy: { allowPrivate: false, allowLoopback: true } });
    const read = (path: string, password: string) =>
      client.fetchReport({ url, auth: { type: 'form', url: url + path, fields: { username: 'ann', password } } });
    let locust = await start();
    try {
      expect(await client.fetchReport({ url })).toMatchObject({ failure: { kind: 'redirected' } });
      expect(await read('/login', 'wrong')).toMatchObject({ failure: { kind: 'login-failed' } });
      for (const path of ['/login', '/check_password']) {
        expect(await read(path, 'sesame')).toMatchObject({ ok: true, report: { state: 'running', userCount: 2 } });
      }
      await locust.kill();
      expect(await read('/login', 'sesame')).toMatchObject({ failure: { kind: 'refused', isGone: true } });
      locust = await start();
      expect(await read('/login', 'sesame')).toMatchObject({ ok: true, report: { state: 'running' } });
    } finally {
      client.close();
      await locust.kill();
    }
  });
});
