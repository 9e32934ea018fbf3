import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { systemClock as clock } from '../../../lambda/runtime/clock.ts';
import { startLineSink } from '../../support/influx/line-sink.ts';
import type { LineSink, StoredPoint } from '../../support/influx/line-sink.ts';
import { startRegistry } from '../../support/rigs/registry.ts';
import type { Item, TestRegistry } from '../../support/rigs/registry.ts';
import { startCollecting } from '../support/collecting.ts';
import type { LocustJson } from '../support/expected-rows.ts';
import { startTargetApp } from '../support/grafana/target-app.ts';
import type { TargetApp } from '../support/grafana/target-app.ts';
import { startLocust } from '../support/locust.ts';
import type { Locust } from '../support/locust.ts';
import { describeWithParts, locustVersions } from '../support/parts.ts';

const id = 'seldom-seen';
/** Locust notes an entry every 5 s; a busy machine, later. */
const farthestApartMs = 20_000;

describeWithParts('A collector that seldom looks, with a real Locust', () => {
  let registry: TestRegistry;
  let sink: LineSink;
  let app: TargetApp;
  let locust: Locust;

  beforeAll(async () => {
    [registry, sink, app] = await Promise.all([startRegistry(), startLineSink(clock), startTargetApp()]);
    locust = await startLocust({ version: locustVersions()[0] ?? 'none', hostUrl: app.url });
  });
  afterAll(async () => {
    await locust.stop();
    await Promise.all([registry.close(), sink.close(), app.stop()]);
  });

  const until = (check: () => Promise<void>): Promise<void> => vi.waitFor(check, { timeout: 240_000, interval: 200 });

  /** Collects until something is so, as a process that is started and ended. */
  async function collectUntil(check: () => Promise<void>): Promise<void> {
    const collecting = await startCollecting(registry, sink.settings);
    try {
      await until(check);
    } finally {
      await collecting.stop();
    }
  }

  async function totals(run?: Item): Promise<{ readonly filled: StoredPoint[]; readonly sampled: StoredPoint[] }> {
    const points = (await sink.points('locust_total')).filter(
      ({ tags }) => run === undefined || tags['run'] === run['run'],
    );
    // Of those that were written more than once the last one counts.
    const rows = [...new Map(points.map((point) => [point.atMs, point])).values()].sort((a, b) => a.atMs - b.atMs);
    const isFilled = ({ fields }: StoredPoint): boolean => fields['filled'] === true;
    return { filled: rows.filter(isFilled), sampled: rows.filter((row) => !isFilled(row)) };
  }

  async function sampledMoreThan(count: number): Promise<void> {
    expect((await totals()).sampled.length).toBeGreaterThan(count);
  }

  /** Nobody looks until Locust has noted so many more entries. */
  async function untilNoted(more: number): Promise<void> {
    const noted = async (): Promise<number> => {
      const page = await (await fetch(`${locust.url}/`)).text();
      return [...page.matchAll(/"time": "/g)].length;
    };
    const before = await noted();
    await until(async () => {
      expect(await noted()).toBeGreaterThanOrEqual(before + more);
    });
  }

  const lastReport = async (): Promise<LocustJson> => JSON.parse((await locust.report()).body) as LocustJson;

  test('has a test that was going on from its true start, and what it missed while it was away', async () => {
    await locust.startTest({ users: 4, spawnRate: 4 });
    await untilNoted(3);
    await registry.putTarget({ id, url: locust.url, sampleSeconds: 2 });
    await collectUntil(() => sampledMoreThan(1));
    const before = (await totals()).sampled.length;
    await untilNoted(3);
    await collectUntil(() => sampledMoreThan(before + 1));
    await locust.stopTest();
    await collectUntil(async () => {
      expect(await registry.runsOf(id)).toMatchObject([{ outcome: 'finished' }]);
      expect(await registry.target(id)).toMatchObject({ status: { state: 'stopped' } });
    });

    const [run, ...others] = await registry.runsOf(id);
    expect(others).toEqual([]);
    const { filled, sampled } = await totals(run);
    const [seenAtMs = NaN, beganAtMs = NaN] = [run?.['startedAt'], run?.['beganAt']].map((at) =>
      Date.parse(String(at)),
    );
    expect(sampled[0]?.atMs).toBe(seenAtMs);
    expect(sampled.at(-1)?.fields).toMatchObject({ state: 'stopped' });
    for (const missed of [
      filled.filter(({ atMs }) => atMs < seenAtMs),
      filled.filter(({ atMs }) => atMs > (sampled[before - 1]?.atMs ?? NaN)),
    ]) {
      expect(missed.length).toBeGreaterThan(1);
      expect(missed.at(-1)?.fields).toMatchObject({ user_count: 4, started_at: beganAtMs });
    }
    const all = [beganAtMs, ...filled.map(({ atMs }) => atMs), ...sampled.map(({ atMs }) => atMs)].sort(
      (a, b) => a - b,
    );
    const apart = all.slice(1).map((atMs, index) => atMs - (all[index] ?? NaN));
    expect(Math.max(...apart)).toBeLessThan(farthestApartMs);
  });

  test('has a test on record that nobody saw, with Locust’s own last figures', async () => {
    await locust.startTest({ users: 4, spawnRate: 4 });
    await until(async () => {
      expect((await lastReport()).stats.length).toBeGreaterThan(1);
    });
    await locust.stopTest();
    await collectUntil(async () => {
      expect(await registry.runsOf(id)).toHaveLength(2);
      expect((await totals((await registry.runsOf(id))[1])).sampled).toHaveLength(1);
    });

    const [, run] = await registry.runsOf(id);
    const numRequests = (await lastReport()).stats.at(-1)?.['num_requests'];
    expect(run).toMatchObject({ outcome: 'finished', total: { numRequests } });
    expect(run?.['notes']).toEqual([expect.stringMatching(/^A test of about \d+ s was over before it was seen/)]);
    const [closing] = (await totals(run)).sampled;
    expect(closing?.fields).toMatchObject({ state: 'stopped', num_requests: numRequests });
  });
});
