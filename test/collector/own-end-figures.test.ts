import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CollectorPorts } from '../../lambda/collector/window-context.ts';
import { minute, second, startCollectorRig } from '../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../support/rigs/collector-rig.ts';
import { sendReport } from '../support/rigs/send-report.ts';
import type { Saying, ScriptedLocust } from '../support/locust/scripted-locust.ts';

let rig: CollectorRig;
let locust: ScriptedLocust;
beforeEach(async () => {
  rig = await startCollectorRig();
  locust = await rig.locust('shop', running(10), { sampleSeconds: 2, owner: 'reporter' });
});
afterEach(() => rig.close());

const at = (seconds: number): string => new Date(minute + seconds * second).toISOString();
const to = (seconds: number): Promise<void> => rig.clock.advanceTo(minute + seconds * second);
const running = (requests: number): Saying => ({ state: 'running', requests, longestMs: 88 });
/** The web UI rounds the longest response time; the Locust itself does not. */
const shown: Saying = { state: 'stopped', requests: 50, longestMs: 129 };
const own: Saying = { ...shown, longestMs: 129.3166960022063 };
const report = (seconds: number, saying = own): Promise<string> =>
  sendReport(rig, saying, { atMs: minute + seconds * second });

/** What a user sees of the end: all samples with final figures, the record, and the stops. */
async function seen() {
  const points = new Map<string, { seconds: number; fields: Readonly<Record<string, unknown>> }>();
  for (const { measurement, atMs, fields, tags } of await rig.sink.points()) {
    const key = [measurement, tags['event'], atMs].join(' ');
    points.set(key, { seconds: (atMs - minute) / second, fields: { ...points.get(key)?.fields, ...fields } });
  }
  const of = (start: string) =>
    [...points]
      .filter(([key]) => key.startsWith(start))
      .map(([, point]) => point)
      .toSorted((a, b) => a.seconds - b.seconds);
  const totals = of('locust_total');
  const [run, ...others] = await rig.registry.runsOf('shop');
  expect(others).toEqual([]);
  const { outcome, endedAt, total } = run ?? {};
  return {
    last: [totals.at(-1)?.seconds, totals.at(-1)?.fields['max_response_time']],
    endpoint: of('locust_endpoint').at(-1)?.fields['max_response_time'],
    closing: totals.filter(({ fields }) => fields['state'] === 'stopped').length,
    record: [outcome, endedAt, (total as { maxResponseTime?: number } | undefined)?.maxResponseTime],
    stops: of('locust_event stop').map(({ seconds }) => seconds),
  };
}

/** One closing sample, at the end's instant, with the figures that the Locust sent by itself. */
const closedByOwn = (seconds: number) => ({
  last: [seconds, 129.3166960022063],
  endpoint: 129.3166960022063,
  closing: 1,
  record: ['finished', at(seconds), 129.3166960022063],
  stops: [seconds],
});

describe('the last figures of a Locust with web UI that also sends its end', () => {
  it('are its own where the web UI shows the end before the report comes', async () => {
    const window = rig.begin();
    await to(5.5);
    locust.say(shown);
    await to(6.5);
    expect(await report(5.5)).toBe('recorded');
    await rig.clock.runUntilDone(window);

    expect(await seen()).toEqual(closedByOwn(5.5));
  });

  it('are its own where the report comes first', async () => {
    const window = rig.begin();
    await to(5.5);
    locust.say(shown);
    await report(5.5);
    await rig.clock.runUntilDone(window);

    expect(await seen()).toEqual(closedByOwn(5.5));
  });

  it('are its own where Locust quits before the report comes', async () => {
    const window = rig.begin();
    await to(5.5);
    locust.say(shown);
    await to(6.5);
    await locust.close();
    await to(8.5);
    await report(5.5);
    await rig.clock.runUntilDone(window);

    expect(await seen()).toEqual(closedByOwn(5.5));
  });

  it('are its own, and the last, where the web UI has said out of its cache that the test still runs', async () => {
    const window = rig.begin();
    await to(6.5);
    locust.say(shown);
    await report(5.5);
    await rig.clock.runUntilDone(window);

    expect(await seen()).toEqual(closedByOwn(6.001));
  });

  it('are those of the web UI where no report comes, as seen once they have settled', async () => {
    const window = rig.begin();
    await to(5.5);
    locust.say({ ...shown, requests: 40 });
    await to(9);
    locust.say(shown);
    await rig.clock.runUntilDone(window);

    expect(await seen()).toEqual({
      ...{ last: [6, 129], endpoint: 129, closing: 1, record: ['finished', at(6), 129], stops: [6] },
    });
  });

  it('are those that the web UI showed where Locust quits without a report', async () => {
    const window = rig.begin();
    await to(5.5);
    locust.say(shown);
    await to(6.5);
    await locust.close();
    await rig.clock.runUntilDone(window);

    expect(await seen()).toMatchObject({ last: [6, 129], record: ['finished', at(6), 129] });
  });

  it.each([
    ['of the end itself', 5.5, 6.001],
    ['of a moment after it', 7.5, 7.5],
  ])('become its own where a report %s comes after the run was closed', async (_, seconds, storedSeconds) => {
    const window = rig.begin();
    await to(5.5);
    locust.say(shown);
    await rig.clock.runUntilDone(window);
    await to(100);

    // Of one that is sent again nothing is stored twice.
    expect([await report(seconds), await report(seconds)]).toEqual(['recorded', 'recorded']);
    expect(await seen()).toEqual({
      last: [storedSeconds, 129.3166960022063],
      endpoint: 129.3166960022063,
      closing: 2,
      record: ['finished', at(6), 129.3166960022063],
      stops: [6],
    });
  });

  it('stay its own where the collector writes its lines late, and looks once more', async () => {
    const late: Partial<CollectorPorts> = {
      openInflux: () => {
        const influx = rig.ports.openInflux();
        return {
          ...influx,
          async write(lines, timeoutMs) {
            await rig.clock.sleepUntil(Math.max(rig.clock.now(), minute + 20 * second));
            return influx.write(lines, timeoutMs);
          },
        };
      },
    };
    // It ends before a report can be waited for.
    const stop = new AbortController();
    const window = rig.begin({}, { ports: late, stop: stop.signal });
    await to(5.5);
    locust.say(shown);
    await to(6.2);
    stop.abort();
    await to(6.5);
    await report(5.5);
    await rig.clock.runUntilDone(window);

    expect(await seen()).toMatchObject({
      last: [6.001, 129.3166960022063],
      record: ['finished', at(6), 129.3166960022063],
    });
  });

  it('are each its own where the next test begins at once', async () => {
    const window = rig.begin();
    await to(5.5);
    locust.say(shown);
    await to(7);
    locust.say(running(3));
    await rig.clock.runUntilDone(window);

    const runs = await rig.registry.runsOf('shop');
    expect(runs).toMatchObject([
      { outcome: 'finished', endedAt: at(6), total: { numRequests: 50 } },
      { startedAt: at(8) },
    ]);
  });
});
