import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDeadLetters } from '../../lambda/influx/spool/dead-letters.ts';
import { parseLine } from '../../infra/local/store/line-protocol-parser.ts';
import { startFaultRig, startAtMs, sumOf } from '../support/rigs/fault-rig.ts';
import type { FaultRig } from '../support/rigs/fault-rig.ts';
import { rejectedLines } from '../support/influx/kept-lines.ts';
import { ownMeasurement } from '../support/influx/line-sink.ts';

let rig: FaultRig;
let state: string;
beforeEach(async () => {
  state = 'running';
  rig = await startFaultRig((_id, asked) => ({ state, requests: asked }));
});
afterEach(() => rig.close());

/** What windows stored of themselves, by the minutes after the first one. */
function ownFigures(): readonly Readonly<Record<string, number>>[] {
  const own = [...rig.influx.points].filter(([series]) => series.startsWith(ownMeasurement));
  const windows = own.map(([series, fields]) => parseLine(series.replace(' ', ` ${fields} `)));
  return windows
    .map(({ fields, timestamp }) => ({
      minute: (Number(timestamp) - startAtMs) / 60_000,
      ...Object.fromEntries([...fields].map(([key, { value }]) => [key, Number(value)])),
    }))
    .toSorted((a, b) => a.minute - b.minute);
}

const linesOfWindow = 2 * 6 * 3;

describe('how a window went', () => {
  it('says that no sample kept its main figures, though other points are taken, and when they are again', async () => {
    rig.influx.isBad = (line) => line.startsWith('locust_total,');
    await rig.influx.behave('refuses-bad-lines');
    await rig.addTargets(2);
    await rig.minutes(2);
    rig.influx.isBad = () => false;
    await rig.minutes(1);

    const totals = rig.summaries.map(({ totalsDelivered, totalsRejected }) => [totalsDelivered, totalsRejected]);
    expect(totals).toEqual([
      [0, 12],
      [0, 12],
      [12, 0],
    ]);
    expect(Math.min(...rig.summaries.map(({ pointsDelivered }) => pointsDelivered))).toBeGreaterThan(0);
  });

  it('waits in the spool with everything else while InfluxDB is down, and says afterwards how long it was', async () => {
    await rig.addTargets(2);
    await rig.minutes(1);
    await rig.influx.behave('is-down');
    await rig.minutes(3);
    expect(ownFigures().map(({ minute }) => minute)).toEqual([0]);
    await rig.influx.behave('works');
    await rig.minutes(1);

    const figures = ownFigures();
    expect(figures.map(({ minute }) => minute)).toEqual([0, 1, 2, 3, 4]);
    expect(figures.map((each) => each['points_waiting'])).toEqual([0, linesOfWindow, linesOfWindow, linesOfWindow, 0]);
    expect(figures.map((each) => each['points_delivered'])).toEqual([linesOfWindow + 2, 0, 0, 0, linesOfWindow]);
    // The lines of three windows, and what each of them said of itself.
    expect(figures.map((each) => each['points_replayed'])).toEqual([0, 0, 0, 0, 3 * linesOfWindow + 3]);
    const ages = figures.map((each) => Number(each['waiting_age']) / 60_000);
    expect(ages.map(Math.floor)).toEqual([0, 0, 1, 2, 0]);
    expect(figures.map((each) => Number(each['waiting_entries']) > 0)).toEqual([false, true, true, true, false]);
    expect(figures.map((each) => Number(each['waiting_bytes']) > 0)).toEqual([false, true, true, true, false]);
    for (const [index, summary] of rig.summaries.entries()) {
      const { waiting, pointsWaiting, samples } = summary;
      expect(figures[index]).toMatchObject({
        samples,
        points_waiting: pointsWaiting,
        waiting_entries: waiting?.entries,
        waiting_bytes: waiting?.bytes,
        waiting_age: (waiting?.ageSeconds ?? NaN) * 1000,
      });
    }
  });

  it('is reported by an idle window only where lines waited: of five, the one that looks into the spool', async () => {
    await rig.addTargets(1);
    await rig.influx.behave('is-down');
    await rig.minutes(1);
    state = 'stopped';
    await rig.minutes(1);
    await rig.influx.behave('works');
    await rig.minutes(9);

    // The stop was a sample, too, the closing one, with the run's four points; minute 5 has sent what waited, minute 10 found nothing.
    expect(ownFigures()).toMatchObject([
      { minute: 0, samples: 6 },
      { minute: 1, samples: 1 },
      { minute: 5, samples: 0, points_replayed: 6 * 3 + 1 + 2 + 7 + 4, waiting_entries: 0, waiting_age: 0 },
    ]);
    expect(ownFigures()).toHaveLength(3);
  });

  it('tells what waits wherever lines were put there, by a look that found a test running as well', async () => {
    state = 'ready';
    await rig.addTargets(1);
    await rig.minutes(1);
    state = 'running';
    await rig.influx.behave('is-down');
    const at = (seconds: number): string => new Date(startAtMs + seconds * 1000).toISOString();
    await rig.clock.advanceTo(startAtMs + 20_000);
    const summary = await rig.window({ scheduledTime: at(0), from: at(20) });
    expect(summary).toMatchObject({ samples: 4, pointsWaiting: 4 * 3 + 1, waiting: { entries: 4 } });
  });

  it('names lines that were lost, although it was lost as well: the next window does, once', async () => {
    await rig.addTargets(3);
    await rig.influx.behave('is-down');
    rig.s3.fail(500);
    await rig.minutes(2);
    const lost = sumOf(rig.summaries, 'pointsLost');
    expect(lost).toBeGreaterThan(100);
    expect(ownFigures()).toEqual([]);
    rig.s3.fail(undefined);
    await rig.influx.behave('works');
    await rig.minutes(2);

    expect(ownFigures().map((each) => each['points_lost'])).toEqual([lost, 0]);
    expect(sumOf(rig.summaries, 'pointsLost')).toBe(lost);
  });

  it('is named even by an idle window, where lines were lost in the one before', async () => {
    await rig.addTargets(3);
    await rig.influx.behave('is-down');
    rig.s3.fail(500);
    await rig.minutes(1);
    state = 'stopped';
    await rig.minutes(1);
    const lost = sumOf(rig.summaries, 'pointsLost');
    rig.s3.fail(undefined);
    await rig.influx.behave('works');
    await rig.minutes(2);

    expect(ownFigures()).toMatchObject([{ minute: 2, samples: 0, points_lost: lost }]);
  });

  it('goes to the dead letters when InfluxDB refuses it, and is counted there alone', async () => {
    await rig.addTargets(1);
    rig.influx.isBad = (line) => line.startsWith(ownMeasurement);
    await rig.influx.behave('refuses-bad-lines');
    await rig.minutes(1);

    expect(rig.summaries[0]).toMatchObject({ pointsDelivered: 6 * 3 + 1, pointsRejected: 1, pointsWaiting: 0 });
    const { letters } = await createDeadLetters(rig.store).list({ limit: 10 });
    expect(rejectedLines(letters)).toEqual([expect.stringContaining(`${ownMeasurement},shard=0 `)]);
  });

  it('tells of refused lines of targets in the same minute', async () => {
    await rig.addTargets(2);
    rig.influx.isBad = (line) => line.startsWith('locust_total') && line.includes('target=target-001');
    await rig.influx.behave('refuses-bad-lines');
    await rig.minutes(1);

    expect(ownFigures()).toMatchObject([{ points_rejected: 6, points_delivered: linesOfWindow + 2 - 6 }]);
  });
});
