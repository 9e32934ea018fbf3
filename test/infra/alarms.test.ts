import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { WindowSummary } from '../../lambda/collector/window-figures/summary.ts';
import { datapointsOf, hear, trouble } from '../support/aws/alarm-course.ts';
import type { Heard, Minute, TitledAlarm } from '../support/aws/alarm-course.ts';
import { alarmsOf } from '../support/aws/alarm-states.ts';
import type { AlarmProperties } from '../support/aws/alarm-states.ts';
import { ownInflux, synthesize } from '../support/aws/synthesize.ts';

/** Synthesizing takes seconds of computing, which may be many on a machine that is busy. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

function alarmsWith(settings: Readonly<Record<string, unknown>>): readonly TitledAlarm[] {
  return titled(alarmsOf(synthesize({ ...ownInflux, ...settings }).template('monitoring')));
}

function titled(alarms: ReadonlyMap<string, AlarmProperties>): readonly TitledAlarm[] {
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

const isTrouble = (minute: number): boolean => minute >= trouble.fromMinute && minute < trouble.toMinute;
/** Something from minute 20 to 40, and a run before and after. */
const during =
  (minute: Minute): ((at: number) => Minute) =>
  (at) =>
    isTrouble(at) ? minute : running;
const ofMinute = (figures: Partial<WindowSummary>): Minute => ({ windows: [{ ...ofRun, ...figures }] });
const once =
  (minute: Minute): ((at: number) => Minute) =>
  (at) =>
    at === 30 ? minute : running;
const oncePerFive =
  (minute: Minute): ((at: number) => Minute) =>
  (at) =>
    isTrouble(at) && at % 5 === 0 ? minute : idle;
const waiting = (ageSeconds: number): Partial<WindowSummary> => ({ waiting: { entries: 3, bytes: 900, ageSeconds } });

const quiet: Readonly<Record<string, (at: number) => Minute>> = {
  'tests run, all is well': () => running,
  'nothing is registered': () => ({ windows: [{ end: 'idle' }] }),
  'nothing runs': () => idle,
  'looks come too late, or find another window at it': during({
    windows: [...(idle.windows ?? []), { end: 'too-late' }, { end: 'already-sampled', targets: 10 }],
  }),
  'Locusts that run no test cannot be reached': during(ofMinute({ failures: { refused: 60 } })),
  'one sample fails, now and then': (at) =>
    at % 5 === 0 ? ofMinute({ samplesFailed: 1, failures: { timeout: 1 } }) : running,
  'InfluxDB is away for ten seconds': once(ofMinute({ pointsWaiting: 20, pointsReplayed: 20 })),
  'InfluxDB is away at the end of a minute': once(ofMinute({ pointsWaiting: 20, ...waiting(12) })),
  'a table is throttled once': once(ofMinute({ platformFailures: 1 })),
  'the schedule leaves out two minutes': (at) => (at === 30 || at === 31 ? {} : idle),
  'a window begins late and ends with its own minute': once({ windows: [{ ...ofRun, tookMs: 61_500 }] }),
  'a window waits for one that begins 50 s late': once({
    windows: [{ ...ofRun, tookMs: 111_000, startLatenessMs: 50_000 }],
  }),
  'a call is held back once, and comes through': once({ ...idle, throttledCalls: 2 }),
  'the API answers with 4xx': during({ ...idle, answers: [100, 0] }),
};

const loud: readonly (readonly [what: string, at: (minute: number) => Minute, titles: readonly string[]])[] = [
  ['the schedule is broken', during({}), ['collector not running']],
  ['windows end with errors', during({ failedCalls: 1 }), ['collector errors']],
  ['a single window ends with an error', once({ failedCalls: 1 }), ['collector errors']],
  [
    'windows begin so late that nobody samples meanwhile',
    during(ofMinute({ missed: 6, missedAtStart: 6, startLatenessMs: 58_000 })),
    ['instants missed'],
  ],
  [
    'every other call is held back until it is too late',
    (at) => (isTrouble(at) && at % 2 === 0 ? { throttledCalls: 5 } : idle),
    ['collector throttled'],
  ],
  [
    'the collector misses instants of one target that is sampled every minute',
    during(ofMinute({ missed: 1 })),
    ['instants missed'],
  ],
  ['a Locust is too slow for its interval', during(ofMinute({ skipped: 15 })), ['instants skipped']],
  [
    'a Locust that is sampled every 10 s answers no more',
    during(ofMinute({ samplesFailed: 6, failures: { timeout: 6 } })),
    ['samples failing'],
  ],
  [
    'a Locust that is sampled every minute answers no more, and its run is lost after five',
    (at) => (at >= 23 && at < 28 ? ofMinute({ samplesFailed: 1, failures: { refused: 1 } }) : at < 28 ? running : idle),
    ['samples failing'],
  ],
  ['DynamoDB fails again and again', during(ofMinute({ platformFailures: 3 })), ['platform failures']],
  [
    'the spool fails when it is looked at, while nothing runs',
    oncePerFive({ windows: [{ end: 'idle', platformFailures: 1 }] }),
    ['platform failures'],
  ],
  [
    'an item of the table is no target',
    during({ windows: [{ end: 'idle', targets: 9, unfitTargets: 1 }] }),
    ['invalid targets'],
  ],
  [
    'InfluxDB is down while tests run',
    (at) =>
      at >= 20 && at < 40
        ? ofMinute({ pointsDelivered: 0, pointsWaiting: 130, ...waiting((at - 19) * 60 - 20) })
        : running,
    ['lines waiting'],
  ],
  [
    'lines still wait when no test runs, and are looked for every five minutes',
    (at) =>
      at >= 20 && at <= 40 && at % 5 === 0
        ? { windows: [{ end: 'idle', targets: 10, ...waiting(300 + (at - 20) * 60) }] }
        : idle,
    ['lines waiting'],
  ],
  ['InfluxDB refuses single lines', once(ofMinute({ pointsRejected: 1 })), ['lines rejected']],
  ['neither InfluxDB nor the bucket takes lines', once(ofMinute({ pointsLost: 40 })), ['lines lost']],
  [
    'the token is refused',
    during(ofMinute({ deniedDeliveries: 6, pointsWaiting: 130, ...waiting(80) })),
    ['lines waiting', 'deliveries denied'],
  ],
  [
    'the token is refused while nothing runs',
    oncePerFive({ windows: [{ end: 'idle', deniedDeliveries: 1 }] }),
    ['deliveries denied'],
  ],
  ['the API answers with 5xx', once({ ...running, answers: [20, 1] }), ['admin 5xx']],
];

