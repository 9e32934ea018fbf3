import { expect, it } from 'vitest';
import { createTerminalObserver } from '../../../infra/local/terminal/terminal-observer.ts';
import { createTerminalView } from '../../../infra/local/terminal/terminal.ts';
import { noFigures } from '../../../lambda/locust/report/rows.ts';
import { systemClock } from '../../../lambda/runtime/clock.ts';

const atMs = Date.parse('2026-11-22T14:05:00Z');
const runOf = (id: string) => ({
  ...{ id, startedAtMs: atMs, lastGoodAtMs: atMs, lastState: 'running', total: noFigures, peakUsers: 1, timeline: [] },
});

it('a run that a window and an idle poll see begin and end at the same instants is shown to do so once', () => {
  const printed: string[] = [];
  const view = createTerminalView({ env: {} });
  const observer = createTerminalObserver({ view, clock: systemClock, print: (text) => void printed.push(text) });
  const seen = {
    target: 'shop',
    atMs,
    stateBefore: 'ready',
    state: 'running',
    failure: undefined,
    failedBefore: false,
  };
  const begins = (id: string): void => {
    observer.changed?.({ ...seen, run: runOf(id), runStarted: runOf(id), runEnded: undefined });
  };
  const ends = (id: string, seconds: number): void => {
    const ended = { atMs: atMs + seconds * 1000, outcome: 'finished' as const };
    observer.changed?.({ ...seen, run: undefined, runStarted: undefined, runEnded: { ...runOf(id), ended } });
  };

  for (const id of ['20261122T140500Z', '20261122T140500Z']) begins(id);
  // It went on in between.
  for (const seconds of [30, 30, 60]) ends('20261122T140500Z', seconds);
  begins('20261122T141500Z');

  expect(printed.map((text) => text.slice('14:05:00  '.length))).toEqual([
    'shop run 20261122T140500Z started',
    'shop run 20261122T140500Z finished after 30 s: – requests, – failures',
    'shop run 20261122T140500Z finished after 1 min 0 s: – requests, – failures',
    'shop run 20261122T141500Z started',
  ]);
});
