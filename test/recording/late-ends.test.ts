import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CollectorPorts } from '../../lambda/collector/window-context.ts';
import { expectPointsOfRuns } from '../support/influx/points-of-runs.ts';
import { minute, second, startCollectorRig } from '../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../support/rigs/collector-rig.ts';
import { historyPage } from '../support/locust/history-page.ts';
import { at, storedEvents } from '../support/time/instants.ts';

let rig: CollectorRig;
beforeEach(async () => {
  rig = await startCollectorRig();
});
afterEach(async () => {
  await expectPointsOfRuns(rig);
  await rig.close();
});

const run = '20261122T140500Z';
const running = { state: 'running', requests: 10 };

/** DynamoDB writes the run's end, but the answer comes too late. */
function withLostAnswer(more: Partial<CollectorPorts> = {}): Partial<CollectorPorts> {
  let isLost = false;
  const save: CollectorPorts['runs']['save'] = async (each, owner) => {
    const saved = await rig.registry.runs.save(each, owner);
    if (each.ended === undefined || isLost) return saved;
    isLost = true;
    throw new Error('late');
  };
  return { ...more, runs: rig.clock.busy({ ...rig.registry.runs, save }) };
}

async function window(seconds: number, ports: Partial<CollectorPorts> = {}): Promise<void> {
  await rig.clock.advanceTo(minute + seconds * second);
  await rig.clock.runUntilDone(rig.begin({ scheduledTime: at(seconds) }, { ports }));
}

/** What a user sees of the end: the record, the events, and the last sample. */
async function shownEnd(): Promise<unknown> {
  const totals = await rig.sink.points('locust_total');
  const last = totals.toSorted((a, b) => a.atMs - b.atMs).at(-1);
  const [record] = await rig.registry.runsOf('shop');
  return {
    endedAt: record?.['endedAt'],
    events: storedEvents(await rig.sink.points()),
    closing: [last && (last.atMs - minute) / second, last?.fields['num_requests'], last?.fields['state']],
    statusRun: ((await rig.registry.target('shop'))?.['status'] as { run?: string } | undefined)?.run,
  };
}

const shown = (seconds: number): unknown => ({
  endedAt: at(seconds),
  events: [
    ['start', run, 0],
    ['stop', run, seconds],
  ],
  closing: [seconds, 20, 'stopped'],
  statusRun: undefined,
});

describe('a run’s end that was written, though the answer never came', () => {
  it('has its stop and its closing sample from the next instant on', async () => {
    const locust = await rig.locust('shop', running);
    await window(0);
    locust.say({ state: 'stopped', requests: 20 });
    await window(60, withLostAnswer());

    expect(await shownEnd()).toEqual(shown(60));
  });

  it('has them from the next window, in another process', async () => {
    const locust = await rig.locust('shop', running);
    const first = rig.begin({ scheduledTime: at(0) }, { ports: withLostAnswer() });
    await rig.clock.advanceTo(minute + 45 * second);
    locust.say({ state: 'stopped', requests: 20 });
    await rig.clock.runUntilDone(first);
    await window(60);

    expect(await shownEnd()).toEqual(shown(50));
  });

  it('has its stop, and its target no run any more, where the target is switched off meanwhile', async () => {
    const locust = await rig.locust('shop', running);
    const failing = () => Promise.reject(new Error('throttled'));
    await window(0);
    locust.say({ state: 'stopped', requests: 20 });
    await window(60, { targets: { ...rig.ports.targets, writeStatus: failing } });
    const before = await rig.registry.target('shop');
    await rig.registry.putTarget({ ...before, enabled: false, version: 2 });
    await window(120);
    await window(180);

    expect(await shownEnd()).toEqual(shown(60));
    // It is out of the index.
    expect(await rig.registry.target('shop')).not.toHaveProperty('watched');
  });

  it('has its stop where the target is switched off in the middle of a window', async () => {
    const locust = await rig.locust('shop', running);
    await rig.locust('other', running);
    await window(0);
    locust.say({ state: 'stopped', requests: 20 });
    let isFailing = true;
    const writeStatus: CollectorPorts['targets']['writeStatus'] = (id, ...given) =>
      isFailing && id === 'shop'
        ? Promise.reject(new Error('throttled'))
        : rig.registry.targets.writeStatus(id, ...given);
    const targets = rig.clock.busy({ ...rig.registry.targets, writeStatus });
    await rig.clock.advanceTo(minute + 60 * second);
    const second60 = rig.begin({ scheduledTime: at(60) }, { ports: { targets } });
    await rig.clock.advanceTo(minute + 72 * second);
    const before = await rig.registry.target('shop');
    await rig.registry.putTarget({ ...before, enabled: false, version: 2 });
    isFailing = false;
    await rig.clock.runUntilDone(second60);

    expect(await shownEnd()).toMatchObject({ statusRun: undefined });
  });

  it('has its points from the next window on, where nobody had seen the test', async () => {
    const page = historyPage([40, 45, 50].map((each) => ({ atMs: minute + each * second })));
    const registered = { createdAt: at(-3600), updatedAt: at(-3600) };
    const locust = await rig.locust('shop', { state: 'ready', page: historyPage([]) }, registered);
    await window(0);
    locust.say({ state: 'stopped', requests: 20, ageSeconds: 20, page });
    await window(60, withLostAnswer());
    expect(await rig.sink.points('locust_event')).toEqual([]);
    await window(120);
    await window(180);

    const events = await rig.sink.points('locust_event');
    expect(events.map(({ tags, atMs }) => [tags['event'], atMs])).toEqual([
      ['start', minute + 40 * second],
      ['stop', minute + 60 * second],
    ]);
    // Points that are filled in stand a millisecond beside where a sample would be.
    const totals = (await rig.sink.points('locust_total')).map(({ atMs }) => (atMs - minute) / second);
    expect(totals.sort((a, b) => a - b)).toEqual([40.001, 45.001, 50.001, 60]);
  });
});