/** Every 10 s a refused connection, for the five minutes until the run is lost. */
const leaving = (at: number): Minute =>
  at < 28 ? running : at < 33 ? ofMinute({ samplesFailed: 6, failures: { refused: 6 } }) : idle;
/** Each a window that was killed, or ended with an error. */
const twoIncidents = (at: number): Minute => (at === 22 || at === 36 ? { failedCalls: 1 } : running);

const ofShards = (...shards: number[]): Minute => ({ windows: shards.map((shard) => ({ ...ofRun, shard })) });
const ofThree: Readonly<Record<string, (minute: number) => Minute>> = {
  'all schedules': () => ofShards(0, 1, 2),
  'the second is broken': (minute) => (isTrouble(minute) ? ofShards(0, 2) : ofShards(0, 1, 2)),
};

/** What a managed InfluxDB says of itself while tests run. */
const influx =
  (disk: number, cpu: (minute: number) => number): ((minute: number) => Minute) =>
  (minute) => ({ ...running, influx: { disk: isTrouble(minute) ? disk : 40, cpu: cpu(minute) } });
const ofManaged: Readonly<Record<string, readonly [at: (minute: number) => Minute, titles: readonly string[]]>> = {
  'it has room': [influx(79, () => 50), []],
  'somebody looks at a heavy dashboard': [influx(40, (minute) => (isTrouble(minute) && minute < 26 ? 100 : 20)), []],
  'its disk fills': [influx(81, () => 20), ['influxdb disk']],
  'its CPU is used up': [influx(40, (minute) => (isTrouble(minute) ? 97 : 20)), ['influxdb cpu']],
};

/** What is heard in every course, by what it is of. */
function hearAll(): ReadonlyMap<string, Heard> {
  const [alarms, alarmsOfThree] = [alarmsWith({ targetAlarms: true }), alarmsWith({ shards: 3 })];
  const byDefault = alarmsWith({});
  const one = [...Object.entries(quiet), ...loud].map(([what, at]) => ({ what, course: { shards: 1, at }, alarms }));
  const three = Object.entries(ofThree).map(([what, at]) => ({
    what,
    course: { shards: 3, at },
    alarms: alarmsOfThree,
  }));
  const ofDefault = Object.entries({ leaving, twoIncidents }).map(([what, at]) => ({
    ...{ what, course: { shards: 1, at } },
    alarms: byDefault,
  }));
  const managedAlarms = titled(alarmsOf(synthesize({ influxManaged: true }).template('monitoring')));
  const managed = Object.entries(ofManaged).map(([what, [at]]) => {
    return { what, course: { shards: 1, at }, alarms: managedAlarms };
  });
  const all = [...one, ...three, ...ofDefault, ...managed];
  const datapoints = datapointsOf(all.map(({ course }) => course));
  return new Map(all.map((each, index) => [each.what, hear(each.alarms, datapoints[index] ?? [])]));
}

describe('alarms', () => {
  let heard: ReadonlyMap<string, Heard>;
  beforeAll(() => {
    heard = hearAll();
  });

  it.each(Object.keys(quiet))('none comes when %s', (what) => {
    expect(heard.get(what)).toMatchObject({ fired: [], firedAnywhere: [], left: [] });
  });

  it.each(loud)('%s: that one comes, no other, and goes when it is mended', (what, _, titles) => {
    expect(heard.get(what)).toMatchObject({ fired: titles, firedAnywhere: titles, left: [] });
  });

  it('one of three schedules is broken: its alarm comes, the others stay quiet', () => {
    const titles = ['shard not running'];
    expect(heard.get('the second is broken')).toMatchObject({ fired: titles, firedAnywhere: titles, left: [] });
    expect(heard.get('all schedules')).toMatchObject({ fired: [], firedAnywhere: [], left: [] });
  });

  it.each(Object.entries(ofManaged))('of a managed InfluxDB: %s', (what, [, titles]) => {
    expect(heard.get(what)).toMatchObject({ fired: titles, firedAnywhere: titles, left: [] });
  });

  it('by default nobody hears of a Locust that leaves with its test', () => {
    expect(heard.get('leaving')?.raised).toEqual({});
  });

  it('an incident raises one alarm, and the next one raises it again', () => {
    expect(heard.get('twoIncidents')?.raised).toEqual({ 'collector errors': [2, 2] });
  });

  it('every alarm that is deployed is among those that come', () => {
    const coming = new Set([...loud.flatMap(([, , titles]) => titles), 'shard not running']);
    expect(new Set(alarmsWith({ shards: 3, targetAlarms: true }).map(([title]) => title))).toEqual(coming);
  });
});
