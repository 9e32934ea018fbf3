import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { maxCpuMsPerTarget } from '../../lambda/locust/fetch/cpu-budget.ts';
import { createLocustClient } from '../../lambda/locust/fetch/fetch-report.ts';
import { minute, second, startCollectorRig } from '../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../support/rigs/collector-rig.ts';
import { at, secondsOf } from '../support/time/instants.ts';
import { slowLocusts } from '../support/locust/slow-locust.ts';
import type { SlowLocusts } from '../support/locust/slow-locust.ts';

let rig: CollectorRig;
beforeEach(async () => {
  rig = await startCollectorRig();
});
afterEach(() => rig.close());

const running = { state: 'running', requests: 10 } as const;
const since = at(-600);
const timedOut = { checkedAt: since, since, error: { kind: 'timeout', message: 'no answer in time' } };
const hanging = (url: string): boolean => url.includes('hanging');

/** Targets that never answer: connecting to one takes the whole deadline. */
async function putHanging(count: number, name: string, more: object = {}): Promise<void> {
  const ids = Array.from({ length: count }, (_, index) => `${name}-${index}`);
  await Promise.all(ids.map((id) => rig.registry.putTarget({ id, url: `http://hanging.example/${id}`, ...more })));
}

const hangingLocusts = (): SlowLocusts => slowLocusts(rig, (url) => (hanging(url) ? Infinity : undefined));

function timesAsked({ readings }: SlowLocusts): { targets: number; fewest: number; most: number } {
  const counts = new Map<string, number>();
  for (const { url } of readings) counts.set(url, (counts.get(url) ?? 0) + 1);
  return { targets: counts.size, fewest: Math.min(...counts.values()), most: Math.max(...counts.values()) };
}

describe('a hundred targets that do not answer', () => {
  it('each have their turn within one window, and a healthy one beside them misses nothing', async () => {
    await putHanging(100, 'down', { status: timedOut });
    await rig.locust('healthy', running);
    const slow = hangingLocusts();

    const summary = await rig.clock.runUntilDone(rig.begin({ scheduledTime: at(0) }, { ports: slow }));

    const { targets, fewest, most } = timesAsked(slow);
    expect(targets).toBe(100);
    expect(most - fewest).toBeLessThanOrEqual(1);
    expect(slow.mostAtOnce()).toBe(16);
    expect(secondsOf(await rig.sink.points('locust_total'))).toEqual([0, 10, 20, 30, 40, 50]);
    expect(summary).toMatchObject({ end: 'complete', samples: 6, samplesFailed: 0 });
    expect(summary.missed).toBeGreaterThan(0);
    expect(slow.readings).toHaveLength(summary.failures.timeout ?? 0);
    expect(rig.clock.now()).toBeLessThan(minute + 60 * second);
  });

  it('are each asked within four windows in which nothing runs, and none of these lasts longer for them', async () => {
    await putHanging(100, 'down', { status: timedOut });
    const slow = hangingLocusts();

    for (let start = 0; start < 240; start += 60) {
      await rig.clock.advanceTo(minute + start * second);
      const window = rig.begin({ scheduledTime: at(start) }, { ports: slow });
      expect(await rig.clock.runUntilDone(window)).toMatchObject({ end: 'idle', missed: 100 - 32 });
      expect(rig.clock.now()).toBe(minute + (start + 10) * second);
    }

    expect(timesAsked(slow).targets).toBe(100);
  });

  it('are each given time to answer, or are counted as missed: none is asked when the window has no time left', async () => {
    await putHanging(100, 'down', { status: timedOut });
    await rig.locust('healthy', running);
    const slow = hangingLocusts();

    await rig.clock.runUntilDone(rig.begin({ scheduledTime: at(0) }, { ports: slow }));

    expect(Math.min(...slow.readings.map(({ timeoutMs }) => timeoutMs))).toBeGreaterThan(1_000);
  });

  it('are never more than 64 at once with those of which nothing is known yet', async () => {
    await putHanging(50, 'down', { status: timedOut });
    await putHanging(80, 'new');
    const slow = hangingLocusts();
    const isKnown = (url: string): boolean => url.includes('/down');
    const window = rig.begin({ scheduledTime: at(0) }, { ports: slow });
    await rig.clock.advanceTo(minute + 4 * second);

    expect([slow.mostAtOnce(isKnown), slow.mostAtOnce()]).toEqual([16, 64]);
    await rig.clock.runUntilDone(window);
    expect(slow.mostAtOnce()).toBe(64);
  });

  it('lines of those that did answer are stored within a second or two, not when the slow ones are through', async () => {
    await rig.locust('fast', running);
    await putHanging(1, 'down');
    const window = rig.begin({ scheduledTime: at(0) }, { ports: hangingLocusts() });

    await rig.clock.advanceTo(minute + 1.1 * second);

    expect(secondsOf(await rig.sink.points('locust_total'))).toEqual([0]);
    await rig.clock.runUntilDone(window);
  });

  it('as many lines as one request holds do not wait even that long', async () => {
    const endpoints = Array.from({ length: 1000 }, (_, index) => `/${index}`);
    const large = Array.from({ length: 6 }, (_, index) => `large-${index}`);
    await Promise.all(large.map((id) => rig.locust(id, { ...running, endpoints }, { maxEndpoints: 1000 })));
    await putHanging(1, 'down');
    const window = rig.begin({ scheduledTime: at(0) }, { ports: hangingLocusts(), remainingMs: 10_000 });

    await rig.clock.advanceTo(minute + 0.1 * second);

    expect((await rig.sink.points()).length).toBeGreaterThanOrEqual(5000);
    await rig.clock.runUntilDone(window);
  });
});

