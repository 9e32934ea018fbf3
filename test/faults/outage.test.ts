import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDeadLetters } from '../../lambda/influx/spool/dead-letters.ts';
import { createSpool } from '../../lambda/influx/spool/spool.ts';
import { startAtMs, startFaultRig, sumOf, timesStored } from '../support/rigs/fault-rig.ts';
import { rejectedLines } from '../support/influx/kept-lines.ts';
import type { FaultRig } from '../support/rigs/fault-rig.ts';
import type { Behaviour } from '../support/influx/faulty-influx.ts';

let rig: FaultRig;
let state: string;
beforeEach(async () => {
  state = 'ready';
  rig = await startFaultRig((_id, asked) => ({ state, requests: asked }));
});
afterEach(() => rig.close());

describe('InfluxDB fails for half an hour, in every way there is', () => {
  it('and every sample taken of 50 running targets is stored exactly once', { timeout: 300_000 }, async () => {
    state = 'running';
    await rig.addTargets(50);
    await rig.minutes(2);
    const faults: readonly (readonly [Behaviour, number])[] = [
      ['is-down', 4],
      // It is back, and has not even its bucket.
      [{ status: 404 }, 1],
      ['hangs', 4],
      [{ status: 500 }, 3],
      ['resets-mid-answer', 3],
      [{ status: 503, headers: { 'retry-after': '20' } }, 5],
      [{ status: 401 }, 3],
      [{ status: 413, maxLines: 40 }, 2],
      ['refuses-whole-requests', 3],
      ['refuses-bad-lines', 2],
    ];
    rig.influx.isBad = (line) => line.startsWith('locust_total,') && line.includes('target=target-007');
    for (const [behaviour, minutes] of faults) {
      const isBad = rig.influx.isBad;
      if (typeof behaviour === 'object') rig.influx.isBad = () => false;
      await rig.influx.behave(behaviour);
      await rig.minutes(minutes);
      rig.influx.isBad = isBad;
    }
    await rig.influx.behave('works');
    rig.influx.isBad = () => false;
    await rig.minutes(2);
    const letters = await createDeadLetters(rig.store).list({ limit: 1000 });
    const rejected = rejectedLines(letters.letters).length;
    expect(new Set(letters.letters.map((letter) => letter.kind === 'rejected-lines' && letter.status))).toEqual(
      new Set([400, 422]),
    );
    for (const { id } of letters.letters) await createDeadLetters(rig.store).replay(id, rig.clock.now());
    await rig.minutes(1);

    const { missing, once, more } = timesStored(rig);
    const figures = {
      samplesTaken: rig.taken.length,
      samplesStored: once,
      linesSpooled: sumOf(rig.summaries, 'pointsWaiting'),
      linesReplayed: sumOf(rig.summaries, 'pointsReplayed'),
      linesRejectedAndReplayed: rejected,
      lost: missing + sumOf(rig.summaries, 'pointsLost'),
      duplicated: more,
      repeatedWrites: rig.influx.counts.repeated,
      requests: rig.influx.counts.requests,
    };
    process.stdout.write(`outage of 30 minutes, 50 targets: ${JSON.stringify(figures)}\n`);
    expect(figures).toMatchObject({ samplesTaken: 35 * 6 * 50, samplesStored: 35 * 6 * 50, lost: 0, duplicated: 0 });
    expect(await createSpool(rig.store).list()).toEqual([]);
    expect(sumOf(rig.summaries, 'deniedDeliveries')).toBeGreaterThan(0);
    // Every line made is stored: a total, an endpoint and an attempt for each sample, and the starts.
    const ofTargets = [...rig.influx.points.keys()].filter((series) => series.includes(',target='));
    expect(ofTargets).toHaveLength(rig.taken.length * 3 + 50);
  });

  it('and a closing sample that had to wait never overwrites the figures that came in after it', async () => {
    const say = { state: 'running', requests: 10 };
    const own = await startFaultRig(() => say);
    await own.addTargets(1);
    await own.minutes(1);
    const window = own.begin({ scheduledTime: new Date(own.clock.now()).toISOString() });
    await own.clock.advanceTo(startAtMs + 75_000);
    await own.influx.behave({ status: 503 });
    Object.assign(say, { state: 'stopped', requests: 20 });
    await own.clock.advanceTo(startAtMs + 82_000);
    // The last figures of its workers, once InfluxDB takes lines again.
    Object.assign(say, { requests: 29 });
    await own.influx.behave('works');
    await own.clock.runUntilDone(window);
    for (let minute = 2; minute < 10; minute += 1) {
      await own.clock.advanceTo(startAtMs + minute * 60_000);
      await own.window({ scheduledTime: new Date(own.clock.now()).toISOString() });
    }

    const closing = [...own.influx.points].filter(
      ([series]) => series.startsWith('locust_total,') && series.endsWith(` ${startAtMs + 80_000}`),
    );
    expect(closing.map(([, fields]) => /num_requests=(\d+)/.exec(fields)?.[1])).toEqual(['29']);
    expect(await createSpool(own.store).list()).toEqual([]);
    await own.close();
  });

  it('and a test that begins and ends meanwhile has its record, its events and its samples', async () => {
    const ids = await rig.addTargets(2);
    await rig.minutes(1);
    state = 'running';
    await rig.influx.behave('is-down');
    await rig.minutes(3);
    state = 'stopped';
    await rig.minutes(1);
    for (const id of ids) {
      expect(await rig.registry.runsOf(id)).toMatchObject([{ run: '20261122T140600Z', outcome: 'finished' }]);
    }
    await rig.influx.behave('works');
    await rig.minutes(6);

    expect(timesStored(rig)).toEqual({ missing: 0, once: 2 * 18, more: 0 });
    const events = [...rig.influx.points.keys()].filter((series) => series.startsWith('locust_event,'));
    expect(events.map((series) => /,event=(\w+)/.exec(series)?.[1]).sort()).toEqual(['start', 'start', 'stop', 'stop']);
  });
});
