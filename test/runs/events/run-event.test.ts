import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { noFigures } from '../../../lambda/locust/report/rows.ts';
import { runEvent } from '../../../lambda/runs/events/run-event.ts';
import type { RunEvent } from '../../../lambda/runs/events/run-event.ts';
import { watchRuns } from '../../../lambda/runs/events/watch-runs.ts';
import { createRuns } from '../../../lambda/runs/records/runs.ts';
import { createRunEdits } from '../../../lambda/runs/records/run-edits.ts';
import type { Run } from '../../../lambda/runs/run.ts';
import { withResolvers } from '../../../lambda/runtime/with-resolvers.ts';
import { startRegistry } from '../../support/rigs/registry.ts';
import type { TestRegistry } from '../../support/rigs/registry.ts';

let registry: TestRegistry;
let events: RunEvent[];
beforeEach(async () => {
  registry = await startRegistry();
  events = [];
});
afterEach(() => registry.close());

const watched = (records = createRuns(registry.client, 'Runs')) =>
  watchRuns(records, {
    tell: (event) => events.push(event),
    failed: (error) => {
      throw error;
    },
  });
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
    const runs = watched();
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
    await watched().save(open, owner);
    events = [];
    const runs = watched();
    const run = (await runs.read([{ target: 'shop', run: open.id }])).get('shop');
    await runs.save({ ...ended(), revision: run?.revision }, owner);

    expect(told()).toEqual(['ended: run 20261122T140500Z of shop finished, 10 requests, 1 failures']);
  });

  it('when figures come in after its end, and when it goes on after all', async () => {
    const runs = watched();
    const first = await runs.replace(ended(), owner, undefined);
    const settled = { ...ended(), total: { ...open.total, numRequests: 12 } };
    const second = await runs.replace(settled, owner, first);
    await runs.replace({ ...open, ...(second && { revision: second.revision }) }, owner, second);

    expect(events.map(({ event }) => event)).toEqual(['ended', 'corrected', 'resumed']);
    expect(new Set(events.map(({ id }) => id)).size).toBe(3);
  });

  it.each([
    ['is read before its save is answered', ['save', 'read', 'answer'], ['started', 'ended']],
    ['is saved again before that', ['save', 'save', 'answer'], ['ended', 'started']],
  ])('once, where a record %s', async (_, order, expected) => {
    const records = createRuns(registry.client, 'Runs');
    const late = withResolvers<undefined>();
    let isLate = true;
    const runs = watched({
      ...records,
      async replace(...write) {
        const isThisLate = isLate;
        isLate = false;
        const saved = await records.replace(...write);
        if (isThisLate) await late.promise;
        return saved;
      },
    });
    const saving = runs.replace(open, owner, undefined);
    const first = await vi.waitUntil(async () => (await records.read([{ target: 'shop', run: open.id }])).get('shop'));
    if (order[1] === 'read') await runs.newest('shop', startedAtMs);
    else await runs.replace(ended(), owner, first);
    late.resolve(undefined);
    const saved = await saving;
    if (order[1] === 'read') await runs.replace(ended(), owner, saved);

    expect(events.map(({ event }) => event)).toEqual(expected);
  });

  it('anew, where its record was removed and it is put on record again', async () => {
    const runs = watched();
    const first = await runs.replace(open, owner, undefined);
    await runs.replace(ended(), owner, first);
    await createRunEdits(registry.client, 'Runs').remove({ target: 'shop', run: open.id });
    const again = await runs.replace(open, owner, undefined);
    await runs.replace({ ...open, lastGoodAtMs: startedAtMs + 10_000 }, owner, again);

    expect(events.map(({ event }) => event)).toEqual(['started', 'ended', 'started']);
  });
});
