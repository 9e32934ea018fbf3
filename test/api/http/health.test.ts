import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { emptySummary } from '../../../lambda/collector/window-figures/summary.ts';
import { createWindows } from '../../../lambda/windows/last-windows.ts';
import type { Windows } from '../../../lambda/windows/last-windows.ts';
import { startAdminRig, tokens, transports } from '../../support/rigs/api-rig.ts';
import type { AdminRig } from '../../support/rigs/api-rig.ts';
import { patientClock } from '../../support/time/patient-clock.ts';

const minuteMs = 60_000;
/** Of a year that is far enough for no clock of a table to take it for long ago. */
const nowMs = Date.parse('2051-11-22T14:05:10Z');

describe.each(transports)('health, %s', (transport) => {
  let rig: AdminRig;
  let windows: Windows;
  beforeAll(async () => {
    rig = await startAdminRig(transport, () => ({ clock: { ...patientClock, now: () => nowMs } }));
    windows = createWindows(rig.registry.client, 'Runs');
  });
  beforeEach(() => rig.reset());
  afterAll(() => rig.close());

  const ended = (minutesAgo: number, more: object = {}): Promise<void> =>
    windows.save({ ...emptySummary({ shard: 0, shards: 1 }), end: 'idle', ...more }, nowMs - minutesAgo * minuteMs);
  const health = async (): Promise<Record<string, unknown>> => (await rig.ask('GET /v1/health')).json;

  it('tells nobody without the admin token more than that the API is alive', async () => {
    await ended(0);

    for (const token of [null, tokens.reporter]) {
      expect(await rig.ask('GET /v1/health', { token })).toMatchObject({ status: 200, text: '{"status":"ok"}' });
    }
    expect((await rig.ask('GET /v1/health', { token: 'wrong' })).status).toBe(401);
  });

  it('says that nothing is collected before the first window', async () => {
    expect(await health()).toMatchObject({ collecting: false, lastWindow: null });
  });

  it('shows the last window, also where there is no target', async () => {
    await ended(1, { end: 'complete', targets: 3, samples: 17, samplesFailed: 2, pointsDelivered: 400 });
    await ended(0, { targets: 4 });

    const { collecting, lastWindow, targets } = await health();

    expect(collecting).toBe(true);
    expect(lastWindow).toMatchObject({ end: 'idle', shard: 0, shards: 1, targets: 4, samples: 0, pointsDelivered: 0 });
    const { endedAt } = lastWindow as { endedAt: string };
    expect(endedAt).toBe(new Date(nowMs).toISOString());
    expect(targets).toEqual({ total: 0, unfit: 0, byState: {} });
  });

  it.each([
    [2.99, true],
    [3.01, false],
    [600, false],
  ])('%d minutes after the last window says that collecting is %s', async (minutesAgo, collecting) => {
    await ended(minutesAgo);

    expect(await health()).toMatchObject({ collecting, lastWindow: { end: 'idle' } });
  });

  it('of several shards tells the one that is the furthest behind, and misses none', async () => {
    await ended(1, { shard: 0, shards: 2, targets: 5 });
    expect(await health()).toMatchObject({ collecting: false });

    await ended(2, { shard: 1, shards: 2, targets: 6 });
    expect(await health()).toMatchObject({ collecting: true, lastWindow: { shard: 1, targets: 6 } });

    await ended(0, { shard: 0, shards: 2 });
    await ended(7, { shard: 1, shards: 2 });
    expect(await health()).toMatchObject({ collecting: false, lastWindow: { shard: 1 } });
  });

  it.each([
    ['ok', [{ totalsDelivered: 0, totalsRejected: 0 }, {}]],
    ['ok', [{ totalsDelivered: 1, totalsRejected: 5, pointsRejected: 5 }, {}]],
    ['ok', [{ totalsRejected: 5, pointsRejected: 5 }, { totalsDelivered: 7 }]],
    ['rejecting', [{ pointsDelivered: 300, totalsRejected: 5, pointsRejected: 5 }, {}]],
  ] as const)('is %s, by what became of the totals of samples: %j', async (status, shards) => {
    for (const [shard, more] of shards.entries()) await ended(0, { shard, shards: 2, ...more });

    expect(await health()).toMatchObject({ status });
  });

  it('reads what an older version put on record of a window', async () => {
    const { totalsDelivered, totalsRejected, ...older } = emptySummary({ shard: 0, shards: 1 });
    const Item = { ...older, target: '_windows', run: 'shard-0', end: 'idle', endedAt: new Date(nowMs).toISOString() };
    await rig.registry.client.send(new PutCommand({ TableName: 'Runs', Item }));

    expect([totalsDelivered, totalsRejected]).toEqual([0, 0]);
    expect(await health()).toMatchObject({ status: 'ok', collecting: true });
  });

  it('forgets shards that there are no more', async () => {
    for (const shard of [0, 1, 2]) await ended(90, { shard, shards: 3 });
    await ended(0);

    expect(await health()).toMatchObject({ collecting: true, lastWindow: { shard: 0, shards: 1 } });
  });

  it('counts targets by what is known of them', async () => {
    const of = (id: string, more: object = {}): Promise<void> =>
      rig.registry.putTarget({ id, url: 'http://127.0.0.1:1', ...more });
    const at = '2026-11-22T14:00:00.000Z';
    const status = (more: object): object => ({ status: { checkedAt: at, since: at, ...more } });
    for (const index of [0, 1, 2]) await of(`t-${index}`);
    await of('running', status({ state: 'running' }));
    await of('off', { enabled: false, ...status({ state: 'running' }) });
    await of('expired', { expiresAt: '2020-01-01T00:00:00Z' });
    await of('failing', status({ state: 'ready', error: { kind: 'refused', message: 'x' } }));
    await of('newer', status({ state: '__proto__' }));
    await of('unfit', { url: 'ftp://x' });

    expect((await health())['targets']).toEqual({
      total: 8,
      unfit: 1,
      byState: { unseen: 3, running: 1, off: 1, expired: 1, failing: 1, other: 1 },
    });
  });

  it('is not put out by a window that does not fit, and shows windows as no run of any target', async () => {
    const Item = { target: '_windows', run: 'shard-7', shard: 'x', endedAt: '9999-01-01T00:00:00Z' };
    await rig.registry.client.send(new PutCommand({ TableName: 'Runs', Item }));
    await ended(0);

    expect(await health()).toMatchObject({ collecting: true });
    expect((await rig.ask('GET /v1/targets/_windows/runs')).status).toBe(422);
    expect((await rig.ask('GET /v1/targets')).json).toMatchObject({ targets: [], unfit: [] });
  });
});
