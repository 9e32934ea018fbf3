import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { minute, second, startCollectorRig } from '../support/collector-rig.ts';
import type { CollectorRig } from '../support/collector-rig.ts';
import { at } from '../support/instants.ts';
import type { ScriptedLocust } from '../support/scripted-locust.ts';

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

  it('tells since when it is as it is: through failures of one kind, anew with another kind or state', async () => {
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

  it('keeps the last state that Locust told while it does not answer, and none where it never did', async () => {
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

  it('that does not fit is as good as none, and is written anew', async () => {
    await rig.registry.putTarget({ id: 'shop', url: locust.url, status: { checkedAt: 'yesterday' } });

    expect(await statusAfterWindow(0)).toEqual({ state: 'ready', since: at(0), checkedAt: at(0) });
  });
});
