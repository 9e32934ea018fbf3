import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { minute, second, startCollectorRig } from '../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../support/rigs/collector-rig.ts';
import { bodyOf } from '../support/locust/scripted-locust.ts';
import { at } from '../support/time/instants.ts';
import type { ScriptedLocust } from '../support/locust/scripted-locust.ts';

let rig: CollectorRig;
let locust: ScriptedLocust;
beforeEach(async () => {
  rig = await startCollectorRig({ idleSeconds: 60 });
  locust = await rig.locust('shop');
});
afterEach(() => rig.close());

/** The status that a window leaves in the table. */
async function statusAfterWindow(seconds: number): Promise<unknown> {
  await rig.clock.advanceTo(minute + seconds * second);
  await rig.window({ scheduledTime: at(seconds) });
  return (await rig.registry.target('shop'))?.['status'];
}
const fail = (status: number): void => {
  locust.say((_request, response) => response.writeHead(status).end());
};

describe('the status of a target', () => {
  it('that stays as it is is written again after five minutes, so that it tells of a living collector', async () => {
    const checkedAt = [];
    for (let seconds = 0; seconds <= 660; seconds += 60) {
      checkedAt.push(((await statusAfterWindow(seconds)) as { checkedAt: string }).checkedAt);
    }

    const expected = [0, 0, 0, 0, 0, 300, 300, 300, 300, 300, 600, 600];
    expect(checkedAt).toEqual(expected.map((seconds) => at(seconds)));
    expect(await statusAfterWindow(720)).toEqual({ state: 'ready', checkedAt: at(600), since: at(0) });
  });

  it('says since when it is as it is: through failures of one kind, from the next kind or state on', async () => {
    await statusAfterWindow(0);
    fail(503);
    expect(await statusAfterWindow(60)).toMatchObject({ since: at(60), error: { kind: 'http-status' } });
    expect(await statusAfterWindow(120)).toMatchObject({ since: at(60) });
    expect(await statusAfterWindow(360)).toMatchObject({ since: at(60), checkedAt: at(360) });
    fail(401);
    expect(await statusAfterWindow(420)).toMatchObject({ since: at(420), error: { kind: 'unauthorized' } });
    locust.say({ state: 'ready' });
    expect(await statusAfterWindow(480)).toEqual({ state: 'ready', since: at(480), checkedAt: at(480) });
  });

  it('says of a run without answers since when, when it counts as ended, and the last figures', async () => {
    const goesOn = (requests: number): void => {
      locust.say((_request, response, index) =>
        response.end(bodyOf({ state: 'running', requests: requests + index, users: 7 })),
      );
    };
    goesOn(10);
    const figures = { userCount: 7, currentRps: 4.2, failRatio: 0, currentP95: 31 };
    await statusAfterWindow(0);
    fail(503);
    const failing = await statusAfterWindow(60);
    const noAnswer = { since: at(50), endsAt: at(350) };
    expect(failing).toMatchObject({ state: 'running', error: { kind: 'http-status' }, noAnswer, ...figures });
    const change = rig.changes.find(({ failure }) => failure !== undefined);
    expect(change?.noAnswer).toMatchObject({ sinceAtMs: Date.parse(at(50)), endsAtMs: Date.parse(at(350)) });
    goesOn(20);
    expect(await statusAfterWindow(120)).not.toHaveProperty('noAnswer');

    await locust.vanish();
    const gone = rig.begin({ scheduledTime: at(180) });
    await rig.clock.advanceTo(minute + 185 * second);
    expect((await rig.registry.target('shop'))?.['status']).toMatchObject({
      ...{ error: { kind: 'refused' }, noAnswer: { since: at(170), endsAt: at(210) }, ...figures },
    });
    await rig.clock.runUntilDone(gone);
    expect(await rig.registry.runsOf('shop')).toMatchObject([{ outcome: 'ended', endedAt: at(170) }]);
    const status = (await rig.registry.target('shop'))?.['status'];
    expect(status).not.toHaveProperty('noAnswer');
    expect(status).not.toHaveProperty('userCount');
  });

  it('keeps the last state that Locust reported while it does not answer, and none where it never did', async () => {
    fail(503);
    const never = await statusAfterWindow(0);
    expect(never).toMatchObject({ error: { kind: 'http-status' } });
    expect(never).not.toHaveProperty('state');
    locust.say({ state: 'stopped' });
    await statusAfterWindow(60);
    fail(503);

    expect(await statusAfterWindow(120)).toMatchObject({ state: 'stopped', error: { kind: 'http-status' } });
    expect(rig.changes.map(({ stateBefore, state, failure }) => [stateBefore, state, failure?.kind])).toEqual([
      [undefined, undefined, 'http-status'],
      [undefined, 'stopped', undefined],
      ['stopped', 'stopped', 'http-status'],
    ]);
  });

  it('is written by the new time at once where the machine’s time is set back, though nothing else has changed', async () => {
    expect(await statusAfterWindow(7_200)).toMatchObject({ checkedAt: at(7_200) });
    rig.clock.setTo(minute);

    expect(await statusAfterWindow(60)).toEqual({ state: 'ready', checkedAt: at(60), since: at(7_200) });
  });

  it('shows no run that has ended, where the machine’s time was set back in it', async () => {
    locust.say({ state: 'running', requests: 4 });
    expect(await statusAfterWindow(7_200)).toHaveProperty('run');
    rig.clock.setTo(minute);
    locust.say({ state: 'stopped', requests: 9 });

    expect(await statusAfterWindow(60)).toEqual({
      state: 'stopped',
      atRest: { requests: 9, failures: 0 },
      checkedAt: at(60),
      since: at(60),
    });
  });

  it('that is invalid is ignored, and replaced', async () => {
    await rig.registry.putTarget({ id: 'shop', url: locust.url, status: { checkedAt: 'yesterday' } });

    expect(await statusAfterWindow(0)).toEqual({ state: 'ready', since: at(0), checkedAt: at(0) });
  });
});
