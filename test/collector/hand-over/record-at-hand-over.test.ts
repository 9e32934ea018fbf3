import { afterEach, beforeEach, expect, it } from 'vitest';
import { minute, second, startCollectorRig } from '../../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../../support/rigs/collector-rig.ts';

let rig: CollectorRig;
beforeEach(async () => {
  rig = await startCollectorRig();
});
afterEach(() => rig.close());

const at = (seconds: number): string => new Date(minute + seconds * second).toISOString();

it.each([
  ['has ended the run', 70],
  ['goes on with it', 100],
])('a peak that a window saw is on record though it writes it when the next window %s', async (_, stopSeconds) => {
  const locust = await rig.locust('shop', { state: 'running', users: 3, requests: 1 });
  const claims = rig.clock.busy(rig.registry.claims);
  const { runs } = rig.ports;
  const slow = {
    ...runs,
    save: async (...given: Parameters<typeof runs.save>) => {
      if (rig.clock.now() > minute + 45 * second) await rig.clock.sleepUntil(minute + 75 * second);
      return runs.save(...given);
    },
  };
  const first = rig.begin({ scheduledTime: at(0) }, { ports: { claims, runs: slow }, remainingMs: 135_000 });
  await rig.clock.advanceTo(minute + 45 * second);
  locust.say({ state: 'running', users: 10, requests: 5 });
  await rig.clock.advanceTo(minute + 59.5 * second);
  locust.say({ state: 'running', users: 4, requests: 6 });
  await rig.clock.advanceTo(minute + 60.2 * second);
  const next = rig.begin({ scheduledTime: at(60) }, { ports: { claims }, remainingMs: 135_000 });
  await rig.clock.advanceTo(minute + (stopSeconds - 5) * second);
  locust.say({ state: 'stopped', users: 0, requests: 7 });
  await rig.clock.runUntilDone(Promise.all([first, next]));

  const [run, ...others] = await rig.registry.runsOf('shop');
  expect(others).toEqual([]);
  expect(run).toMatchObject({ outcome: 'finished', endedAt: at(stopSeconds), peakUsers: 10 });
  const timeline = run?.['timeline'] as readonly (readonly number[])[];
  expect(timeline.map(([seconds]) => seconds)).toEqual(
    Array.from({ length: stopSeconds / 10 }, (_each, index) => index * 10),
  );
});
