import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCollector } from '../../lambda/collector/collector.ts';
import { startFaultRig, startAtMs, sumOf, timesStored } from '../support/rigs/fault-rig.ts';
import { rejectedLines, waitingEntries } from '../support/influx/kept-lines.ts';
import type { FaultRig } from '../support/rigs/fault-rig.ts';
import { createDeadLetters } from '../../lambda/influx/spool/dead-letters.ts';

let rig: FaultRig;
let state: string;
beforeEach(async () => {
  state = 'running';
  rig = await startFaultRig((_id, asked) => ({ state, requests: asked }));
});
afterEach(() => rig.close());

const waitingLines = async (): Promise<number> =>
  (await waitingEntries(rig.store)).flat().filter((line) => line.includes(',target=')).length;

describe('what waits in the spool', () => {
  it('is reported with its size and age while InfluxDB is down', async () => {
    await rig.addTargets(2);
    await rig.influx.behave('is-down');
    await rig.minutes(3);

    const { waiting } = rig.summaries.at(-1) ?? {};
    expect(waiting?.entries).toBeGreaterThanOrEqual(18);
    expect(waiting?.ageSeconds).toBeGreaterThan(165);
    const kept = [...rig.s3.objects.values()].slice(0, waiting?.entries);
    expect(waiting?.bytes).toBe(kept.reduce((sum, { length }) => sum + length, 0));
  });

  it('is sent by the next window that delivers, after live lines, and is then reported as gone', async () => {
    await rig.addTargets(2);
    await rig.influx.behave('is-down');
    await rig.minutes(2);
    await rig.influx.behave('works');
    await rig.minutes(1);

    expect(rig.summaries.at(-1)).toMatchObject({ waiting: { entries: 0, bytes: 0, ageSeconds: 0 } });
    expect(timesStored(rig)).toEqual({ missing: 0, once: 36, more: 0 });
    const order = [...rig.influx.points.keys()].map((series) => Number(series.slice(series.lastIndexOf(' ') + 1)));
    expect(order[0]).toBe(startAtMs + 120_000);
    const replayed = order.slice(order.indexOf(startAtMs));
    expect(replayed.slice(0, 12)).toEqual(replayed.slice(0, 12).toSorted((a, b) => a - b));
  });

  it('does not wait for the next test: an idle window looks every fifth minute, and others do not', async () => {
    await rig.addTargets(1);
    await rig.influx.behave('is-down');
    await rig.minutes(1);
    state = 'stopped';
    await rig.minutes(1);
    await rig.influx.behave('works');
    const asked = rig.s3.requests.length;
    await rig.minutes(3);
    expect(rig.s3.requests.slice(asked)).toEqual([]);
    expect(rig.influx.points.size).toBe(0);

    await rig.minutes(1);
    expect(timesStored(rig)).toEqual({ missing: 0, once: 6, more: 0 });
    expect(await waitingLines()).toBe(0);
    expect(rig.summaries.at(-1)).toMatchObject({ end: 'idle', waiting: { entries: 0 } });
  });

  it('is sent once more at most when two drain it at once, and nothing is lost', async () => {
    await rig.addTargets(2);
    await rig.influx.behave('is-down');
    await rig.minutes(3);
    await rig.influx.behave('works');
    const scheduledTime = new Date(startAtMs + 180_000).toISOString();
    await rig.clock.advanceTo(startAtMs + 180_000);
    await Promise.all([rig.window({ scheduledTime }, rig.collector()), rig.window({ scheduledTime }, rig.collector())]);

    expect(await waitingLines()).toBe(0);
    expect(timesStored(rig)).toMatchObject({ missing: 0, more: 0 });
  });

  it('stays where it is when InfluxDB goes down again while it is sent', async () => {
    await rig.addTargets(2);
    await rig.influx.behave('is-down');
    await rig.minutes(1);
    await rig.influx.behave('works');
    const { ports } = rig;
    const goesDown = rig.collector({
      openInflux() {
        const writer = ports.openInflux();
        return {
          ...writer,
          async write(lines, timeoutMs) {
            const answer = await writer.write(lines, timeoutMs);
            await rig.influx.behave({ status: 500 });
            return answer;
          },
        };
      },
    });
    await rig.minutes(1, goesDown);
    expect(timesStored(rig)).toMatchObject({ once: 2 });
    await rig.influx.behave('works');
    await rig.minutes(1);

    expect(await waitingLines()).toBe(0);
    expect(timesStored(rig)).toEqual({ missing: 0, once: 36, more: 0 });
  });

  it('that InfluxDB refuses when it is sent goes to the dead letters', async () => {
    await rig.addTargets(2);
    await rig.influx.behave('is-down');
    await rig.minutes(1);
    rig.influx.isBad = (line) => line.startsWith('locust_total,target=x') || line.includes('target=target-001');
    await rig.influx.behave('refuses-whole-requests');
    await rig.minutes(1);

    expect(await waitingLines()).toBe(0);
    const letters = rejectedLines((await createDeadLetters(rig.store).list({ limit: 1000 })).letters);
    expect(letters).toHaveLength(2 * 18 + 1);
    expect(letters.every((line) => line.includes('target=target-001'))).toBe(true);
  });

  it('where it is damaged goes to the dead letters once, is reported once, and later windows are quiet', async () => {
    await rig.addTargets(1);
    await rig.influx.behave('is-down');
    await rig.minutes(1);
    const [key = ''] = [...rig.s3.objects.keys()].sort();
    rig.s3.objects.set(key, Buffer.from('broken'));
    await rig.influx.behave('works');
    await rig.minutes(1);

    expect(rig.problems.filter((problem) => problem.includes('damaged'))).toHaveLength(1);
    expect(rig.summaries.at(-1)).toMatchObject({ pointsRejected: 1, platformFailures: 1, waiting: { entries: 0 } });
    expect(timesStored(rig)).toMatchObject({ missing: 1, once: 11 });
    expect([...rig.s3.objects.values()]).toEqual([Buffer.from('broken')]);
    const { letters } = await createDeadLetters(rig.store).list({ limit: 9 });
    expect(letters).toMatchObject([{ reason: 'cannot be read: it is not gzip', unreadableBytes: 6 }]);

    await rig.minutes(1);
    expect(rig.summaries.at(-1)).toMatchObject({ pointsRejected: 0, platformFailures: 0 });
    expect(rig.problems.filter((problem) => problem.includes('damaged'))).toHaveLength(1);
  });
});

