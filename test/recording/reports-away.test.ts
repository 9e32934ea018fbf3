import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDeadLetters } from '../../lambda/influx/spool/dead-letters.ts';
import { problem } from '../support/rigs/api-rig.ts';
import { eventsOf, firstRun as run, instant, running, startReportRig } from '../support/rigs/report-rig.ts';
import type { ReportRig } from '../support/rigs/report-rig.ts';

let rig: ReportRig;
beforeAll(async () => {
  rig = await startReportRig('in process');
});
beforeEach(async () => {
  await rig.reset();
  await rig.register('ci-shop');
});
afterAll(() => rig.close());

describe('a report while something is away', () => {
  it('waits in the spool for InfluxDB, says so, and is delivered by a later window', async () => {
    await rig.influx.behave('is-down');
    const answer = await rig.now(0, running(1));
    expect(answer).toMatchObject({ status: 202, json: { run, points: 4, delivery: 'waiting' } });
    expect(rig.s3.objects.size).toBe(1);
    expect(rig.admin.failures).toMatchObject([{ doing: 'delivering 4 lines to InfluxDB', target: 'ci-shop' }]);
    await rig.influx.behave('works');
    await rig.now(10, running(2));

    rig.setSeconds(300);
    await rig.window();

    expect(rig.stored('locust_total')).toHaveLength(2);
    expect(rig.s3.objects.size).toBe(0);
  });

  it('waits in the spool while InfluxDB hangs', async () => {
    await rig.influx.behave('hangs');

    expect(await rig.now(0, running(1))).toMatchObject({ status: 202, json: { run, delivery: 'waiting' } });
    rig.s3.objects.clear();
  });

  it('becomes dead letters where InfluxDB refuses it, and says how many', async () => {
    await rig.influx.behave('refuses-bad-lines');
    rig.influx.isBad = (line) => line.startsWith('locust_endpoint');

    const answer = await rig.now(0, running(1));

    rig.influx.isBad = () => false;
    expect(answer).toMatchObject({ status: 202, json: { run, points: 4, delivery: 'stored', rejected: 1 } });
    const { letters } = await createDeadLetters(rig.s3.store()).list({ limit: 10 });
    expect(letters).toHaveLength(1);
    rig.s3.objects.clear();
  });

  const steps = [
    ['begins a run', [], { at: 0, ...running(1) }],
    ['goes on with one', [{ at: 0, ...running(1) }], { at: 10, ...running(9) }],
    ['ends one', [{ at: 0, ...running(1) }], { at: 10, state: 'stopped', requests: 9 }],
    ['begins another', [{ at: 0, ...running(50) }], { at: 10, ...running(3) }],
    ['sees a reset', [{ at: 0, state: 'spawning', requests: 50 }], { at: 10, ...running(3) }],
    ['finds its run lost', [{ at: 0, ...running(1) }], { at: 400, ...running(9) }],
  ] as const;

  it.each(steps)(
    'that %s is refused with 503 where nothing takes its lines, and complete when sent again',
    async (_, before, last) => {
      const all = async (): Promise<void> => {
        for (const { at, ...saying } of before) await rig.now(at, saying);
      };
      await all();
      await rig.now(last.at, last);
      const points = new Map(rig.influx.points);
      const records = await rig.runs('ci-shop');
      await rig.reset();
      await rig.register('ci-shop');
      await all();
      await rig.influx.behave('is-down');
      rig.s3.fail(403);

      const refused = await rig.now(last.at, last);
      await rig.influx.behave('works');
      rig.s3.fail(undefined);
      const taken = await rig.report('ci-shop', last.at, last);

      expect(refused).toMatchObject(problem('unavailable', 503));
      expect(refused.headers.get('retry-after')).toBe('5');
      expect(taken.status).toBe(202);
      expect([...rig.influx.points.keys()].sort()).toEqual([...points.keys()].sort());
      expect(await rig.runs('ci-shop')).toEqual(records);
    },
  );
});

describe('a report while a table fails', () => {
  let fails: string | undefined;
  let failing: ReportRig;
  beforeAll(async () => {
    failing = await startReportRig('in process', ({ runs, targets }) => {
      const once = <Given extends unknown[], Result>(name: string, work: (...given: Given) => Promise<Result>) => {
        return (...given: Given): Promise<Result> => {
          if (fails !== name) return work(...given);
          fails = undefined;
          return Promise.reject(new Error('throttled'));
        };
      };
      return {
        targets: {
          writeStatus: once('writeStatus', (...given: Parameters<typeof targets.writeStatus>) =>
            targets.writeStatus(...given),
          ),
        },
        runs: {
          read: once('read', (...given: Parameters<typeof runs.read>) => runs.read(...given)),
          save: once('save', (...given: Parameters<typeof runs.save>) => runs.save(...given)),
          saveResult: once('saveResult', (...given: Parameters<typeof runs.saveResult>) => runs.saveResult(...given)),
          readResult: once('readResult', (...given: Parameters<typeof runs.readResult>) => runs.readResult(...given)),
          findBaseline: once('findBaseline', (...given: Parameters<typeof runs.findBaseline>) =>
            runs.findBaseline(...given),
          ),
          newest: once('newest', (...given: Parameters<typeof runs.newest>) => runs.newest(...given)),
          replace: once('replace', (...given: Parameters<typeof runs.replace>) => runs.replace(...given)),
        },
      };
    });
  });
  beforeEach(async () => {
    await failing.reset();
    await failing.register('ci-shop');
  });
  afterAll(() => failing.close());

  it.each([
    ['newest', 0],
    ['writeStatus', 0],
    ['save', 0],
    ['read', 10],
    ['replace', 10],
    ['writeStatus', 10],
    ['read', 20],
    ['save', 20],
    ['writeStatus', 20],
  ])('(%s, at %i s) is refused with 503, logged, and complete when sent again', async (name, failsAt) => {
    const sayings = [running(1), { ...running(5), users: 9 }, { state: 'stopped', requests: 9 }];
    for (const [index, saying] of sayings.entries()) {
      const seconds = index * 10;
      if (seconds === failsAt) {
        fails = name;
        expect(await failing.now(seconds, saying)).toMatchObject(problem('unavailable', 503));
        expect(failing.admin.failures).toMatchObject([{ target: 'ci-shop' }]);
      }
      expect((await failing.now(seconds, saying)).status).toBe(202);
    }

    expect(fails).toBeUndefined();
    expect(await failing.runs('ci-shop')).toMatchObject([
      { run, outcome: 'finished', endedAt: instant(20), total: { numRequests: 9 }, peakUsers: 9 },
    ]);
    expect(failing.stored('locust_total')).toHaveLength(3);
    expect(eventsOf(failing).map(([event, , seconds]) => [event, seconds])).toEqual([
      ['start', 0],
      ['stop', 20],
    ]);
    const status = (await failing.admin.registry.target('ci-shop'))?.['status'];
    expect(status).toMatchObject({ state: 'stopped' });
    expect(status).not.toHaveProperty('run');
  });
});
