import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { minute, second, startCollectorRig } from '../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../support/rigs/collector-rig.ts';
import { sendReport } from '../support/rigs/send-report.ts';
import type { Saying } from '../support/locust/scripted-locust.ts';

let rig: CollectorRig;
beforeEach(async () => {
  rig = await startCollectorRig();
});
afterEach(() => rig.close());

const at = (seconds: number): string => new Date(minute + seconds * second).toISOString();
const running = (requests: number): Saying => ({ state: 'running', requests });
const selfRegistered = { sampleSeconds: 2, owner: 'reporter' };

const secondsStored = async (): Promise<readonly number[]> =>
  (await rig.sink.points('locust_total')).map(({ atMs }) => (atMs - minute) / second);

describe('a Locust that reports its own end, and whose web UI answers out of its cache', () => {
  it('has no older figures stored after its last ones', async () => {
    const locust = await rig.locust('shop', running(10), selfRegistered);
    const window = rig.begin();
    await rig.clock.advanceTo(minute + 5 * second);
    await sendReport(rig, { state: 'stopped', requests: 50 });
    await rig.clock.advanceTo(minute + 6.5 * second);
    locust.say({ state: 'stopped', requests: 50 });
    await rig.clock.runUntilDone(window);

    expect(await secondsStored()).toEqual([0, 2, 4, 5]);
    expect(await rig.registry.runsOf('shop')).toMatchObject([{ outcome: 'finished', endedAt: at(5) }]);
    expect((await rig.registry.target('shop'))?.['status']).toMatchObject({ state: 'stopped' });
  });

  it('begins no run of one sample in a window that begins right after', async () => {
    const locust = await rig.locust('shop', running(10), selfRegistered);
    await sendReport(rig, running(10));
    await rig.clock.advanceTo(minute + 59.5 * second);
    await sendReport(rig, { state: 'stopped', requests: 50 });
    await rig.clock.advanceTo(minute + 60 * second);
    const window = rig.begin({ scheduledTime: at(60) });
    await rig.clock.advanceTo(minute + 61 * second);
    locust.say({ state: 'stopped', requests: 50 });
    await rig.clock.runUntilDone(window);

    expect(await secondsStored()).toEqual([0, 59.5]);
    expect(await rig.registry.runsOf('shop')).toMatchObject([{ run: '20261122T140500Z', endedAt: at(59.5) }]);
  });

  it('has its next test sampled, however soon that begins', async () => {
    await rig.locust('shop', running(10), selfRegistered);
    await sendReport(rig, running(10));
    await rig.clock.advanceTo(minute + 59.5 * second);
    await sendReport(rig, { state: 'stopped', requests: 50 });
    await rig.clock.advanceTo(minute + 60 * second);
    await rig.window({ scheduledTime: at(60) });

    expect((await secondsStored()).slice(0, 5)).toEqual([0, 59.5, 62, 64, 66]);
    expect(await rig.registry.runsOf('shop')).toHaveLength(2);
  });

  it('has one run where the answer right after its start is from before it', async () => {
    const locust = await rig.locust('shop', { state: 'ready' }, selfRegistered);
    await rig.clock.advanceTo(minute + 59.5 * second);
    await sendReport(rig, { state: 'spawning', requests: 0 });
    await rig.clock.advanceTo(minute + 60 * second);
    const window = rig.begin({ scheduledTime: at(60) });
    await rig.clock.advanceTo(minute + 61 * second);
    locust.say(running(10));
    await rig.clock.runUntilDone(window);

    expect((await secondsStored()).slice(0, 4)).toEqual([59.5, 62, 64, 66]);
    const runs = await rig.registry.runsOf('shop');
    expect(runs).toMatchObject([{ run: '20261122T140559Z' }]);
    expect(runs[0]).not.toHaveProperty('endedAt');
  });

  it('is over where the answer of the next instant says so too, and no report comes', async () => {
    await rig.locust('shop', { state: 'stopped', requests: 0 }, selfRegistered);
    await rig.clock.advanceTo(minute + 59.5 * second);
    await sendReport(rig, { state: 'spawning', requests: 0 });
    await rig.clock.advanceTo(minute + 60 * second);
    await rig.window({ scheduledTime: at(60) });

    expect(await rig.registry.runsOf('shop')).toMatchObject([{ outcome: 'finished', endedAt: at(62) }]);
  });
});
