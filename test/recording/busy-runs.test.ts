import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Failure } from '../../lambda/locust/failure.ts';
import type { LocustClient } from '../../lambda/locust/fetch/fetch-report.ts';
import { minute, second, startCollectorRig } from '../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../support/rigs/collector-rig.ts';
import { at } from '../support/time/instants.ts';

let rig: CollectorRig;
beforeEach(async () => {
  rig = await startCollectorRig();
});
afterEach(() => rig.close());

const hangs: Failure = { kind: 'timeout', message: 'no answer', isBusy: true };
const resets: Failure = { kind: 'refused', message: 'connection reset' };
const refuses: Failure = { kind: 'refused', message: 'nobody listens', isGone: true };
const isAway: Failure = { kind: 'timeout', message: 'no connection' };

/** The runs on record after windows of a Locust that answers for 50 s, and then fails as `course` says until it is well again. */
async function runsAfter(minutes: number, course: (seconds: number) => Failure | 'well'): Promise<readonly unknown[]> {
  const locust = await rig.locust('shop', { state: 'running', requests: 900 });
  const openLocust = (): LocustClient => {
    const client = rig.ports.openLocust();
    return {
      ...client,
      async fetchReport(request) {
        const way = course((rig.clock.now() - minute) / second);
        if (way === 'well') return client.fetchReport(request);
        return { ok: false, failure: way, durationMs: 0 };
      },
    };
  };
  for (let each = 0; each < minutes; each += 1) {
    locust.say({ state: 'running', requests: 900 + 60 * each });
    if (rig.clock.now() < minute + 60 * each * second) await rig.clock.advanceTo(minute + 60 * each * second);
    await rig.clock.runUntilDone(rig.begin({ scheduledTime: at(60 * each) }, { ports: { openLocust } }));
  }
  return rig.registry.runsOf('shop');
}

const isWithin = (seconds: number, from: number, until: number): boolean => seconds >= from && seconds < until;

describe('a run whose Locust was too busy to answer for minutes', () => {
  it.each([
    ['resets a connection once', resets],
    ['refuses one once', refuses],
    ['cannot be reached for a moment', isAway],
  ])('goes on where it %s', async (_, failure) => {
    const runs = await runsAfter(10, (seconds) => {
      if (!isWithin(seconds, 55, 520)) return 'well';
      return isWithin(seconds, 400, 410) ? failure : hangs;
    });

    expect(runs).toHaveLength(1);
    expect(runs).toMatchObject([{ startedAt: at(0), lastGoodAt: at(590) }]);
    expect(runs[0]).not.toHaveProperty('endedAt');
  });

  it('goes on where it answers right after a reset', async () => {
    const runs = await runsAfter(8, (seconds) => {
      if (!isWithin(seconds, 55, 410)) return 'well';
      return seconds >= 400 ? resets : hangs;
    });

    expect(runs).toHaveLength(1);
    expect(runs[0]).not.toHaveProperty('endedAt');
  });

  it('is lost five minutes after it was last seen to be busy', async () => {
    const course = (seconds: number): Failure | 'well' => (seconds < 55 ? 'well' : seconds < 400 ? hangs : resets);

    expect((await runsAfter(11, course))[0]).not.toHaveProperty('endedAt');
    expect((await rig.registry.target('shop'))?.['status']).toMatchObject({ noAnswer: { endsAt: at(700) } });
  });

  it('is lost after half an hour, whatever happens in between', async () => {
    const runs = await runsAfter(32, (seconds) => {
      if (seconds < 55) return 'well';
      return seconds % 60 < 10 ? resets : hangs;
    });

    expect(runs).toMatchObject([{ outcome: 'lost', endedAt: at(50) }]);
  });

  it('is lost after five minutes where it never was', async () => {
    const runs = await runsAfter(7, (seconds) => (seconds < 55 ? 'well' : seconds % 20 < 10 ? resets : isAway));

    expect(runs).toMatchObject([{ outcome: 'lost', endedAt: at(50) }]);
  });
});
