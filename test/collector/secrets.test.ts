import type { IncomingHttpHeaders } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Target } from '../../lambda/registry/target.ts';
import type { TargetSecrets } from '../../lambda/runtime/secrets.ts';
import { createParameterSecrets } from '../../lambda/runtime/target-secrets.ts';
import { startCollectorRig } from '../support/collector-rig.ts';
import type { CollectorRig } from '../support/collector-rig.ts';
import { at } from '../support/instants.ts';
import { startParameterStore } from '../support/parameter-store.ts';
import type { ParameterStore } from '../support/parameter-store.ts';
import { bodyOf } from '../support/scripted-locust.ts';

let rig: CollectorRig;
let parameters: ParameterStore;
beforeEach(async () => {
  [rig, parameters] = [await startCollectorRig(), await startParameterStore()];
});
afterEach(async () => {
  await rig.close();
  await parameters.close();
});

const auth = { type: 'basic', username: 'ann' };
const secrets: TargetSecrets = {
  auth: { type: 'basic', username: 'ann', password: 'sesame-7' },
  headers: { 'x-gate': 'gate-key-9' },
};

/** As the Lambda does it: what the item names, out of Parameter Store. */
function secretsOf() {
  const store = rig.clock.busy(createParameterSecrets(parameters.client, '/locust/targets'));
  return async ({ id, secretsRef }: Target): Promise<TargetSecrets> => {
    if (secretsRef === undefined) return {};
    const found = await store.read({ target: id, ref: secretsRef });
    if (found === undefined) throw new Error('they are gone');
    return found;
  };
}

const window = () => rig.clock.runUntilDone(rig.begin({ scheduledTime: at(0) }, { ports: { secretsOf: secretsOf() } }));

describe('the credentials of a target', () => {
  it('are sent to it alone, and told nobody else', async () => {
    const locust = await rig.locust('shop', undefined, { auth, headers: ['x-gate'], secretsRef: 'r1' });
    const open = await rig.locust('open');
    const sent: IncomingHttpHeaders[] = [];
    for (const each of [locust, open]) {
      each.say(({ headers }, response) => {
        sent.push(headers);
        response.end(bodyOf({ state: 'ready' }));
      });
    }
    await createParameterSecrets(parameters.client, '/locust/targets').create({ target: 'shop', ref: 'r1' }, secrets);

    expect(await window()).toMatchObject({ looks: 2, failures: {}, platformFailures: 0 });

    const shop = sent.find(({ host }) => locust.url.endsWith(host ?? '?'));
    expect(shop?.authorization).toBe(`Basic ${Buffer.from('ann:sesame-7').toString('base64')}`);
    expect(shop?.['x-gate']).toBe('gate-key-9');
    const other = sent.find(({ host }) => open.url.endsWith(host ?? '?'));
    expect(other).not.toHaveProperty('authorization');
    const told = JSON.stringify([rig.changes, rig.problems, await rig.registry.target('shop')]);
    expect(told).not.toMatch(/sesame-7|gate-key-9/);
  });

  it('that cannot be read keep the target from being asked at all, and say so', async () => {
    const locust = await rig.locust('shop', undefined, { auth, secretsRef: 'r1' });
    const open = await rig.locust('open');

    const summary = await window();

    expect(summary).toMatchObject({ failures: { unauthorized: 1 }, platformFailures: 1 });
    expect([locust.asked, open.asked]).toEqual([0, 1]);
    expect(rig.problems).toEqual(['reading the credentials of shop']);
    expect(await rig.registry.target('shop')).toMatchObject({ status: { error: { kind: 'unauthorized' } } });
  });
});
