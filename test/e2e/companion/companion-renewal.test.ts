import { expect, test } from 'vitest';
import { load, until, untilSaid, useCompanions } from '../support/companion/companion-suite.ts';
import type { Reporting } from '../support/companion/companion-suite.ts';
import { freePort } from '../support/part-process.ts';
import { describeWithParts } from '../support/parts.ts';

describeWithParts('What people change while a Locust with web UI and companion is up', () => {
  const suite = useCompanions();
  const target = (id: string): Promise<Readonly<Record<string, unknown>>> => suite().collector.target(id);

  async function start(
    LOCUST2INFLUX_TARGET: string,
    { locustfile = 'companion_renewing.py', options = [] as readonly string[] } = {},
  ): Promise<Reporting> {
    const args = ['--web-host', '127.0.0.1', '--web-port', String(await freePort()), ...options];
    const env = { LOCUST2INFLUX_TARGET, LOCUST2INFLUX_TAGS: 'team=a' };
    return suite().start({ args, env, locustfile });
  }

  const untilEnabled = (id: string): Promise<void> =>
    until(async () => {
      expect(await target(id)).toMatchObject({ enabled: true, tags: { team: 'a' } });
    });

  async function untilRenewedTwice(id: string): Promise<void> {
    const before = await target(id);
    await until(async () => {
      const now = await target(id);
      expect(now['version']).toBeGreaterThanOrEqual(Number(before['version']) + 2);
      expect(String(now['expiresAt']) > String(before['expiresAt'])).toBe(true);
    });
  }

  test('renewals leave a pause and an edited target as they are, quitting leaves the edit, and the next start puts it again', async () => {
    const { id, locust } = await start('edited');
    await untilEnabled(id);
    const edit = { enabled: false, sampleSeconds: 30, tags: { team: 'b', by: 'hand' } };
    await suite().collector.send('PATCH', `/v1/targets/${id}`, edit);
    await untilRenewedTwice(id);
    expect(await target(id)).toMatchObject(edit);

    await suite().collector.send('PATCH', `/v1/targets/${id}`, { enabled: true });
    await untilRenewedTwice(id);
    locust.signal('SIGTERM');
    await locust.exited;
    expect(await target(id)).toMatchObject(edit);
    expect(locust.output()).not.toMatch(/(WARNING|ERROR)\/locust2influx/);

    await start(id);
    await untilEnabled(id);
    expect((await target(id))['tags']).toEqual({ team: 'a' });
  });

  test('a pause in the middle of a test is said once, however often the target is renewed, and so is its end', async () => {
    const { id, locust } = await start('paused', { options: ['--autostart', ...load] });
    await suite().untilTotals(id, 2);
    await suite().collector.send('PATCH', `/v1/targets/${id}`, { enabled: false });
    await untilSaid(locust, /Cannot report to .*: 409 The target is switched off/);
    await untilRenewedTwice(id);
    expect(locust.output().match(/WARNING\/locust2influx/g)).toHaveLength(1);

    await suite().collector.send('PATCH', `/v1/targets/${id}`, { enabled: true });
    await untilSaid(locust, /Reporting works again: 1 reports sent late, [1-9]\d* lost/);
  });

  test('a target that was removed is put again by the next renewal', async () => {
    const { id, locust } = await start('removed');
    await untilEnabled(id);
    await suite().collector.send('DELETE', `/v1/targets/${id}`);
    await untilSaid(locust, /Reporting works again: 0 reports sent late, 0 lost/);
    expect(await target(id)).toMatchObject({ enabled: true, owner: 'reporter', tags: { team: 'a' } });
  });

  test('a Locust that quits after the next one has started does not switch it off', async () => {
    // This one renews every three minutes, and so has not since the other one came.
    const first = await start('restarted', { locustfile: 'companion_locustfile.py' });
    await untilEnabled(first.id);
    await start(first.id);
    await untilRenewedTwice(first.id);
    first.locust.signal('SIGTERM');
    await first.locust.exited;
    await untilRenewedTwice(first.id);
    expect(await target(first.id)).toMatchObject({ enabled: true });
  });
});
