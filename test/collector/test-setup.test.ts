import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { minute, second, startCollectorRig } from '../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../support/rigs/collector-rig.ts';

let rig: CollectorRig;
beforeEach(async () => {
  rig = await startCollectorRig();
});
afterEach(() => rig.close());

const at = (seconds: number): string => new Date(minute + seconds * second).toISOString();
const page = readFileSync(new URL('../fixtures/locust-pages/2.47.0.running.html', import.meta.url), 'utf8');
const pageOf = (host: string): string => `<script>window.templateArgs = {"version": "2.47.0", "host": "${host}"}`;

async function hostsStored(): Promise<unknown> {
  const points = await rig.sink.points();
  const ofRuns = points.filter(({ tags }) => tags['run'] !== undefined);
  return [...new Set(ofRuns.map(({ tags }) => tags['host']))];
}

describe('what the tester asked Locust for', () => {
  it('is a tag of every point and on the run’s record, by one look at Locust’s page when the run begins', async () => {
    const locust = await rig.locust('shop', { state: 'running', requests: 10, page });
    const window = rig.begin({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 45 * second);
    locust.say({ state: 'stopped', requests: 90, page });
    await rig.clock.runUntilDone(window);

    expect(await hostsStored()).toEqual(['https://shop.example.com']);
    const [run] = await rig.registry.runsOf('shop');
    expect(run).toMatchObject({
      host: 'https://shop.example.com',
      users: 4,
      spawnRate: 2,
      runTimeSeconds: 600,
      locustfile: 'locustfile.py',
      locustVersion: '2.47.0',
    });
    expect(run).not.toHaveProperty('notes');
    expect(locust.pagesAsked).toBe(1);
  });

  it('is asked for again when another test begins, and stays as it was while a test goes on', async () => {
    const locust = await rig.locust('shop', { state: 'running', requests: 10, page: pageOf('http://one') });
    const window = rig.begin({ scheduledTime: at(0) });
    await rig.clock.advanceTo(minute + 15 * second);
    locust.say({ state: 'running', requests: 20, page: pageOf('http://two') });
    await rig.clock.advanceTo(minute + 25 * second);
    locust.say({ state: 'running', requests: 5, page: pageOf('http://three') });
    await rig.clock.runUntilDone(window);
    await rig.window({ scheduledTime: at(60) });

    const runs = await rig.registry.runsOf('shop');
    expect(runs.map(({ host }) => host)).toEqual(['http://one', 'http://three']);
    expect(await hostsStored()).toEqual(['http://one', 'http://three']);
    expect(locust.pagesAsked).toBe(2);
  });

  it.each([
    [{ host: 'http://set' }, 'http://set'],
    [{ tags: { host: 'tagged' } }, 'tagged'],
    [{ host: 'http://set', tags: { host: 'tagged' } }, 'tagged'],
  ])('has the host that a person has set: %j', async (settings, host) => {
    await rig.locust('shop', { state: 'running', page }, settings);
    await rig.window({ scheduledTime: at(0) });

    expect(await hostsStored()).toEqual([host]);
    expect(await rig.registry.runsOf('shop')).toMatchObject([{ host, users: 4 }]);
  });

  it('is left out where the page cannot be read: nothing else is missing, and the run’s record says why', async () => {
    const locust = await rig.locust('shop', { state: 'running', requests: 10 });
    const summary = await rig.window({ scheduledTime: at(0) });

    expect(summary).toMatchObject({ samples: 6, missed: 0, samplesFailed: 0 });
    expect(await hostsStored()).toEqual([undefined]);
    const [run] = await rig.registry.runsOf('shop');
    expect(run?.['notes']).toEqual([expect.stringMatching(/is not known: its page could not be read.*HTTP 404/)]);
    expect(run).not.toHaveProperty('host');
    expect(locust.pagesAsked).toBe(1);
  });
});