describe('the spool fails as well', () => {
  it('lines stay in memory, and are stored as soon as InfluxDB is back', async () => {
    await rig.addTargets(3);
    await rig.influx.behave('is-down');
    rig.s3.fail(500);
    const window = rig.begin({ scheduledTime: new Date(startAtMs).toISOString() });
    await rig.clock.advanceTo(startAtMs + 35_000);
    await rig.influx.behave('works');
    await rig.clock.advanceTo(startAtMs + 41_000);
    expect(timesStored(rig)).toEqual({ missing: 0, once: 15, more: 0 });
    expect(await rig.clock.runUntilDone(window)).toMatchObject({ pointsLost: 0, samples: 18 });

    expect(timesStored(rig)).toEqual({ missing: 0, once: 18, more: 0 });
  });

  it('lines go to the spool as soon as that is back', async () => {
    await rig.addTargets(3);
    await rig.influx.behave('is-down');
    rig.s3.fail(500);
    const window = rig.begin({ scheduledTime: new Date(startAtMs).toISOString() });
    await rig.clock.advanceTo(startAtMs + 55_000);
    rig.s3.fail(undefined);

    expect(await rig.clock.runUntilDone(window)).toMatchObject({ pointsLost: 0, pointsDelivered: 0 });
    expect(await waitingLines()).toBe(18 * 3 + 3);
  });

  it('to the window’s end: what is lost is counted and reported, and the window ends in its time', async () => {
    await rig.addTargets(3);
    await rig.influx.behave('is-down');
    rig.s3.fail(500);
    await rig.minutes(1);

    expect(rig.summaries[0]).toMatchObject({ pointsDelivered: 0, pointsWaiting: 0 });
    const lost = sumOf(rig.summaries, 'pointsLost');
    expect(lost).toBeGreaterThanOrEqual(18 * 3 + 3);
    expect(rig.problems).toContain(`lost ${lost}`);
    expect(rig.clock.now()).toBeLessThan(startAtMs + 62_000);
    expect(sumOf(rig.summaries, 'platformFailures')).toBeGreaterThan(0);
  });

  it('and the collector is asked to stop: it tries for some seconds more, and says what is lost', async () => {
    await rig.addTargets(3);
    await rig.influx.behave('is-down');
    rig.s3.fail(403);
    const stop = new AbortController();
    const collector = createCollector(rig.ports, { idleSeconds: 60, stop: stop.signal });
    const window = rig.begin({ scheduledTime: new Date(startAtMs).toISOString() }, collector);
    await rig.clock.advanceTo(startAtMs + 12_000);
    stop.abort();

    const { end, pointsLost } = await rig.clock.runUntilDone(window);
    expect([end, rig.clock.now() - startAtMs < 20_000]).toEqual(['stopped', true]);
    expect(pointsLost).toBeGreaterThanOrEqual(2 * 3 * 3);
    expect(rig.problems).toContain(`lost ${pointsLost}`);
  });
});
