import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { minute, second, startCollectorRig } from '../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../support/rigs/collector-rig.ts';
import { at, storedEvents } from '../support/time/instants.ts';
import { bodyOf } from '../support/locust/scripted-locust.ts';
import type { ScriptedLocust } from '../support/locust/scripted-locust.ts';

let rig: CollectorRig;
beforeEach(async () => {
  rig = await startCollectorRig();
});
afterEach(() => rig.close());

const running = { state: 'running', requests: 10 } as const;
const run = '20261122T140500Z';

/** Every answer tells of other figures, so that every sample brings the table up to date. */
const growing = (locust: ScriptedLocust): void => {
  locust.say((_request, response, index) => response.end(bodyOf({ ...running, users: index })));
};

/** Ports whose targets can be read once only, so that samples alone tell what has become of them. */
function readableOnce(): Pick<CollectorRig['ports'], 'targets'> {
  const { targets } = rig.ports;
  let reads = 0;
  const readWatched: typeof targets.readWatched = (share) =>
    (reads += 1) > 1 ? Promise.reject(new Error('throttled')) : targets.readWatched(share);
  return { targets: { ...targets, readWatched } };
}

/** A window in whose 15th second the target is removed. */
async function removedInWindow(after: () => void, ports: Partial<CollectorRig['ports']> = readableOnce()) {
  const window = rig.begin({ scheduledTime: at(0) }, { ports });
  await rig.clock.advanceTo(minute + 15 * second);
  await rig.registry.deleteTarget('shop');
  after();
  return rig.clock.runUntilDone(window);
}

describe('a target that is removed while its test runs', () => {
  it('is asked no more from the next instant on, and its run is lost at the last good sample', async () => {
    const locust = await rig.locust('shop');
    growing(locust);

    expect(await removedInWindow(() => undefined, {})).toMatchObject({ end: 'idle', samples: 2, missed: 0 });

    expect(locust.asked).toBe(2);
    expect(rig.clock.now()).toBeLessThan(minute + 20 * second);
    expect(await rig.registry.target('shop')).toBeUndefined();
    expect(await rig.registry.runsOf('shop')).toMatchObject([{ run, outcome: 'lost', endedAt: at(10) }]);
    expect(storedEvents(await rig.sink.points())).toEqual([
      ['start', run, 0],
      ['stop', run, 10],
    ]);
    expect(rig.changes.at(-1)).toMatchObject({ runEnded: { id: run, ended: { outcome: 'lost' } } });
    expect(rig.problems).toEqual([]);
  });
});

describe('a target that is removed while the targets cannot be read again', () => {
  it('is in no run: lost at the last good sample, with a stop event, and the window ends at once', async () => {
    const locust = await rig.locust('shop', running);

    const summary = await removedInWindow(() => {
      locust.say((_request, response) => response.writeHead(503).end());
    });

    expect(summary).toMatchObject({ end: 'idle', samples: 3 });
    expect([locust.asked, rig.clock.now()]).toEqual([3, minute + 20 * second]);
    expect(await rig.registry.runsOf('shop')).toMatchObject([{ run, outcome: 'lost', endedAt: at(10) }]);
    expect(storedEvents(await rig.sink.points())).toEqual([
      ['start', run, 0],
      ['stop', run, 10],
    ]);
    expect(rig.changes.at(-1)).toMatchObject({ runEnded: { id: run, ended: { outcome: 'lost' } } });
  });

  it('is found out by its figures alone, at the next sample', async () => {
    const locust = await rig.locust('shop');
    growing(locust);

    expect(await removedInWindow(() => undefined)).toMatchObject({ end: 'idle' });

    expect([locust.asked, rig.clock.now()]).toEqual([4, minute + 30 * second]);
    expect(await rig.registry.runsOf('shop')).toMatchObject([{ run, outcome: 'lost', endedAt: at(30) }]);
    expect(storedEvents(await rig.sink.points()).map(([event]) => event)).toEqual(['start', 'stop']);
    expect(await rig.registry.target('shop')).toBeUndefined();
  });

  it('is asked no more, while the window goes on for others', async () => {
    const locust = await rig.locust('shop');
    growing(locust);
    const other = await rig.locust('other', running);

    expect(await removedInWindow(() => undefined)).toMatchObject({ end: 'complete', samples: 4 + 6 });

    expect([locust.asked, other.asked]).toEqual([4, 6]);
    expect(await rig.registry.runsOf('shop')).toMatchObject([{ run, endedAt: at(30) }]);
  });

  it('is finished, not lost, when its test ends with the sample that finds it gone', async () => {
    const locust = await rig.locust('shop', running);

    const summary = await removedInWindow(() => {
      locust.say({ state: 'stopped', requests: 30 });
    });

    expect(summary).toMatchObject({ end: 'idle' });
    expect(await rig.registry.runsOf('shop')).toMatchObject([{ run, outcome: 'finished', endedAt: at(20) }]);
    expect(storedEvents(await rig.sink.points()).at(-1)).toEqual(['stop', run, 20]);
  });
});

describe('a target that is switched off while its test runs', () => {
  it('ends its run with the next window; a look before it leaves it alone', async () => {
    await rig.locust('shop', running);
    await rig.window({ scheduledTime: at(0) });
    await rig.registry.putTarget({ ...(await rig.registry.target('shop')), enabled: false });
    await rig.clock.advanceTo(minute + 70 * second);

    await rig.window({ scheduledTime: at(60), from: at(70) });

    expect((await rig.registry.runsOf('shop'))[0]).not.toHaveProperty('endedAt');
    expect(storedEvents(await rig.sink.points()).map(([event]) => event)).toEqual(['start']);
    await rig.window({ scheduledTime: at(60) });
    expect(await rig.registry.runsOf('shop')).toMatchObject([{ outcome: 'lost', endedAt: at(50) }]);
  });
});
