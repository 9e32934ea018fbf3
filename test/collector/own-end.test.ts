import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeSentReport } from '../../lambda/admin/decode-sent-report.ts';
import { recordReport } from '../../lambda/recording/record-report.ts';
import { minute, second, startCollectorRig } from '../support/collector-rig.ts';
import type { CollectorRig } from '../support/collector-rig.ts';
import { bodyOf } from '../support/scripted-locust.ts';
import type { Saying } from '../support/scripted-locust.ts';

let rig: CollectorRig;
beforeEach(async () => {
  rig = await startCollectorRig();
});
afterEach(() => rig.close());

const at = (seconds: number): string => new Date(minute + seconds * second).toISOString();
const running = (requests: number): Saying => ({ state: 'running', requests });
const selfRegistered = { sampleSeconds: 2, owner: 'reporter' };

/** What the API does with a report that the Locust sends now. */
async function report(saying: Saying): Promise<void> {
  const decoded = decodeSentReport({ bytes: Buffer.from(bodyOf(saying)), contentEncoding: undefined });
  const read = await rig.registry.targets.scan({ shard: 0, shards: 1 });
  const target = read.targets.find(({ id }) => id === 'shop');
  if (!decoded.ok || target === undefined) throw new Error('no such target, or no report');
  const fetched = { ...decoded, sizeBytes: 0, durationMs: 0 };
  await recordReport(
    { target, fetched, atMs: rig.clock.now() },
    {
      ...{ clock: rig.clock, targets: rig.registry.targets, runs: rig.registry.runs, observer: {} },
      deliver: (lines) => Promise.resolve({ delivered: lines.length, spooled: 0, rejected: 0, unkept: [] }),
    },
  );
}

const secondsStored = async (): Promise<readonly number[]> =>
  (await rig.sink.points('locust_total')).map(({ atMs }) => (atMs - minute) / second);

describe('a Locust that reports its own end, and whose web UI answers out of its cache', () => {
  it('has no older figures stored after its last ones', async () => {
    const locust = await rig.locust('shop', running(10), selfRegistered);
    const window = rig.begin();
    await rig.clock.advanceTo(minute + 5 * second);
    await report({ state: 'stopped', requests: 50 });
    await rig.clock.advanceTo(minute + 6.5 * second);
    locust.say({ state: 'stopped', requests: 50 });
    await rig.clock.runUntilDone(window);

    expect(await secondsStored()).toEqual([0, 2, 4]);
    expect(await rig.registry.runsOf('shop')).toMatchObject([{ outcome: 'finished', endedAt: at(5) }]);
    expect((await rig.registry.target('shop'))?.['status']).toMatchObject({ state: 'stopped' });
  });

  it('begins no run of one sample in a window that begins right after', async () => {
    const locust = await rig.locust('shop', running(10), selfRegistered);
    await report(running(10));
    await rig.clock.advanceTo(minute + 59.5 * second);
    await report({ state: 'stopped', requests: 50 });
    await rig.clock.advanceTo(minute + 60 * second);
    const window = rig.begin({ scheduledTime: at(60) });
    await rig.clock.advanceTo(minute + 61 * second);
    locust.say({ state: 'stopped', requests: 50 });
    await rig.clock.runUntilDone(window);

    expect(await secondsStored()).toEqual([]);
    expect(await rig.registry.runsOf('shop')).toMatchObject([{ run: '20261122T140500Z', endedAt: at(59.5) }]);
  });

  it('has its next test sampled, however soon that begins', async () => {
    await rig.locust('shop', running(10), selfRegistered);
    await report(running(10));
    await rig.clock.advanceTo(minute + 59.5 * second);
    await report({ state: 'stopped', requests: 50 });
    await rig.clock.advanceTo(minute + 60 * second);
    await rig.window({ scheduledTime: at(60) });

    expect((await secondsStored()).slice(0, 3)).toEqual([62, 64, 66]);
    expect(await rig.registry.runsOf('shop')).toHaveLength(2);
  });
});
