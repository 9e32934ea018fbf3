import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noFigures } from '../../../lambda/locust/report/rows.ts';
import { runEvent } from '../../../lambda/runs/events/run-event.ts';
import type { RunEvent } from '../../../lambda/runs/events/run-event.ts';
import { watchRuns } from '../../../lambda/runs/events/watch-runs.ts';
import { createRuns } from '../../../lambda/runs/records/runs.ts';
import type { Run } from '../../../lambda/runs/run.ts';
import { startRegistry } from '../../support/rigs/registry.ts';
import type { TestRegistry } from '../../support/rigs/registry.ts';

let registry: TestRegistry;
let events: RunEvent[];
beforeEach(async () => {
  registry = await startRegistry();
  events = [];
});
afterEach(() => registry.close());

const process = () => watchRuns(createRuns(registry.client, 'Runs'), (event) => events.push(event));
const owner = { target: 'shop', project: 'default' };
const startedAtMs = Date.parse('2026-11-22T14:05:00Z');
const open: Run = {
  id: '20261122T140500Z',
  startedAtMs,
  lastGoodAtMs: startedAtMs,
  lastState: 'running',
  total: { ...noFigures, numRequests: 10, numFailures: 1 },
  peakUsers: 3,
  timeline: [],
};
const rule = (result: 'passed' | 'failed', text: string) => ({ criterion: 'p95 < 500 ms', result, text });
const ended = (verdictText?: string): Run => ({
  ...open,
  lastState: 'stopped',
  ended: {
    atMs: startedAtMs + 60_000,
    outcome: 'finished',
    ...(verdictText !== undefined && {
      verdict: { result: 'failed', doubts: [], rules: [rule('passed', 'fine'), rule('failed', verdictText)] },
    }),
  },
});
const told = (): readonly string[] => events.map(({ event, text }) => `${event}: ${text}`);

describe('what happens to a run is told', () => {
  it('once when it starts, and once when it ends, with the first rule that it has not met', async () => {
    const runs = process();
    const first = await runs.save(open, owner);
    const later = { ...open, revision: first?.revision, lastGoodAtMs: startedAtMs + 10_000 };
    const second = await runs.save(later, owner);
    await runs.save({ ...ended('p95 of GET /pay is 730 ms'), revision: second?.revision }, owner);
    // Another window, which has seen the same.
    await runs.save(ended('p95 of GET /pay is 730 ms'), owner);

    expect(told()).toEqual([
      'started: run 20261122T140500Z of shop started',
      'ended: run 20261122T140500Z of shop finished, verdict failed, 10 requests, 1 failures: p95 of GET /pay is 730 ms',
    ]);
    expect(events.every((event) => runEvent.strict().safeParse(event).success)).toBe(true);
    expect(JSON.stringify(events)).not.toContain('timeline');
  });

  it('when it ends in a process that has not seen it start', async () => {
    await process().save(open, owner);
    events = [];
    const runs = process();
    const run = (await runs.read([{ target: 'shop', run: open.id }])).get('shop');
    await runs.save({ ...ended(), revision: run?.revision }, owner);

    expect(told()).toEqual(['ended: run 20261122T140500Z of shop finished, 10 requests, 1 failures']);
  });

  it('when figures come in after its end, and when it goes on after all', async () => {
    const runs = process();
    const first = await runs.replace(ended(), owner, undefined);
    const settled = { ...ended(), total: { ...open.total, numRequests: 12 } };
    const second = await runs.replace(settled, owner, first);
    await runs.replace({ ...open, ...(second && { revision: second.revision }) }, owner, second);

    expect(events.map(({ event }) => event)).toEqual(['ended', 'corrected', 'resumed']);
    expect(new Set(events.map(({ id }) => id)).size).toBe(3);
  });
});
