import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCollectorRig } from '../../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../../support/rigs/collector-rig.ts';
import { playSchedule } from '../../support/rigs/schedule-play.ts';
import type { Call, Play } from '../../support/rigs/schedule-play.ts';
import { sendReport } from '../../support/rigs/send-report.ts';

let rig: CollectorRig;
beforeAll(async () => {
  rig = await startCollectorRig({ idleSeconds: 60 });
});
afterAll(() => rig.close());

const minute = (at: number, more: Partial<Call> = {}): Call => ({ minute: at, lateMs: 300, ...more });
const killed = minute(0, { lateMs: 0, killedAtMs: 21_000 });

const change = (settings: object) => async (id: string) => {
  const item = await rig.registry.target(id);
  await rig.registry.putTarget({
    ...item,
    ...settings,
    version: 9,
    updatedAt: new Date(rig.clock.now()).toISOString(),
  });
};
const reportsItsEnd = (id: string): Promise<unknown> =>
  sendReport(rig, { state: 'stopped', requests: 100_000 }, { atMs: rig.clock.now(), id });
const ofReporter = { owner: 'reporter', expiresAt: '2027-11-22T14:05:00Z' };

/** What a killed window had sampled, but not yet said, is counted as well: a claim is written every five seconds. */
const mostCountedTwice = 3;

/** Plays a test that ends in a gap, and expects that each of its instants is stored or counted. */
async function expectAllCounted(play: Pick<Play, 'calls' | 'happens' | 'target'>): Promise<void> {
  const stopMs = play.happens?.atMs ?? NaN;
  const { stored, expected, missed } = await playSchedule(rig, { sampleSeconds: 2, stopMs, ...play });
  expect(stored.length).toBeGreaterThan(5);
  const lost = expected.length - stored.length;
  expect(missed).toBeGreaterThanOrEqual(lost);
  expect(missed).toBeLessThanOrEqual(lost + mostCountedTwice);
}

describe('instants of a gap are counted where no window sees the run in which they were, for', () => {
  it.each([
    ['its target was paused', { act: change({ enabled: false }) }],
    ['its target reports by itself from then on', { act: change({ source: 'report', url: undefined }) }],
    ['its Locust reported its end', { act: reportsItsEnd, target: ofReporter }],
  ])('%s, after a window was killed', async (_, { act, ...more }) => {
    const calls = [killed, minute(1), minute(2)];

    await expectAllCounted({ calls, happens: { atMs: 50_000, act }, ...more });
  });

  it('its Locust reported its end, after a window was killed and the next one came late', async () => {
    const calls = [killed, minute(2, { lateMs: 5_000 }), minute(3)];

    await expectAllCounted({ calls, happens: { atMs: 100_000, act: reportsItsEnd }, target: ofReporter });
  });

  it('its Locust reported its end while no window came for minutes', async () => {
    const calls = [minute(0, { lateMs: 0 }), minute(4), minute(5)];

    await expectAllCounted({ calls, happens: { atMs: 170_000, act: reportsItsEnd }, target: ofReporter });
  });
});
