import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { straysPageItems } from '../../lambda/targets/stray-targets.ts';
import { isToBeWatched, removeAtOf } from '../../lambda/targets/watched.ts';
import { minute, second, startCollectorRig } from '../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../support/rigs/collector-rig.ts';
import { countReads } from '../support/rigs/count-reads.ts';
import type { ReadCount } from '../support/rigs/count-reads.ts';
import type { Item } from '../support/rigs/registry.ts';
import { at } from '../support/time/instants.ts';

let rig: CollectorRig;
let count: ReadCount;
beforeEach(async () => {
  rig = await startCollectorRig();
  count = countReads(rig.registry.client);
});
afterEach(() => rig.close());

const live = 10;
const running = { state: 'running', requests: 10 } as const;

async function readsOf(work: () => Promise<unknown>): Promise<ReadCount> {
  Object.assign(count, { requests: 0, read: 0, lookedAt: 0 });
  await work();
  return { ...count };
}

const startLocusts = (): Promise<unknown> =>
  Promise.all(Array.from({ length: live }, (_, index) => rig.locust(`live-${index}`)));
/** As a CI run leaves its target: it registered itself, and has expired or was switched off at its end. */
const finished = (id: string, expiresAtMs: number): Item => {
  const target = { owner: 'reporter', expiresAt: new Date(expiresAtMs).toISOString() };
  // One in ten is killed, so that nobody switches it off.
  const enabled = id.endsWith('0');
  const isWatched = isToBeWatched({ source: 'fetch', enabled });
  const place = { watched: isWatched ? id : undefined, removeAt: removeAtOf(target) };
  return { id, url: 'http://ci:8089', enabled, ...target, ...place };
};
const poll = (minutes = 0) =>
  rig.window({ scheduledTime: at(60 * minutes), from: new Date(rig.clock.now()).toISOString() });

describe('what a registry full of finished targets costs', () => {
  it('is nothing to a poll, and to a window a bounded look through the table', async () => {
    await startLocusts();
    await poll();
    const bare = await readsOf(() => poll());
    await rig.registry.putTargets(
      Array.from({ length: 2_500 }, (_, index) => ({
        ...finished(`dead-${index}`, minute - second),
        watched: undefined,
      })),
    );

    const full = await readsOf(() => poll());

    expect(full).toEqual(bare);
    expect(full).toEqual({ requests: 1, read: live, lookedAt: live });
    // A process that has gone through the table once.
    const { collector } = rig;
    await rig.window({ scheduledTime: at(0) }, collector);
    const window = await readsOf(() => rig.window({ scheduledTime: at(0) }, collector));
    expect(window.read).toBe(live);
    expect(window.lookedAt).toBeLessThanOrEqual(live + straysPageItems);
  });

  it('stays the same through a month of 500 CI runs a day', { timeout: 240_000 }, async () => {
    await startLocusts();
    await poll();
    const { collector } = rig;
    const day = 24 * 60;
    const [polls, windows, tableSizes]: [ReadCount[], number[], number[]] = [[], [], []];
    let dead: Item[] = [];
    for (let today = 0; today < 30; today += 1) {
      const dayMs = minute + today * day * 60 * second;
      const items = Array.from({ length: 500 }, (_, index) => finished(`ci-${today}-${index}`, dayMs + 60 * second));
      await rig.registry.putTargets(items);
      dead.push(...items);
      for (let window = 0; window < 3; window += 1) {
        await rig.clock.advanceTo(dayMs + (2 + window) * 60 * second);
        const event = { scheduledTime: at((today * day + 2 + window) * 60) };
        const { lookedAt } = await readsOf(() => rig.window(event, collector));
        windows.push(lookedAt);
      }
      polls.push(await readsOf(() => poll(today * day + 4)));
      dead = await removeExpired(dead);
      tableSizes.push(dead.length);
    }

    expect(new Set(polls.map((each) => JSON.stringify(each)))).toEqual(
      new Set([JSON.stringify({ requests: 1, read: live, lookedAt: live })]),
    );
    expect(Math.max(...windows)).toBeLessThanOrEqual(live + 500 + straysPageItems);
    expect(Math.max(...tableSizes)).toBeLessThanOrEqual(8 * 500);
    expect(rig.problems).toEqual([]);
  });
});

/** What DynamoDB's TTL does. */
async function removeExpired(items: readonly Item[]): Promise<Item[]> {
  const isDue = ({ removeAt }: Item): boolean => Number(removeAt) * 1000 <= rig.clock.now();
  const due = items.filter(isDue);
  for (let first = 0; first < due.length; first += 25) {
    const requests = due.slice(first, first + 25).map(({ id }) => ({ DeleteRequest: { Key: { id } } }));
    await rig.registry.client.send(new BatchWriteCommand({ RequestItems: { Targets: requests } }));
  }
  return items.filter((item) => !isDue(item));
}

describe('targets of an older version, which are in no index', () => {
  it('are sampled from the first window on, wherever in the table they stand', async () => {
    await rig.registry.putTargets(
      Array.from({ length: 2_500 }, (_, index) => ({
        ...finished(`dead-${index}`, minute - second),
        watched: undefined,
      })),
    );
    const ids = Array.from({ length: 5 }, (_, index) => `old-${index}`);
    for (const id of ids) await rig.locust(id, running, { watched: undefined });

    expect(await rig.window({ scheduledTime: at(0) })).toMatchObject({ targets: 5, samples: 30, missed: 0 });
    expect(await poll()).toMatchObject({ end: 'already-sampled' });
  });

  it('are found later as well, when they are put by hand', async () => {
    const { collector } = rig;
    await rig.window({ scheduledTime: at(0) }, collector);
    await rig.clock.advanceTo(minute + 60 * second);
    await rig.locust('by-hand', running, { watched: undefined });

    expect(await rig.window({ scheduledTime: at(60) }, collector)).toMatchObject({ targets: 1, samples: 6 });
  });

  it('cannot be looked for where the table cannot be read: the window goes on, and says so', async () => {
    await rig.locust('shop', running);
    const targets = { ...rig.ports.targets, adoptStrays: () => Promise.reject(new Error('throttled')) };

    const summary = await rig.clock.runUntilDone(rig.begin({ scheduledTime: at(0) }, { ports: { targets } }));

    expect(summary).toMatchObject({ samples: 6, platformFailures: 1 });
    expect(rig.problems).toEqual(['looking for targets that are not watched yet']);
  });
});

describe('a target that no longer has to be watched', () => {
  it('is read once more, so that its run ends, and then never again', async () => {
    await rig.locust('shop', running);
    await rig.window({ scheduledTime: at(0) });
    await rig.registry.putTarget({ ...(await rig.registry.target('shop')), enabled: false });
    for (const seconds of [60, 120]) {
      await rig.clock.advanceTo(minute + seconds * second);
      await rig.window({ scheduledTime: at(seconds) });
    }

    expect(await rig.registry.runsOf('shop')).toMatchObject([{ outcome: 'lost', endedAt: at(50) }]);
    expect(await readsOf(() => poll(2))).toMatchObject({ lookedAt: 0 });
  });
});
