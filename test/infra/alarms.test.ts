import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { WindowSummary } from '../../lambda/collector/summary.ts';
import { datapointsOf, hear, trouble } from '../support/alarm-course.ts';
import type { Heard, Minute, TitledAlarm } from '../support/alarm-course.ts';
import { alarmsOf, evaluate } from '../support/alarm-states.ts';
import type { AlarmProperties, AlarmState } from '../support/alarm-states.ts';
import { ownInflux, synthesize } from '../support/synthesize.ts';

/** Synthesizing takes seconds of computing, which may be many on a machine that is busy. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

function alarmsWith(settings: Readonly<Record<string, unknown>>): readonly TitledAlarm[] {
  const alarms = alarmsOf(synthesize({ ...ownInflux, ...settings }).template('monitoring'));
  return [...alarms.values()].map((alarm) => [/"Alarm: (.+?)"/.exec(alarm.AlarmDescription)?.[1] ?? 'none', alarm]);
}

const idle: Minute = { windows: [{ end: 'idle', targets: 10, looks: 10, latenessMs: 150 }] };
const ofRun = {
  end: 'complete',
  targets: 10,
  looks: 50,
  samples: 6,
  pointsDelivered: 130,
  latenessMs: 90,
  tookMs: 59_900,
} as const;
const running: Minute = { windows: [ofRun] };

/** Something from minute 20 to 40, and a run before and after. */
const during =
  (minute: Minute): ((at: number) => Minute) =>
  (at) =>
    at >= trouble.fromMinute && at < trouble.toMinute ? minute : running;
const told = (figures: Partial<WindowSummary>): Minute => ({ windows: [{ ...ofRun, ...figures }] });
const once =
  (minute: Minute): ((at: number) => Minute) =>
  (at) =>
    at === 30 ? minute : running;
const oncePerFive =
  (minute: Minute): ((at: number) => Minute) =>
  (at) =>
    at >= trouble.fromMinute && at < trouble.toMinute && at % 5 === 0 ? minute : idle;
const waiting = (ageSeconds: number): Partial<WindowSummary> => ({ waiting: { entries: 3, bytes: 900, ageSeconds } });

const quiet: Readonly<Record<string, (at: number) => Minute>> = {
  'tests run, all is well': () => running,
  'nothing is registered': () => ({ windows: [{ end: 'idle' }] }),
  'nothing runs': () => idle,
  'looks come too late, or find another window at it': during({
    windows: [...(idle.windows ?? []), { end: 'too-late' }, { end: 'already-sampled', targets: 10 }],
  }),
  'Locusts that run no test cannot be reached': during(told({ failures: { refused: 60 } })),
  'one sample fails, now and then': (at) =>
    at % 5 === 0 ? told({ samplesFailed: 1, failures: { timeout: 1 } }) : running,
  'InfluxDB is away for ten seconds': once(told({ pointsWaiting: 20, pointsReplayed: 20 })),
  'InfluxDB is away at the end of a minute': once(told({ pointsWaiting: 20, ...waiting(12) })),
  'a table is throttled once': once(told({ platformFailures: 1 })),
  'the schedule leaves out two minutes': (at) => (at === 30 || at === 31 ? {} : idle),
  'a window begins late and ends with its own minute': once({ windows: [{ ...ofRun, tookMs: 61_500 }] }),
  'the API answers with 4xx': during({ ...idle, answers: [100, 0] }),
};

const loud: readonly (readonly [what: string, at: (minute: number) => Minute, titles: readonly string[]])[] = [
  ['the schedule is broken', during({}), ['collector not running']],
  ['windows end with errors', during({ failedCalls: 1 }), ['collector errors']],
  ['a single window ends with an error', once({ failedCalls: 1 }), ['collector errors']],
  ['windows are killed', during({ windows: [{ ...ofRun, tookMs: 75_000 }] }), ['windows overrun']],
  ['calls never come through', during({ ...idle, deadLetters: 2 }), ['dead letters']],
  [
    'the collector misses instants of one target that is sampled every minute',
    during(told({ missed: 1 })),
    ['instants missed'],
  ],
  ['a Locust is too slow for its interval', during(told({ skipped: 15 })), ['instants skipped']],
  [
    'a Locust that is sampled every 10 s answers no more',
    during(told({ samplesFailed: 6, failures: { timeout: 6 } })),
    ['samples failing'],
  ],
  [
    'a Locust that is sampled every minute answers no more, and its run is lost after five',
    (at) => (at >= 23 && at < 28 ? told({ samplesFailed: 1, failures: { refused: 1 } }) : at < 28 ? running : idle),
    ['samples failing'],
  ],
  ['DynamoDB fails again and again', during(told({ platformFailures: 3 })), ['platform failures']],
  [
    'the spool fails when it is looked at, while nothing runs',
    oncePerFive({ windows: [{ end: 'idle', platformFailures: 1 }] }),
    ['platform failures'],
  ],
  [
    'an item of the table is no target',
    during({ windows: [{ end: 'idle', targets: 9, unfitTargets: 1 }] }),
    ['unfit targets'],
  ],
  [
    'InfluxDB is down while tests run',
    (at) =>
      at >= 20 && at < 40 ? told({ pointsDelivered: 0, pointsWaiting: 130, ...waiting((at - 19) * 60 - 20) }) : running,
    ['lines waiting'],
  ],
  [
    'lines still wait when no test runs any more, and are looked at every five minutes',
    (at) =>
      at >= 20 && at <= 40 && at % 5 === 0
        ? { windows: [{ end: 'idle', targets: 10, ...waiting(300 + (at - 20) * 60) }] }
        : idle,
    ['lines waiting'],
  ],
  ['InfluxDB refuses single lines', once(told({ pointsRejected: 1 })), ['lines rejected']],
  ['neither InfluxDB nor the bucket takes lines', once(told({ pointsLost: 40 })), ['lines lost']],
  [
    'the token is refused',
    during(told({ deniedDeliveries: 6, pointsWaiting: 130, ...waiting(80) })),
    ['lines waiting', 'deliveries denied'],
  ],
  [
    'the token is refused while nothing runs',
    oncePerFive({ windows: [{ end: 'idle', deniedDeliveries: 1 }] }),
    ['deliveries denied'],
  ],
  ['the API answers with 5xx', once({ ...running, answers: [20, 1] }), ['admin 5xx']],
];

