import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createQueueWake } from '../../lambda/collector/wake.ts';
import { minute, second, startCollectorRig } from '../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../support/rigs/collector-rig.ts';
import { at } from '../support/time/instants.ts';
import { startQueueServer } from '../support/aws/queue-server.ts';
import type { QueueServer } from '../support/aws/queue-server.ts';

let rig: CollectorRig;
let queue: QueueServer;
const start = async (idleSeconds: number): Promise<void> => {
  [rig, queue] = [await startCollectorRig({ idleSeconds }), await startQueueServer()];
};
beforeEach(() => start(10));
afterEach(async () => {
  await rig.close();
  await queue.close();
});

const window = (event: object = { scheduledTime: at(0) }) => {
  const { client, queueUrl } = queue;
  const wake = rig.clock.busy(createQueueWake({ client, queueUrl, clock: rig.clock }));
  return rig.clock.runUntilDone(rig.begin(event, { ports: { wake } }));
};
const delays = (): (number | undefined)[] => queue.batches.flat().map(({ DelaySeconds }) => DelaySeconds);

describe('a window in which nothing runs', () => {
  it('sends the looks that are left as delayed messages: the events of the invocations to come', async () => {
    await rig.locust('shop');

    expect(await window({ scheduledTime: at(0), shard: 1, shards: 2 })).toMatchObject({ end: 'idle' });
    expect(await window({ scheduledTime: at(0), shard: 0, shards: 2 })).toMatchObject({ end: 'idle' });

    expect(queue.batches).toHaveLength(1);
    expect(delays()).toEqual([10, 20, 30, 40, 50]);
    const looks = queue.batches.flat().map(({ MessageBody }) => JSON.parse(MessageBody) as { shard: number });
    const { shard } = looks[0] ?? {};
    expect(looks).toEqual(
      [10, 20, 30, 40, 50].map((from) => ({ scheduledTime: at(0), from: at(from), shard, shards: 2 })),
    );
    const [first] = queue.batches.flat();
    await rig.clock.advanceTo(minute + 10 * second);
    expect(await window({ Records: [{ body: first?.MessageBody }] })).toMatchObject({ end: 'idle', looks: 1, shard });
  });

  it('rounds delays up, so that no look comes before its instant', async () => {
    await rig.locust('shop');
    await rig.clock.advanceTo(minute + 0.4 * second);

    await window();

    expect(delays()).toEqual([10, 20, 30, 40, 50]);
  });

  it('sends more than ten looks in two requests', async () => {
    await rig.close();
    await queue.close();
    await start(5);
    await rig.locust('shop');

    expect(await window()).toMatchObject({ end: 'idle', platformFailures: 0 });

    expect(queue.batches.map(({ length }) => length)).toEqual([10, 1]);
    expect(delays()).toEqual([5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55]);
  });

  it('ends all the same when the queue takes a part of its looks only, and says so', async () => {
    await rig.locust('shop');
    queue.refuse(2);

    expect(await window()).toMatchObject({ end: 'idle', looks: 1, platformFailures: 1 });
    expect(rig.problems).toEqual(['asking for the next idle polls']);
  });
});

describe('the wake of a queue', () => {
  it('rejects when a part of the looks was refused, with how many and why', async () => {
    queue.refuse(2);
    const wake = createQueueWake({ client: queue.client, queueUrl: queue.queueUrl, clock: rig.clock });
    const looks = [10, 20, 30].map((from) => ({ scheduledTime: at(0), from: at(from), shard: 0, shards: 1 }));

    await expect(wake.request(looks)).rejects.toThrow('the queue refused 2 of 3 idle polls: InternalError');
  });

  it('asks for a look whose instant is past without a delay', async () => {
    await rig.clock.advanceTo(minute + 12 * second);
    const wake = createQueueWake({ client: queue.client, queueUrl: queue.queueUrl, clock: rig.clock });

    await wake.request([{ scheduledTime: at(0), from: at(10), shard: 0, shards: 1 }]);

    expect(delays()).toEqual([0]);
  });
});

describe('an idle poll that an edit asked for', () => {
  const edited = (from: number) => ({ Records: [{ body: JSON.stringify({ from: at(from), shard: 0, shards: 1 }) }] });

  it('finds a test and samples it until the window of its own minute comes, which hands over without a gap', async () => {
    await rig.locust('shop', { state: 'running', requests: 10 });
    const claims = rig.clock.busy(rig.registry.claims);
    await rig.clock.advanceTo(minute + 9.5 * second);
    const poll = rig.begin(edited(9), { ports: { claims } });
    await rig.clock.advanceTo(minute + 25 * second);

    const late = rig.begin({ scheduledTime: at(0) }, { ports: { claims }, remainingMs: 60_000 });
    const [first, second_] = await rig.clock.runUntilDone(Promise.all([poll, late]));

    expect(first).toMatchObject({ end: 'complete', missed: 0 });
    expect(second_).toMatchObject({ end: 'complete', missed: 0 });
    const stored = (await rig.sink.points('locust_total')).map(({ atMs }) => (atMs - minute) / second);
    expect(stored).toEqual([10, 20, 30, 40, 50, 60, 70, 80]);
  });

  it('ends at once while a window samples, and reads no target', async () => {
    await rig.locust('shop', { state: 'running', requests: 10 });
    const claims = rig.clock.busy(rig.registry.claims);
    const sampling = rig.begin({ scheduledTime: at(0) }, { ports: { claims } });
    await rig.clock.advanceTo(minute + 25 * second);
    const targets = { ...rig.ports.targets, readWatched: () => Promise.reject(new Error('read')) };

    expect(await rig.begin(edited(24), { ports: { claims, targets } })).toMatchObject({ end: 'already-sampled' });

    await rig.clock.runUntilDone(sampling);
  });

  it('comes in time however late its message is delivered', async () => {
    const locust = await rig.locust('shop');
    await rig.clock.advanceTo(minute + 61 * second);

    expect(await window(edited(59))).toMatchObject({ end: 'idle', looks: 1 });
    expect(locust.asked).toBe(1);
  });
});
