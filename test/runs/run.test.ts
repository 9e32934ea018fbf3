import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseReport } from '../../lambda/locust/report/report.ts';
import { stepAfter, runIdAt, runStartOf } from '../../lambda/runs/run.ts';
import type { Run, RunStep } from '../../lambda/runs/run.ts';
import { report, start, story } from '../support/locust/run-story.ts';

describe('a run', () => {
  it('starts with the first sample in spawning or running and ends with any other state', () => {
    const { events, runs } = story([
      report('ready', 0),
      report('spawning', 1),
      report('running', 20),
      report('running', 40),
      report('stopped', 44),
      report('stopped', 44),
    ]);

    expect(events).toEqual(['1 start 20261122T140510Z', '4 stop 20261122T140510Z finished at 40']);
    expect(runs[0]?.total.numRequests).toBe(44);
    expect(runs[0]?.peakUsers).toBe(4);
    expect(runs[0]?.timeline.map(([seconds]) => seconds)).toEqual([0, 10, 20]);
  });

  it.each(['ready', 'stopped', 'missing', 'something-new'])('ends with %s', (state) => {
    expect(story([report('running', 5), report(state, 6)]).events).toHaveLength(2);
  });

  it('keeps its last figures when it ends in a Locust that was restarted', () => {
    const { runs } = story([report('running', 500), report('ready', 0)]);

    expect(runs[0]?.total.numRequests).toBe(500);
  });

  it('keeps its last figures when it ends without any (no runner)', () => {
    const { runs } = story([report('running', 500), report('missing')]);

    expect(runs[0]?.total.numRequests).toBe(500);
  });

  it('goes on over failed attempts', () => {
    const failures = Array.from({ length: 28 }, () => 'fails' as const);

    expect(story([report('running', 5), ...failures, report('running', 9)]).events).toEqual([
      '0 start 20261122T140500Z',
    ]);
  });

  it('is lost after five minutes without one good answer, at the last good sample', () => {
    const failures = Array.from({ length: 30 }, () => 'fails' as const);

    expect(story([report('running', 5), report('running', 6), ...failures]).events).toEqual([
      '0 start 20261122T140500Z',
      '31 stop 20261122T140500Z lost at 10',
    ]);
  });

  it('that nobody watched for five minutes is lost, whatever answers then', () => {
    const { run } = stepAfter(undefined, { atMs: start, report: report('running', 9), sampleSeconds: 10 });
    const later = (state: string): RunStep =>
      stepAfter(run, { atMs: start + 300_000, report: report(state, 900), sampleSeconds: 10 });

    expect(later('running')).toMatchObject({
      ended: { id: '20261122T140500Z', ended: { outcome: 'lost', atMs: start } },
      run: { id: '20261122T141000Z' },
    });
    expect(later('ready')).toMatchObject({ ended: { ended: { outcome: 'lost', atMs: start } }, run: undefined });
  });

  it('survives the reset of its counters at the end of the ramp-up', () => {
    expect(story([report('spawning', 90), report('running', 2), report('running', 9)]).events).toEqual([
      '0 start 20261122T140500Z',
      '1 reset',
    ]);
  });

  it.each(['running', 'spawning'])(
    'is over when counters fall from running to %s: a new test began in between',
    (state) => {
      const { events, open } = story([report('running', 90), report('running', 95), report(state, 2)]);

      expect(events).toEqual([
        '0 start 20261122T140500Z',
        '2 stop 20261122T140500Z finished at 10',
        '2 start 20261122T140520Z',
      ]);
      expect(open?.timeline).toHaveLength(1);
    },
  );

  it('goes on when users are added while it runs (running, spawning, running)', () => {
    const { events } = story([report('running', 90), report('spawning', 95), report('running', 99)]);

    expect(events).toEqual(['0 start 20261122T140500Z']);
  });

  it('counters that Locust does not tell say nothing', () => {
    expect(story([report('running', 90), report('running'), report('running', 91)]).events).toHaveLength(1);
  });

  it('failures alone that fall are a new test as well', () => {
    expect(story([report('running', 90, 50), report('running', 90, 2)]).events).toHaveLength(3);
  });

  it('an observation older than the last good one changes nothing', () => {
    const { run } = stepAfter(undefined, { atMs: start, report: report('running', 9), sampleSeconds: 10 });

    expect(stepAfter(run, { atMs: start - 10_000, report: report('stopped', 3), sampleSeconds: 10 }).run).toBe(run);
  });

  it('has its start as its id, there and back', () => {
    expect(runIdAt(start + 999)).toBe('20261122T140500Z');
    expect(runStartOf('20261122T140500Z')).toBe(start);
    expect(runStartOf('x')).toBeNaN();
  });
});

describe('runs recorded from real Locusts', () => {
  const folder = new URL('../fixtures/recorded-runs/', import.meta.url);
  const expected: Readonly<Record<string, readonly string[]>> = {
    '0.14.6-local-start-stop.jsonl': ['start spawning', 'stop finished 681', 'start spawning', 'stop finished 160'],
    '1.6.0-local-start-stop.jsonl': ['start spawning', 'stop finished 741', 'start spawning', 'stop finished 226'],
    '2.47.0-local-two-tests.jsonl': ['start spawning', 'stop finished 686', 'start spawning', 'stop finished 656'],
    '2.47.0-local-reset-at-end-of-ramp-up.jsonl': ['start spawning', 'reset', 'stop finished 685'],
    '2.47.0-dist-reset-at-end-of-ramp-up.jsonl': ['start spawning', 'reset', 'stop finished 735'],
    '2.47.0-dist-worker-killed.jsonl': ['start spawning', 'stop finished 994'],
    '2.47.0-local-killed-and-restarted.jsonl': [
      'start running',
      'stop finished 514',
      'start running',
      'stop finished 460',
    ],
    '2.47.0-local-new-test-between-samples.jsonl': [
      'start running',
      'stop finished 1005',
      'start running',
      'stop finished 721',
    ],
    // From outside, a reset by hand in the middle of a test looks like a new test.
    '2.47.0-local-reset-pressed.jsonl': ['start running', 'stop finished 317', 'start running', 'stop finished 516'],
  };
  const names = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));

  it.each(names)('%s', (name) => {
    const lines = readFileSync(new URL(name, folder), 'utf8').trim().split('\n');
    let run: Run | undefined;
    const events: string[] = [];
    for (const line of lines) {
      const { atMs, body } = JSON.parse(line) as { atMs: number; body?: string };
      const parsed = body === undefined ? undefined : parseReport(body);
      expect(parsed?.ok).not.toBe(false);
      const seen = parsed?.ok === true ? parsed.report : undefined;
      const step = stepAfter(run, { atMs, report: seen, sampleSeconds: 2 });
      if (step.ended?.ended !== undefined)
        events.push(`stop ${step.ended.ended.outcome} ${step.ended.total.numRequests}`);
      if (step.run !== undefined && step.run.id !== run?.id) events.push(`start ${seen?.state}`);
      if (step.wasReset) events.push('reset');
      run = step.run;
    }
    expect(events).toEqual(expected[name]);
  });
});
