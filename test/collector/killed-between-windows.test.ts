import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCollector } from '../../lambda/collector/collector.ts';
import type { CollectorPorts } from '../../lambda/collector/window-context.ts';
import { minute, second, startCollectorRig } from '../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../support/rigs/collector-rig.ts';
import { at } from '../support/time/instants.ts';

let rig: CollectorRig;
beforeEach(async () => {
  rig = await startCollectorRig();
});
afterEach(() => rig.close());

const running = { state: 'running', requests: 10, users: 7 } as const;
const firstRun = '20261122T140500Z';
const failing = (): Promise<never> => Promise.reject(new Error('throttled'));

describe('a run whose Locust is killed where two windows meet', () => {
  const ended = async (): Promise<unknown> => {
    const [{ outcome, endedAt, total } = {}] = await rig.registry.runsOf('shop');
    return { outcome, endedAt, numRequests: (total as { numRequests?: number } | undefined)?.numRequests };
  };

  it('ends at the last sample of the idle poll that saw it start, though that could not be put on record', async () => {
    const locust = await rig.locust('shop', { state: 'ready' });
    const isAway = (): boolean => rig.clock.now() > minute + 12 * second && rig.clock.now() < minute + 62 * second;
    const save: CollectorPorts['runs']['save'] = (...given) =>
      isAway() ? failing() : rig.registry.runs.save(...given);
    const runs = rig.clock.busy({ ...rig.registry.runs, save });
    const collector = createCollector({ ...rig.ports, runs }, { idleSeconds: 10 });
    await rig.clock.runUntilDone(rig.begin({ scheduledTime: at(0) }, { collector }));
    await rig.clock.advanceTo(minute + 10 * second);
    locust.say(running);
    const poll = rig.begin({ scheduledTime: at(0), from: at(10) }, { collector });
    await rig.clock.advanceTo(minute + 45 * second);
    locust.say({ ...running, requests: 20 });
    await rig.clock.advanceTo(minute + 55 * second);
    await locust.vanish();
    await rig.clock.advanceTo(minute + 60 * second);
    const next = rig.begin({ scheduledTime: at(60) }, { collector });
    await rig.clock.runUntilDone(Promise.all([poll, next]));

    expect(await ended()).toEqual({ outcome: 'ended', endedAt: at(50), numRequests: 20 });
  });

  it.each([
    ['before', 85],
    ['after', 95],
  ])('ends at the last sample of either, where that comes on record %s the end', async (_, savedAtSeconds) => {
    const locust = await rig.locust('shop', running);
    await rig.window({ scheduledTime: at(0) });
    await locust.vanish();
    await rig.clock.advanceTo(minute + 60 * second);
    const next = rig.begin({ scheduledTime: at(60) });
    await rig.clock.advanceTo(minute + savedAtSeconds * second);
    const [before] = (await rig.registry.runs.read([{ target: 'shop', run: firstRun }])).values();
    const open = before ?? expect.fail('no record');
    const total = { ...open.total, numRequests: 25 };
    const later = { lastGoodAtMs: minute + 58 * second, total, revision: 1, ended: undefined };
    await rig.registry.runs.save({ ...open, ...later }, { target: 'shop', project: 'shop' });
    await rig.clock.runUntilDone(next);

    expect(await ended()).toEqual({ outcome: 'ended', endedAt: at(58), numRequests: 25 });
  });
});
