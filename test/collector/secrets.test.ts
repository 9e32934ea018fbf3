import type { IncomingHttpHeaders } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Target } from '../../lambda/targets/target.ts';
import type { TargetSecrets } from '../../lambda/runtime/secrets.ts';
import { createParameterSecrets, keepInMemory, readSecretsOf } from '../../lambda/runtime/target-secrets.ts';
import { startCollectorRig } from '../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../support/rigs/collector-rig.ts';
import { at } from '../support/time/instants.ts';
import { startParameterStore } from '../support/aws/parameter-store.ts';
import type { ParameterStore } from '../support/aws/parameter-store.ts';
import { bodyOf } from '../support/locust/scripted-locust.ts';

let rig: CollectorRig;
let parameters: ParameterStore;
/** Asked before each request. */
let isThrottled: (body: Record<string, unknown>) => boolean = () => false;
beforeEach(async () => {
  [rig, parameters] = [
    await startCollectorRig(),
    await startParameterStore({ maxAttempts: 5, isThrottled: (body) => isThrottled(body) }),
  ];
  isThrottled = () => false;
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

/** As the Lambda does it: what the item names, out of Parameter Store, read once. */
function secretsOf() {
  const store = rig.clock.busy(keepInMemory(createParameterSecrets(parameters.client, '/locust/targets')));
  return (target: Target): Promise<TargetSecrets> => readSecretsOf(store, target);
}

const window = () => rig.clock.runUntilDone(rig.begin({ scheduledTime: at(0) }, { ports: { secretsOf: secretsOf() } }));

describe('the credentials of a target', () => {
  it('are sent to it alone, and shown to nobody else', async () => {
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
    const shown = JSON.stringify([rig.changes, rig.problems, await rig.registry.target('shop')]);
    expect(shown).not.toMatch(/sesame-7|gate-key-9/);
  });

  it('that are gone keep the target from being asked at all, and its status says so', async () => {
    const locust = await rig.locust('shop', undefined, { auth, secretsRef: 'r1' });
    const open = await rig.locust('open');

    const summary = await window();

    expect(summary).toMatchObject({ failures: { unauthorized: 1 }, platformFailures: 0 });
    expect([locust.asked, open.asked]).toEqual([0, 1]);
    const error = { kind: 'unauthorized', message: expect.stringContaining('give auth and headers again') as string };
    expect(await rig.registry.target('shop')).toMatchObject({ status: { error } });
  });

  it('that cannot be read now are no fault of the target: not asked, counted, reported, and its status stays', async () => {
    const locust = await rig.locust('shop', undefined, { auth, secretsRef: 'r1' });
    isThrottled = () => true;

    const summary = await window();

    expect(summary).toMatchObject({ failures: {}, platformFailures: 1, missed: 1 });
    expect(locust.asked).toBe(0);
    expect(rig.problems).toEqual(['reading the credentials of shop']);
    expect(await rig.registry.target('shop')).not.toHaveProperty('status');
  });

  it('of 500 targets are read in fifty requests by an environment that knows none, though the store throttles', async () => {
    const locust = await rig.locust('locust');
    await rig.registry.deleteTarget('locust');
    const store = createParameterSecrets(parameters.client, '/locust/targets');
    const ids = Array.from({ length: 500 }, (_, index) => `target-${index}`);
    for (const target of ids) await store.create({ target, ref: 'r1' }, secrets);
    await rig.registry.putTargets(
      ids.map((id) => ({ id, url: locust.url, auth, headers: ['x-gate'], secretsRef: 'r1' })),
    );
    // Every fifth comes too soon after the others, but none twice.
    let asked = 0;
    const late = new Set<string>();
    isThrottled = (body) => {
      const names = JSON.stringify(body);
      asked += 1;
      const isLate = asked % 5 === 0 && !late.has(names);
      if (isLate) late.add(names);
      return isLate;
    };

    expect(await window()).toMatchObject({ looks: 500, failures: {}, missed: 0, platformFailures: 0 });

    expect(asked).toBeGreaterThanOrEqual(50);
    expect(asked).toBeLessThan(80);
  });
});
