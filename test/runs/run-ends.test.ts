import { describe, expect, it } from 'vitest';
import type { FailureKind } from '../../lambda/locust/failure.ts';
import type { Report } from '../../lambda/locust/report/report.ts';
import { stepAfter, wasStuck } from '../../lambda/runs/run.ts';
import type { RunStep } from '../../lambda/runs/run.ts';
import { report, start, story } from '../support/locust/run-story.ts';

describe('a run', () => {
  it('is one, with a reset at each step of a load shape that Locust spawns between two samples', () => {
    const steps = [5, 10, 15, 10].flatMap((users) => [
      { ...report('running', 3), userCount: users },
      { ...report('running', 90), userCount: users },
    ]);

    expect(story(steps).events).toEqual(['0 start 20261122T140500Z', '2 reset', '4 reset', '6 reset']);
  });

  it('is over when counters that grew have been counting for a shorter time: a new test began in between', () => {
    const aged = (seconds: number, numRequests: number, state = 'running'): Report => ({
      ...report(state, numRequests),
      countersAgeMs: seconds * 1000,
    });

    expect(story([aged(4, 10), aged(14, 40), aged(13, 41), aged(8, 900), aged(18, 999)]).events).toEqual([
      '0 start 20261122T140500Z',
      '3 stop 20261122T140500Z finished at 20',
      '3 start 20261122T140530Z',
    ]);
    // The end of a ramp-up sets them back as well.
    expect(story([aged(9, 10, 'spawning'), aged(3, 40)]).events).toEqual(['0 start 20261122T140500Z', '1 reset']);
  });

  it('is one where a step of a load shape has outgrown the sample before, once Locust is seen to set counters back', () => {
    const step = (users: number, seconds: number, numRequests: number): Report => ({
      ...report('running', numRequests),
      userCount: users,
      countersAgeMs: seconds * 1000,
    });
    const ramp = { ...step(1, 3, 5), state: 'spawning' };

    expect(story([ramp, step(5, 5, 40), step(5, 15, 90), step(40, 4, 300), step(90, 1, 900)]).events).toEqual([
      '0 start 20261122T140500Z',
      '3 reset',
      '4 reset',
    ]);
    // By hand, or a test of as many users.
    expect(story([ramp, step(5, 5, 40), step(5, 15, 90), step(5, 4, 300)]).events).toHaveLength(3);
    // It has never been seen to set them back: a test of two users, and one of forty.
    expect(story([step(2, 4, 10), step(2, 14, 40), step(40, 8, 900)]).events).toEqual([
      '0 start 20261122T140500Z',
      '2 stop 20261122T140500Z finished at 10',
      '2 start 20261122T140520Z',
    ]);
  });

  it('is over with its last sample where its Locust was started anew in between: nobody saw how its test ended', () => {
    const [began, ...end] = ['0 start 20261122T140500Z', '2 stop 20261122T140500Z ended at 10'];
    expect(story([report('running', 5), report('running', 300), report('ready', 0)]).events).toEqual([began, ...end]);
    expect(story([report('running', 5), report('running', 300), report('ready')]).events).toEqual([began, ...end]);
    // Reset by hand, after it was stopped.
    expect(story([report('running', 5), report('running', 300), report('stopped', 0)]).events).toEqual([
      began,
      '2 stop 20261122T140500Z finished at 20',
    ]);
  });

  it('is over with its Locust, once nothing has listened there for half a minute', () => {
    const open = story([report('running', 5)]).open;
    const failing = (seconds: number, trouble: { kind: FailureKind; isGone: boolean; sinceSeconds: number }): RunStep =>
      stepAfter(open, {
        atMs: start + seconds * 1000,
        report: undefined,
        trouble: { ...trouble, isBusy: false, sinceAtMs: start + trouble.sinceSeconds * 1000 },
        sampleSeconds: 10,
      });
    const gone = { kind: 'refused', isGone: true, sinceSeconds: 10 } as const;

    expect(failing(30, gone).ended).toBeUndefined();
    expect(failing(40, gone)).toMatchObject({ run: undefined, ended: { ended: { outcome: 'ended', atMs: start } } });
    // It answered with something else in between.
    expect(failing(40, { ...gone, sinceSeconds: 20 }).ended).toBeUndefined();
    expect(failing(40, { ...gone, isGone: false }).ended).toBeUndefined();
  });

  it('of a Locust that is too busy to answer goes on for half an hour', () => {
    const open = story([report('running', 5)]).open;
    const after = (seconds: number, seen: Report | undefined, isBusy = true): RunStep => {
      const trouble = { kind: 'timeout', isGone: false, isBusy, sinceAtMs: start } as const;
      return stepAfter(open, { atMs: start + seconds * 1000, report: seen, trouble, sampleSeconds: 10 });
    };

    expect(after(330, undefined)).toMatchObject({ run: { id: '20261122T140500Z' }, ended: undefined });
    expect(after(340, report('running', 900))).toMatchObject({ run: { id: '20261122T140500Z' }, ended: undefined });
    expect(after(340, report('running', 2))).toMatchObject({
      ended: { ended: { outcome: 'lost' } },
      run: { id: '20261122T141040Z' },
    });
    // A machine that is gone does not answer either.
    expect(after(330, undefined, false)).toMatchObject({ run: undefined, ended: { ended: { outcome: 'lost' } } });
    expect(after(1_800, undefined)).toMatchObject({ run: undefined, ended: { ended: { outcome: 'lost' } } });
  });

  it.each(['stopping', 'cleanup'])('goes on in state %s, in which requests end, and has what ended then', (state) => {
    const { events, runs } = story([report('running', 5), report(state, 30), report(state, 44), report('stopped', 48)]);

    expect(events).toEqual(['0 start 20261122T140500Z', '3 stop 20261122T140500Z finished at 30']);
    expect(runs[0]?.total.numRequests).toBe(48);
    expect(runs[0]?.timeline.map(([seconds]) => seconds)).toEqual([0, 10, 20]);
  });

  it.each(['stopping', 'cleanup'])('is given up in state %s once nothing has moved for an hour', (state) => {
    const still = Array.from({ length: 16 }, () => report(state, 30));
    expect(story([report('running', 5), ...still.slice(1)], 240).events).toHaveLength(1);
    const given = story([report('running', 5), ...still], 240);
    expect(given.events).toEqual(['0 start 20261122T140500Z', `16 stop 20261122T140500Z finished at ${16 * 240}`]);
    expect(given.runs[0]?.total.numRequests).toBe(30);
    expect(given.runs.map(wasStuck)).toEqual([true]);
    // Requests still end, or users still leave.
    const slow = Array.from({ length: 40 }, (_, index) => report(state, 30 + Math.floor(index / 10)));
    expect(story([report('running', 5), ...slow], 240).events).toHaveLength(1);
    const leaving = Array.from({ length: 40 }, (_, index) => ({
      ...report(state, 30),
      userCount: 9 - Math.floor(index / 10),
    }));
    expect(story([report('running', 5), ...leaving], 240).events).toHaveLength(1);
  });

  it.each(['stopping', 'cleanup'])('does not begin in state %s, and is another when it ran before', (state) => {
    expect(story([report(state, 5), report(state, 5)]).events).toEqual([]);
    expect(story([report('running', 5), report(state, 9), report('running', 900)]).events).toEqual([
      '0 start 20261122T140500Z',
      '2 stop 20261122T140500Z finished at 10',
      '2 start 20261122T140520Z',
    ]);
  });
});
