import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectPointsOfRuns } from '../support/influx/points-of-runs.ts';
import { minute, second, startCollectorRig } from '../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../support/rigs/collector-rig.ts';
import { bodyOf } from '../support/locust/scripted-locust.ts';
import type { Saying } from '../support/locust/scripted-locust.ts';
import { at, storedEvents } from '../support/time/instants.ts';

let rig: CollectorRig;
beforeEach(async () => {
  rig = await startCollectorRig();
});
afterEach(async () => {
  await expectPointsOfRuns(rig);
  await rig.close();
});

/** One that has been running for ten minutes. */
const old = (seconds: number, saying: Partial<Saying> = {}): Saying => ({
  ...{ state: 'running', users: 100, requests: 60_000 + 100 * seconds, ageSeconds: 600 + seconds },
  ...saying,
});
/** One that has just been started, with as many users or with others. */
const young = (seconds: number, users = 10): Saying => ({
  ...{ state: 'running', users, requests: 20 + 10 * seconds, ageSeconds: 2 + seconds },
});

/** Windows of the schedule in which two Locusts answer in turn behind one address. */
async function minutes(count: number, answers: readonly ((seconds: number) => Saying)[]): Promise<void> {
  const locust = await rig.locust('twins');
  locust.say((_request, response, index) => {
    const answer = answers[index % answers.length]?.((rig.clock.now() - minute) / second) ?? { state: 'ready' };
    response.writeHead(200, { 'content-type': 'application/json' }).end(bodyOf(answer));
  });
  for (let each = 0; each < count; each += 1) {
    if (rig.clock.now() < minute + each * 60 * second) await rig.clock.advanceTo(minute + each * 60 * second);
    await rig.clock.runUntilDone(rig.begin({ scheduledTime: at(each * 60) }, { collector: rig.collector }));
  }
}

/** The highest counters that are stored from so many seconds on, in order. */
const requestsFrom = async (seconds: number): Promise<readonly number[]> =>
  (await rig.sink.points('locust_total'))
    .filter(({ atMs }) => atMs >= minute + seconds * second)
    .map(({ fields }) => Number(fields['num_requests']));

describe('two Locusts behind one address, in turn', () => {
  it.each([
    ['two tests', [old, young]],
    ['the other way round', [young, old]],
    ['two tests of as many users', [old, (seconds: number) => young(seconds, 100)]],
    ['a test, and one at rest', [old, () => ({ state: 'ready', users: 0 })]],
    ['a test, and one that is over', [old, () => ({ state: 'stopped', users: 0, requests: 90, ageSeconds: 9 })]],
  ] as const)('are one run and one problem of the target: %s', async (_what, answers) => {
    await minutes(5, answers);

    const runs = await rig.registry.runsOf('twins');
    const open = runs.filter((run) => !('endedAt' in run));
    expect(open).toHaveLength(1);
    // Until it is clear, at most one more has begun.
    expect(runs.length).toBeLessThanOrEqual(2);
    expect((await rig.registry.target('twins'))?.['status']).toMatchObject({
      run: open[0]?.['run'],
      notice: { kind: 'two-locusts', message: expect.stringContaining('Two Locusts seem to answer') as unknown },
    });
    const told = rig.changes.filter(({ failure }) => failure?.kind === 'two-locusts');
    expect(told).toHaveLength(1);
    const stored = await requestsFrom(70);
    expect(stored).toEqual(stored.toSorted((a, b) => a - b));
    expect(stored.length).toBeGreaterThan(10);
    const scrapes = (await rig.sink.points('locust_scrape')).filter(({ fields }) => fields['reason'] === 'two-locusts');
    expect(scrapes.length).toBeGreaterThan(8);
  });

  it('are no problem any more once one of them answers alone', async () => {
    const untilSeconds = 100;
    await minutes(4, [old, (seconds) => (seconds < untilSeconds ? young(seconds) : old(seconds))]);

    expect((await rig.registry.target('twins'))?.['status']).not.toHaveProperty('notice');
  });

  it('are what one answers, once the other is gone', async () => {
    const untilSeconds = 100;
    await minutes(9, [(seconds) => (seconds < untilSeconds ? old(seconds) : young(seconds)), young]);

    const runs = await rig.registry.runsOf('twins');
    expect(runs.at(-1)).toMatchObject({ lastGoodAt: at(530) });
    expect(runs.at(-1)).not.toHaveProperty('endedAt');
    expect(storedEvents(await rig.sink.points()).filter(([event]) => event === 'start').length).toBeLessThanOrEqual(3);
  });
});
