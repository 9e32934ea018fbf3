import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { minute, second, startCollectorRig } from '../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../support/rigs/collector-rig.ts';
import { countReads } from '../support/rigs/count-reads.ts';
import type { Item } from '../support/rigs/registry.ts';
import { at, secondsOf, storedEvents } from '../support/time/instants.ts';
import { slowLocusts } from '../support/locust/slow-locust.ts';

let rig: CollectorRig;
beforeEach(async () => {
  rig = await startCollectorRig();
});
afterEach(() => rig.close());

const running = { state: 'running', requests: 10 } as const;
const run = '20261122T140500Z';

/** A window in which something happens at some seconds of its minute. */
async function windowWith(
  happenings: readonly (readonly [seconds: number, happening: () => unknown])[],
  ports: Partial<CollectorRig['ports']> = {},
) {
  const window = rig.begin({ scheduledTime: at(0) }, { ports });
  for (const [seconds, happening] of happenings) {
    await rig.clock.advanceTo(minute + seconds * second);
    await happening();
  }
  return rig.clock.runUntilDone(window);
}

/** As the API edits: one more version, and collection's status stays. */
async function edit(id: string, change: Item): Promise<void> {
  const item = (await rig.registry.target(id)) ?? {};
  await rig.registry.putTarget({ ...item, ...change, version: Number(item['version']) + 1 });
}

const totalsOf = async (id: string): Promise<number[]> =>
  secondsOf((await rig.sink.points('locust_total')).filter(({ tags }) => tags['target'] === id));

describe('while a window samples', () => {
  it('a pause is obeyed at the next instant: the run ends at its last good sample, and the window with it', async () => {
    const locust = await rig.locust('shop', running, { sampleSeconds: 2 });

    const summary = await windowWith([[14.5, () => edit('shop', { enabled: false })]]);

    expect(summary).toMatchObject({ end: 'idle', missed: 0 });
    expect(await totalsOf('shop')).toEqual([0, 2, 4, 6, 8, 10, 12, 14]);
    expect(locust.asked).toBe(8);
    expect(rig.clock.now()).toBeLessThan(minute + 16 * second);
    expect(await rig.registry.runsOf('shop')).toMatchObject([{ run, outcome: 'lost', endedAt: at(14) }]);
    expect(storedEvents(await rig.sink.points()).at(-1)).toEqual(['stop', run, 14]);
    expect(rig.idlePolls.map(({ from }) => from)).toEqual([20, 30, 40, 50].map(at));
  });

  it('a target that is resumed goes on as another run', async () => {
    await rig.locust('shop', running, { sampleSeconds: 2 });
    await rig.locust('other', running);

    await windowWith([
      [14.5, () => edit('shop', { enabled: false })],
      [21, () => edit('shop', { enabled: true })],
    ]);

    expect(await totalsOf('shop')).toEqual([
      0, 2, 4, 6, 8, 10, 12, 14, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 42, 44, 46, 48, 50, 52, 54, 56, 58,
    ]);
    expect(await rig.registry.runsOf('shop')).toMatchObject([{ endedAt: at(14) }, { startedAt: at(22) }]);
  });

  it('a target that reports by itself from now on is sampled no more, and its run goes on', async () => {
    const locust = await rig.locust('shop', running);

    await windowWith([[14.5, () => edit('shop', { source: 'report', url: undefined })]]);

    expect(await totalsOf('shop')).toEqual([0, 10]);
    expect(locust.asked).toBe(2);
    const [record, ...others] = await rig.registry.runsOf('shop');
    expect([record, others]).toMatchObject([{ run }, []]);
    expect(record).not.toHaveProperty('endedAt');
    expect(await rig.registry.target('shop')).toMatchObject({ status: { run } });
    expect(storedEvents(await rig.sink.points())).toEqual([['start', run, 0]]);
    expect(rig.changes.filter(({ runEnded }) => runEnded !== undefined)).toEqual([]);
  });

  it('an expired target is sampled no more', async () => {
    await rig.locust('shop', running, { expiresAt: at(25) });

    expect(await windowWith([])).toMatchObject({ end: 'idle' });

    expect(await totalsOf('shop')).toEqual([0, 10, 20]);
    expect(await rig.registry.runsOf('shop')).toMatchObject([{ outcome: 'lost', endedAt: at(20) }]);
  });

  it('another URL is asked from the next instant on, and the run goes on', async () => {
    const before = await rig.locust('shop', running);
    const after = await rig.locust('elsewhere', { ...running, requests: 20 }, { enabled: false });

    await windowWith([[19.5, () => edit('shop', { url: after.url, tags: { env: 'test' } })]]);

    expect([before.asked, after.asked]).toEqual([2, 4]);
    const points = await rig.sink.points('locust_total');
    expect(points.map(({ tags }) => tags['env'])).toEqual([undefined, undefined, 'test', 'test', 'test', 'test']);
    expect(new Set(points.map(({ tags }) => tags['run']))).toEqual(new Set([run]));
  });

  it.each([
    ['shorter', 10, 2, [0, 10, ...Array.from({ length: 22 }, (_, index) => 16 + 2 * index)]],
    ['longer', 2, 20, [0, 2, 4, 6, 8, 10, 12, 14, 20, 40]],
  ])('a %s interval counts from now on, and nothing of it is missed', async (_, before, after, all) => {
    await rig.locust('shop', running, { sampleSeconds: before });

    const summary = await windowWith([[14.5, () => edit('shop', { sampleSeconds: after })]]);

    expect(await totalsOf('shop')).toEqual(all);
    expect(summary).toMatchObject({ missed: 0, skipped: 0 });
  });

  it('a new target is seen within two seconds, and sampled from its next instant on', async () => {
    await rig.locust('shop', running, { sampleSeconds: 30 });

    const summary = await windowWith([[21, () => rig.locust('new', running, { sampleSeconds: 2 })]]);

    expect((await totalsOf('new'))[0]).toBe(24);
    expect(summary).toMatchObject({ targets: 2, missed: 0, skipped: 0 });
    expect(await totalsOf('shop')).toEqual([0, 30]);
  });

  it('a target whose Locust hangs is switched off once its scrape is over, and starts no run', async () => {
    const hanging = await rig.locust('hanging', running);
    await rig.locust('shop', running);
    const ports = slowLocusts(rig, (url) => (url === hanging.url ? 4_000 : undefined));

    await windowWith([[21, () => edit('hanging', { enabled: false })]], ports);

    expect(await totalsOf('hanging')).toEqual([0, 10, 20]);
    expect(await rig.registry.runsOf('hanging')).toMatchObject([{ outcome: 'lost', endedAt: at(20) }]);
  });

  it('what the index showed a moment ago, and shows again, is not believed', async () => {
    const { targets } = rig.ports;
    await rig.locust('other', running);
    await rig.locust('shop', running);
    const stale = await targets.readWatched({ shard: 0, shards: 1 });
    const isBetween = (from: number, to: number) =>
      rig.clock.now() >= minute + from * second && rig.clock.now() < minute + to * second;
    const readWatched: typeof targets.readWatched = (share) =>
      isBetween(25, 45) ? Promise.resolve(stale) : targets.readWatched(share);

    await windowWith([[14.5, () => edit('shop', { enabled: false })]], { targets: { ...targets, readWatched } });

    expect(await totalsOf('shop')).toEqual([0, 10]);
  });

  it('one that the index does not show for a while is sampled on', async () => {
    const { targets } = rig.ports;
    await rig.locust('shop', running);
    const readWatched: typeof targets.readWatched = (share) =>
      rig.clock.now() > minute + 12 * second
        ? Promise.resolve({ targets: [], invalid: [] })
        : targets.readWatched(share);

    const summary = await windowWith([], { targets: { ...targets, readWatched } });

    expect(await totalsOf('shop')).toEqual([0, 10, 20, 30, 40, 50]);
    expect(summary).toMatchObject({ end: 'complete', missed: 0, platformFailures: 0 });
  });

  it('one whose item is not valid any more is sampled to the window’s end', async () => {
    await rig.locust('shop', running);

    await windowWith([[14.5, () => edit('shop', { sampleSeconds: 3 })]]);

    expect(await totalsOf('shop')).toEqual([0, 10, 20, 30, 40, 50]);
  });
});