describe('a target that answers slowly', () => {
  it('and then says that it runs keeps the window, though another instant has passed meanwhile', async () => {
    await rig.close();
    rig = await startCollectorRig({ idleSeconds: 2 });
    await rig.locust('shop', running);
    let takesMs = 3_000;
    const slow = slowLocusts(rig, () => takesMs);
    const window = rig.begin({ scheduledTime: at(0) }, { ports: slow });
    await rig.clock.advanceTo(minute + 3.1 * second);
    takesMs = 10;

    expect(await rig.clock.runUntilDone(window)).toMatchObject({ end: 'complete', skipped: 1 });

    expect(secondsOf(await rig.sink.points('locust_total')).at(-1)).toBe(50);
  });

  it('is sampled at instants of its own interval alone, though its start was reported between two of them', async () => {
    await rig.close();
    rig = await startCollectorRig({ idleSeconds: 2 });
    await rig.locust('shop', running);
    let takesMs = 3_000;
    const slow = slowLocusts(rig, () => takesMs);
    const window = rig.begin({ scheduledTime: at(0) }, { ports: slow });
    await rig.clock.advanceTo(minute + 3.1 * second);
    takesMs = 10;
    await rig.clock.runUntilDone(window);

    expect(secondsOf(await rig.sink.points('locust_total'))).toEqual([0, 10, 20, 30, 40, 50]);
  });

  it('is not blamed at an instant of which the window has less than half a second left: that one is missed', async () => {
    await rig.locust('shop', running);
    const slow = slowLocusts(rig, () => 400);
    // 1.5 s of them are for the invocation's own end, half a second is for the lines.
    const window = rig.begin({ scheduledTime: at(0) }, { ports: slow, remainingMs: 22_300 });

    expect(await rig.clock.runUntilDone(window)).toMatchObject({ end: 'complete', missed: 1, failures: {} });

    expect(secondsOf(await rig.sink.points('locust_total'))).toEqual([0, 10]);
  });

  it('is given up half a second before the window ends, so that the window is over in its time', async () => {
    await rig.locust('shop', running, { sampleSeconds: 2 });
    let takesMs = 10;
    const slow = slowLocusts(rig, () => takesMs);
    const window = rig.begin({ scheduledTime: at(0) }, { ports: slow });
    await rig.clock.advanceTo(minute + 57 * second);
    takesMs = Infinity;

    expect(await rig.clock.runUntilDone(window)).toMatchObject({ samplesFailed: 1, failures: { timeout: 1 } });

    const deadlines = slow.readings.map(({ timeoutMs }) => timeoutMs);
    expect(deadlines.slice(-3)).toEqual([5_000, 3_500, 1_500]);
    expect(rig.clock.now()).toBe(minute + 59.5 * second);
  });
});

it('two targets with one Locust each have their own share of CPU', async () => {
  const { url } = await rig.locust('one', running);
  await rig.registry.putTarget({ id: 'other', url });
  let usedMs = 0;
  // Six answers of two parts each, and a page: what two targets need together is more than one may have.
  const cpuMs = (): number => (usedMs += maxCpuMsPerTarget / 20);
  const openLocust = () =>
    rig.clock.busy(
      createLocustClient({ clock: rig.clock, addressPolicy: { allowPrivate: true, allowLoopback: true }, cpuMs }),
    );
  const window = rig.begin({ scheduledTime: at(0) }, { ports: { openLocust } });
  expect(await rig.clock.runUntilDone(window)).toMatchObject({ samples: 12, samplesFailed: 0, failures: {} });
});