const ofShards = (...shards: number[]): Minute => ({ windows: shards.map((shard) => ({ ...ofRun, shard })) });
const isTrouble = (minute: number): boolean => minute >= trouble.fromMinute && minute < trouble.toMinute;
const ofThree: Readonly<Record<string, (minute: number) => Minute>> = {
  'all schedules': () => ofShards(0, 1, 2),
  'the second is broken': (minute) => (isTrouble(minute) ? ofShards(0, 2) : ofShards(0, 1, 2)),
};

/** What is heard in every course, by what it is of. */
function hearAll(): ReadonlyMap<string, Heard> {
  const [alarms, alarmsOfThree] = [alarmsWith({}), alarmsWith({ shards: 3 })];
  const one = [...Object.entries(quiet), ...loud].map(([what, at]) => ({ what, course: { shards: 1, at }, alarms }));
  const three = Object.entries(ofThree).map(([what, at]) => ({
    what,
    course: { shards: 3, at },
    alarms: alarmsOfThree,
  }));
  const all = [...one, ...three];
  const datapoints = datapointsOf(all.map(({ course }) => course));
  return new Map(all.map((each, index) => [each.what, hear(each.alarms, datapoints[index] ?? [])]));
}

describe('alarms', () => {
  let heard: ReadonlyMap<string, Heard>;
  beforeAll(() => {
    heard = hearAll();
  }, 120_000);

  it.each(Object.keys(quiet))('none comes when %s', (what) => {
    expect(heard.get(what)).toEqual({ fired: [], firedAnywhere: [], left: [] });
  });

  it.each(loud)('%s: that one comes, no other, and goes when it is mended', (what, _, titles) => {
    expect(heard.get(what)).toEqual({ fired: titles, firedAnywhere: titles, left: [] });
  });

  it('one of three schedules is broken: its alarm comes, the others stay quiet', () => {
    const titles = ['shard not running'];
    expect(heard.get('the second is broken')).toEqual({ fired: titles, firedAnywhere: titles, left: [] });
    expect(heard.get('all schedules')).toEqual({ fired: [], firedAnywhere: [], left: [] });
  });

  it('every alarm that is deployed is among those that come', () => {
    const coming = new Set([...loud.flatMap(([, , titles]) => titles), 'shard not running']);
    expect(new Set(alarmsWith({ shards: 3 }).map(([title]) => title))).toEqual(coming);
  });
});

describe('how an alarm is told from its data', () => {
  // As CloudWatch's documents show it, with 0 for good, X for bad and - for missing.
  const threePeriods = {
    EvaluationPeriods: 3,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
  } as const;
  const periods = (text: string): (number | undefined)[] =>
    text.split(' ').map((each) => (each === '-' ? undefined : each === 'X' ? 1 : 0));
  it.each<readonly [points: string, breaching: AlarmState, notBreaching: AlarmState, datapointsToAlarm: number]>([
    ['0 - X - X', 'OK', 'OK', 3],
    ['0 - - - -', 'OK', 'OK', 3],
    ['- - - - -', 'ALARM', 'OK', 3],
    ['0 X X - X', 'ALARM', 'ALARM', 3],
    ['- - - - X', 'ALARM', 'OK', 3],
    ['X - - - -', 'ALARM', 'OK', 3],
    ['0 - X - X', 'ALARM', 'ALARM', 2],
    ['0 0 X 0 X', 'ALARM', 'ALARM', 2],
    ['0 - X - -', 'ALARM', 'OK', 2],
    ['- - - - 0', 'ALARM', 'OK', 2],
    ['- - - - X', 'ALARM', 'OK', 2],
  ])(
    '%s: %s, or %s with missing data taken for good, when %i are enough',
    (text, breaching, notBreaching, DatapointsToAlarm) => {
      const state = (TreatMissingData: AlarmProperties['TreatMissingData']): AlarmState =>
        evaluate({ ...threePeriods, DatapointsToAlarm, TreatMissingData }, periods(text));
      expect([state('breaching'), state('notBreaching')]).toEqual([breaching, notBreaching]);
    },
  );
});