describe('what reading the targets again costs', () => {
  it('is one request every two seconds, each of the index alone', async () => {
    await rig.locust('shop', running, { sampleSeconds: 2 });
    await rig.registry.putTargets(
      Array.from({ length: 1_000 }, (_, index) => ({ id: `dead-${index}`, enabled: false, watched: undefined })),
    );
    let reads = 0;
    const { targets } = rig.ports;
    const readWatched: typeof targets.readWatched = (share) => ((reads += 1), targets.readWatched(share));
    const count = countReads(rig.registry.client);

    await windowWith([], { targets: { ...targets, readWatched } });

    expect(reads).toBeLessThanOrEqual(31);
    expect(reads).toBeGreaterThanOrEqual(29);
    expect(count.lookedAt).toBeLessThanOrEqual(1_001 + 31);
  });

  it('is a twentieth of the time where a reading takes long, and samples do not wait for it', async () => {
    await rig.locust('shop', running, { sampleSeconds: 2 });
    const { targets } = rig.ports;
    let reads = 0;
    const readWatched: typeof targets.readWatched = async (share) => {
      reads += 1;
      if (reads > 1) await rig.clock.sleepUntil(rig.clock.now() + 800);
      return targets.readWatched(share);
    };

    const summary = await windowWith([], { targets: { ...targets, readWatched } });

    expect(reads).toBeLessThanOrEqual(1 + 4);
    expect(summary).toMatchObject({ samples: 30, missed: 0, latenessMs: 0 });
  });

  it('is a few failures a minute while DynamoDB fails, and no sample', async () => {
    await rig.locust('shop', running, { sampleSeconds: 2 });
    const { targets } = rig.ports;
    let reads = 0;
    const readWatched: typeof targets.readWatched = (share) =>
      (reads += 1) > 1 ? Promise.reject(new Error('throttled')) : targets.readWatched(share);

    const summary = await windowWith([], { targets: { ...targets, readWatched } });

    expect(summary).toMatchObject({ samples: 30, missed: 0 });
    expect(summary.platformFailures).toBeLessThanOrEqual(6);
    expect(new Set(rig.problems)).toEqual(new Set(['reading the targets again']));
  });
});
