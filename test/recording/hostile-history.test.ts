import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { minute, second, startCollectorRig } from '../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../support/rigs/collector-rig.ts';
import { historyPage } from '../support/locust/history-page.ts';
import type { Saying } from '../support/locust/scripted-locust.ts';
import { maxHistoryEntries } from '../../lambda/locust/page/history.ts';

let rig: CollectorRig;
beforeEach(async () => {
  rig = await startCollectorRig();
});
afterEach(() => rig.close());

const at = (seconds: number): string => new Date(minute + seconds * second).toISOString();
const pageOf = (...seconds: number[]): string => historyPage(seconds.map((each) => ({ atMs: minute + each * second })));
const textPage = (history: string): string =>
  `<script>window.templateArgs = {"version": "2.47.0", "history": ${history}}\n</script>`;
const entry = (time: string, users: string): string => `{"time": "${time}", "user_count": ${users}}`;
const year = 365 * 86_400;

/** `missed`: seconds of the points that are filled in between two windows, of which the second begins after 180 s. */
const pages: readonly (readonly [what: string, page: string, missed: readonly number[]])[] = [
  ['times of the future', pageOf(100, 400, 4000), [100]],
  ['times of years ago', pageOf(-year, -year + 5, 100), [100]],
  ['times out of order', pageOf(150, 100, 160, 90, 170), [90, 170]],
  ['one time, many times', pageOf(100, 100, 100), [100]],
  ['NaN', textPage(`[${entry(at(90), 'NaN')}, ${entry(at(100), '4')}]`), [100]],
  ['texts instead of figures', textPage(`[${entry(at(90), '"many"')}, ${entry(at(100), '4')}]`), [100]],
  ['no list', textPage('{"time": "2026-11-22T14:06:40Z"}'), []],
  ['a list that never ends', textPage('[[[[[{"time": '), []],
  ['an empty page', '', []],
];

describe('what a page that means harm says of a test', () => {
  it.each(pages)('changes no sample, and makes no other run: %s', async (_what, page, missed) => {
    const says = (requests: number): Saying => ({ state: 'running', requests, page });
    const locust = await rig.locust('shop', says(100));
    await rig.window({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 180 * second);
    locust.say(says(900));
    await rig.window({ scheduledTime: at(180) });

    const totals = await rig.sink.points('locust_total');
    const [filled, sampled] = [true, undefined].map((mark) =>
      totals.filter(({ fields }) => fields['filled'] === mark).map(({ atMs }) => (atMs - minute) / second),
    );
    expect(sampled).toEqual([0, 10, 20, 30, 40, 50, 180, 190, 200, 210, 220, 230]);
    expect(filled?.map((seconds) => Math.round(seconds - 0.001))).toEqual(missed);
    const runs = await rig.registry.runsOf('shop');
    expect(runs).toMatchObject([{ run: '20261122T140500Z', startedAt: at(0), total: { numRequests: 900 } }]);
    expect(runs[0]).not.toHaveProperty('beganAt');
    expect(rig.problems).toEqual([]);
  });

  it('fills in no more points than its limit', async () => {
    const locust = await rig.locust('shop', { state: 'running', requests: 100, ageSeconds: 10 });
    await rig.window({ scheduledTime: at(0) });
    const days = 86_400;
    await rig.clock.advanceTo(minute + 30 * days * second);
    // One in three seconds: nearly as much as a page may hold.
    const time = (index: number): string => new Date(minute + (30 * days - 3 * (6000 - index)) * second).toISOString();
    const history = Array.from({ length: 6000 }, (_, index) => entry(time(index), '4')).join(', ');
    locust.say({ state: 'running', requests: 900, ageSeconds: 30 * days + 10, page: textPage(`[${history}]`) });
    await rig.window({ scheduledTime: at(30 * days) });

    const filled = (await rig.sink.points('locust_total')).filter(({ fields }) => fields['filled'] === true);
    expect(filled).toHaveLength(maxHistoryEntries);
    const [run, ...others] = await rig.registry.runsOf('shop');
    expect(others).toEqual([]);
    expect((run?.['timeline'] as readonly unknown[]).length).toBeLessThanOrEqual(240);
  });
});
