import { emptySummary } from '../../../lambda/collector/window-figures/summary.ts';
import type { WindowSummary } from '../../../lambda/collector/window-figures/summary.ts';
import { stateOf, watchedBy } from './alarm-states.ts';
import type { AlarmProperties, Datapoint, Undocumented } from './alarm-states.ts';
import { metricsOf } from './embedded-metrics.ts';
import type { EndedWindow } from './embedded-metrics.ts';

/** What one minute brings. */
export interface Minute {
  /** Windows that came to their end, with what is not as in an idle one. */
  readonly windows?: readonly (Partial<WindowSummary> & { readonly tookMs?: number })[];
  /** Calls that ended with an error or were killed: they have no figures. Those of the schedule go to the queue. */
  readonly failedCalls?: number;
  /** Calls that Lambda held back. */
  readonly throttledCalls?: number;
  /** Of a managed InfluxDB: percent of its disk and of its CPU. */
  readonly influx?: { readonly disk: number; readonly cpu: number };
  /** Answers of the API: how many, and how many of them with 5xx. */
  readonly answers?: readonly [all: number, failed: number];
}

/** An hour and a half, minute by minute. */
export interface Course {
  readonly shards: number;
  readonly at: (minute: number) => Minute;
}

/** Trouble begins and ends within this; before and after everything is well. */
export const trouble = { fromMinute: 20, toMinute: 40 } as const;
const minutes = 90;
const minuteMs = 60_000;
const startAtMs = Date.parse('2026-11-22T14:00:00Z');
const idleMs = 900;

const minutesOf = ({ at }: Course): readonly (Minute & { readonly atMs: number })[] =>
  Array.from({ length: minutes }, (_, minute) => ({ ...at(minute), atMs: startAtMs + minute * minuteMs }));

/** All that CloudWatch is sent in each course, by the collector and by AWS itself. */
export function datapointsOf(courses: readonly Course[]): readonly (readonly Datapoint[])[] {
  const ofCollector = metricsOf(courses.map(windowsOf));
  return courses.map((course, index) => [...(ofCollector[index] ?? []), ...minutesOf(course).flatMap(pointsOfAws)]);
}

function windowsOf(course: Course): readonly EndedWindow[] {
  return minutesOf(course).flatMap(({ atMs, windows = [] }) =>
    windows.map(({ tookMs = idleMs, ...figures }) => ({
      atMs: atMs + 1_000 + tookMs,
      summary: { ...emptySummary({ shard: 0, shards: course.shards }), ...figures },
    })),
  );
}

/** An API that is not asked sends nothing. */
function pointsOfAws(minute: Minute & { readonly atMs: number }): readonly Datapoint[] {
  const { windows = [], failedCalls = 0, throttledCalls = 0, answers, influx } = minute;
  const point = (namespace: string, name: string, value: number): Datapoint => ({
    metric: { namespace, name },
    atMs: minute.atMs + 1_000,
    value,
  });
  const calls = windows.length + failedCalls;
  return [
    ...(calls === 0 ? [] : [point('AWS/Lambda', 'Invocations', calls), point('AWS/Lambda', 'Errors', failedCalls)]),
    ...(throttledCalls === 0 ? [] : [point('AWS/Lambda', 'Throttles', throttledCalls)]),
    ...windows.map(({ tookMs = idleMs }) => point('AWS/Lambda', 'Duration', tookMs)),
    ...(influx === undefined
      ? []
      : [
          point('AWS/Timestream/InfluxDB', 'DiskUtilization', influx.disk),
          point('AWS/Timestream/InfluxDB', 'CPUUtilization', influx.cpu),
        ]),
    ...(answers === undefined ? [] : [point('AWS/ApiGateway', '5xx', answers[1])]),
  ];
}

/** CloudWatch's documents say none of this, so an alarm must do what it should in all of these. */
const worlds: readonly Undocumented[] = [0, 2, 5].flatMap((extraPeriods) =>
  (['now', 'at multiples'] as const).map((periodsEnd) => ({ extraPeriods, periodsEnd })),
);

/** What the alarms make of a course. */
export interface Heard {
  /** Alarms that came while the trouble lasted, in every world. */
  readonly fired: readonly string[];
  /** Alarms that came in some world, ever. */
  readonly firedAnywhere: readonly string[];
  /** Alarms that stand at the end, in some world. */
  readonly left: readonly string[];
  /** How often each alarm was raised: the fewest of all worlds, and the most. */
  readonly raised: Readonly<Record<string, readonly [fewest: number, most: number]>>;
}

/** An alarm with what its mails call it. */
export type TitledAlarm = readonly [title: string, alarm: AlarmProperties];

/** Whether an alarm is raised in each minute of a course. */
type Raised = readonly boolean[];

export function hear(alarms: readonly TitledAlarm[], points: readonly Datapoint[]): Heard {
  const courses = alarms.map(([title, alarm]) => {
    const watched = watchedBy(alarm, points);
    return { title, inWorlds: worlds.map((world) => raisedByMinute(alarm, watched, world)) };
  });
  // The first minutes are those of a deployment.
  const known = Array.from({ length: minutes - 10 }, (_, index) => index + 10);
  const meanwhile = known.filter((minute) => minute > trouble.fromMinute && minute <= trouble.toMinute + 10);
  const those = (holds: (inWorlds: readonly Raised[]) => boolean): readonly string[] =>
    courses.filter(({ inWorlds }) => holds(inWorlds)).map(({ title }) => title);
  const times = courses.map(({ title, inWorlds }) => {
    const each = inWorlds.map((raised) => known.filter((at) => raised[at] === true && raised[at - 1] !== true).length);
    return [title, [Math.min(...each), Math.max(...each)]] as const;
  });
  return {
    raised: Object.fromEntries(times.filter(([, [, most]]) => most > 0)),
    fired: those((inWorlds) => inWorlds.every((raised) => meanwhile.some((minute) => raised[minute]))),
    firedAnywhere: those((inWorlds) => inWorlds.some((raised) => known.some((minute) => raised[minute]))),
    left: those((inWorlds) => inWorlds.some((raised) => raised.at(-1))),
  };
}

function raisedByMinute(alarm: AlarmProperties, watched: readonly Datapoint[], world: Undocumented): Raised {
  return Array.from({ length: minutes }, (_, minute) => {
    return stateOf(alarm, watched, { ...world, nowMs: startAtMs + minute * minuteMs }) === 'ALARM';
  });
}
