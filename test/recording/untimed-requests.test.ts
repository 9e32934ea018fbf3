import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hasUntimedRequests } from '../../lambda/locust/report/untimed-requests.ts';
import { startReportRig } from '../support/rigs/report-rig.ts';
import type { ReportRig } from '../support/rigs/report-rig.ts';
import { bodyOf, recorded, reportOf } from '../support/locust/report-text.ts';
import { startScriptedLocust } from '../support/locust/scripted-locust.ts';
import type { ScriptedLocust } from '../support/locust/scripted-locust.ts';

let rig: ReportRig;
let locust: ScriptedLocust;
beforeAll(async () => {
  rig = await startReportRig('in process');
  locust = await startScriptedLocust();
});
beforeEach(() => rig.reset());
afterAll(() => Promise.all([rig.close(), locust.close()]));

/** Requests of one name, of which so many have a time. */
interface Requests {
  readonly name: string;
  readonly requests: number;
  readonly timed: number;
  readonly sum: number;
}

/** What Locust makes of them. @param isCompanion it says the sums as well */
function answerOf(all: readonly Requests[], isCompanion = false): string {
  const add = (what: (each: Requests) => number) => all.reduce((sum, each) => sum + what(each), 0);
  const total = { name: 'Aggregated', requests: add((each) => each.requests), timed: add((each) => each.timed) };
  const rows = [...all, { ...total, sum: add(({ sum }) => sum) }];
  const stats = rows.map(({ name, requests, timed, sum }) => ({
    ...{ method: name === 'Aggregated' ? '' : 'MQTT', name, num_requests: requests, num_failures: 0 },
    ...{ avg_response_time: timed === 0 ? 0 : sum / timed, current_rps: 1 },
    ...(isCompanion && { total_response_time: sum }),
  }));
  return JSON.stringify({ stats, errors: [], state: 'running', user_count: 1, fail_ratio: 0 });
}

const timed: readonly Requests[] = [
  { name: 'ask', requests: 10, timed: 10, sum: 2_000 },
  { name: 'publish', requests: 30, timed: 30, sum: 301 },
];
const partlyTimed: readonly Requests[] = [
  { name: 'ask', requests: 20, timed: 20, sum: 4_000 },
  { name: 'publish', requests: 60, timed: 40, sum: 401 },
];

/** The stored sums of response times, sample by sample. */
const sumsOf = (measurement: string): readonly (string | undefined)[] =>
  rig.stored(measurement).map(([, fields]) => /response_time_sum=([^,]+)/.exec(fields)?.[1]);

describe('the sum of response times where requests have none', () => {
  it('is what the Locust says that sends it', async () => {
    await rig.register('queue');
    await rig.report('queue', 0, answerOf(timed, true));
    rig.setSeconds(10);
    await rig.report('queue', 10, answerOf(partlyTimed, true));

    expect(sumsOf('locust_total')).toEqual(['2301', '4401']);
    expect(sumsOf('locust_endpoint')).toEqual(['2000', '4000', '301', '401']);
  });

  it('is left out of what is fetched from where the means do not fit together on', async () => {
    await rig.register('queue', { source: 'fetch', url: locust.url, sampleSeconds: 60, maxEndpoints: 1 });
    const fetchAt = async (seconds: number, all: readonly Requests[]): Promise<void> => {
      rig.setSeconds(seconds);
      locust.say((_request, response) => response.end(answerOf(all)));
      await rig.window();
    };
    await fetchAt(0, timed);
    await fetchAt(60, partlyTimed);
    // By chance they fit again.
    await fetchAt(120, [{ name: 'ask', requests: 100, timed: 50, sum: 5_000 }]);

    expect(sumsOf('locust_total')).toEqual(['2301', undefined, undefined]);
    expect(rig.stored('locust_endpoint')).toHaveLength(5);
    expect(sumsOf('locust_endpoint').filter((sum) => sum !== undefined)).toEqual(['301', '2000']);
  });

  it('is left out of what is fetched once the Locust itself has said so', async () => {
    await rig.register('queue', { source: 'fetch', url: locust.url, sampleSeconds: 60 });
    const one = partlyTimed.slice(1);
    await rig.report('queue', 0, answerOf(one, true));
    locust.say((_request, response) => response.end(answerOf(one)));
    rig.setSeconds(60);
    await rig.window();

    expect(sumsOf('locust_total')).toEqual(['401', undefined]);
  });
});

describe('requests without a time', () => {
  it.each(recorded)('are in no answer of a Locust that has none: %s', (name) => {
    expect(hasUntimedRequests(reportOf(bodyOf(name)))).toBe(false);
  });

  it.each([
    ['whole milliseconds, as some releases round', (mean: number) => Math.round(mean)],
    ['whole milliseconds, cut', (mean: number) => Math.trunc(mean)],
    ['a float of 32 bits', (mean: number) => Math.fround(mean)],
  ])('are not seen in means that are only rounded: to %s', (_, round) => {
    const report = reportOf(answerOf(timed));
    const rounded = <Row extends { readonly avgResponseTime: number | undefined }>(row: Row): Row => ({
      ...row,
      avgResponseTime: round(row.avgResponseTime ?? NaN),
    });

    const asRounded = { total: rounded(report.total), endpoints: report.endpoints.map(rounded) };
    expect(hasUntimedRequests(asRounded)).toBe(false);
  });

  it('are not seen where rows are missing', () => {
    const { total, endpoints } = reportOf(answerOf(partlyTimed));

    expect(hasUntimedRequests({ total, endpoints })).toBe(true);
    expect(hasUntimedRequests({ total, endpoints: endpoints.slice(1) })).toBe(false);
  });
});
