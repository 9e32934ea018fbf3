import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CollectorPorts } from '../../../lambda/collector/window-context.ts';
import { withResolvers } from '../../../lambda/runtime/with-resolvers.ts';
import { minute, second, startCollectorRig } from '../../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../../support/rigs/collector-rig.ts';
import { at } from '../../support/time/instants.ts';
import { startLocustFarm } from '../../support/locust/locust-farm.ts';
import { bodyOf } from '../../support/locust/scripted-locust.ts';

let rig: CollectorRig;
beforeEach(async () => {
  rig = await startCollectorRig();
});
afterEach(() => rig.close());

const running = { state: 'running', requests: 10 } as const;
const statusOf = async (id: string) => (await rig.registry.target(id))?.['status'] as Record<string, unknown>;

describe('the figures in the table', () => {
  it('follow the samples', async () => {
    const locust = await rig.locust('shop');
    locust.say((_request, response, index) =>
      response.end(
        bodyOf({ ...running, requests: 10 + index }).replaceAll('"current_rps":4.2', `"current_rps":${index + 1}`),
      ),
    );
    const window = rig.begin({ scheduledTime: at(0) });
    for (const instant of [0, 10, 20]) {
      await rig.clock.advanceTo(minute + (instant + 1) * second);
      expect(await statusOf('shop')).toMatchObject({ currentRps: instant / 10 + 1, checkedAt: at(instant) });
    }
    await rig.clock.runUntilDone(window);
  });

  it('of 40 running targets are all refreshed within two instants: those first that have waited longest', async () => {
    const farm = await startLocustFarm((_id, asked) => ({ ...running, users: asked }));
    const ids = Array.from({ length: 40 }, (_, index) => `shop-${String(index).padStart(2, '0')}`);
    await Promise.all(ids.map((id) => rig.registry.putTarget({ id, url: farm.urlOf(id) })));
    const window = rig.begin({ scheduledTime: at(0) });
    const refreshedAfter = async (seconds: number, sinceSeconds: number): Promise<number> => {
      await rig.clock.advanceTo(minute + seconds * second);
      const checked = await Promise.all(ids.map(async (id) => String((await statusOf(id))['checkedAt'])));
      return checked.filter((each) => each >= at(sinceSeconds)).length;
    };

    expect(await refreshedAfter(11, 10)).toBe(32);
    expect(await refreshedAfter(21, 10)).toBe(40);
    expect(await refreshedAfter(41, 30)).toBe(40);
    await rig.clock.runUntilDone(window);
    await farm.close();
  });

  it.each([
    ['is late itself', false],
    ['is answered late', true],
  ])('never bring a run back that has ended, though their write %s', async (_how, isWrittenAtOnce) => {
    const locust = await rig.locust('shop', running);
    await rig.locust('other', running);
    const { targets } = rig.ports;
    const gate = withResolvers<undefined>();
    const writeStatus: CollectorPorts['targets']['writeStatus'] = async (...given) => {
      const [id, { userCount }] = given;
      if (id !== 'shop' || userCount !== 6) return targets.writeStatus(...given);
      if (!isWrittenAtOnce) await gate.promise;
      const answer = await targets.writeStatus(...given);
      await gate.promise;
      return answer;
    };
    const window = rig.begin({ scheduledTime: at(0) }, { ports: { targets: { ...targets, writeStatus } } });
    await rig.clock.advanceTo(minute + 1 * second);
    locust.say({ ...running, users: 6 });
    await rig.clock.advanceTo(minute + 11 * second);
    locust.say({ state: 'stopped', requests: 20, users: 0 });
    await rig.clock.advanceTo(minute + 21 * second);
    gate.resolve(undefined);
    await rig.clock.runUntilDone(window);

    expect(await statusOf('shop')).toMatchObject({ state: 'stopped', since: at(20) });
    expect(await statusOf('shop')).not.toHaveProperty('run');
    expect(await rig.registry.runsOf('shop')).toMatchObject([{ outcome: 'finished', endedAt: at(20) }]);
    const shown = rig.changes.filter(({ target }) => target === 'shop');
    expect(shown.map(({ atMs, state }) => [(atMs - minute) / second, state])).toEqual([
      [0, 'running'],
      [20, 'stopped'],
    ]);
  });
});

describe("a run's record", () => {
  it('follows its samples by 20 s while the window lasts', async () => {
    await rig.locust('shop', running);
    const window = rig.begin({ scheduledTime: at(0) });
    const behind = [];
    for (const seconds of [11, 21, 31, 41, 51]) {
      await rig.clock.advanceTo(minute + seconds * second);
      const [run] = await rig.registry.runsOf('shop');
      behind.push(run?.['lastGoodAt']);
    }
    await rig.clock.runUntilDone(window);

    // The last instant is the end of the window, which puts all on record.
    expect(behind).toEqual([at(0), at(20), at(20), at(40), at(50)]);
  });

  it('of 40 is one of 16 that an instant has room for, those first that have waited longest', async () => {
    const farm = await startLocustFarm(() => running);
    const ids = Array.from({ length: 40 }, (_, index) => `shop-${String(index).padStart(2, '0')}`);
    await Promise.all(ids.map((id) => rig.registry.putTarget({ id, url: farm.urlOf(id) })));
    const window = rig.begin({ scheduledTime: at(0) });
    const recordedAfter = async (seconds: number): Promise<number> => {
      await rig.clock.advanceTo(minute + seconds * second);
      const runs = await Promise.all(ids.map((id) => rig.registry.runsOf(id)));
      return runs.flat().filter((run) => String(run['lastGoodAt']) >= at(20)).length;
    };

    expect(await recordedAfter(21)).toBe(16);
    expect(await recordedAfter(31)).toBe(32);
    expect(await recordedAfter(41)).toBe(40);
    await rig.clock.runUntilDone(window);
    await farm.close();
  });
});
