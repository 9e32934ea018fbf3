import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { troubleOf } from '../../../infra/local/terminal/influx-trouble.ts';
import type { InfluxState } from '../../../infra/local/terminal/influx-trouble.ts';
import type { Verdict } from '../../../lambda/runs/criteria/verdict.ts';
import { createTerminalView, type SampleLine } from '../../../infra/local/terminal/terminal.ts';
import type { DeliveryProblem } from '../../../lambda/collector/window-figures/observer.ts';

const plain = createTerminalView({ env: {} });
const colour = createTerminalView({ isTTY: true, env: {} });
const columns = createTerminalView({ isTTY: true, env: { NO_COLOR: '1' } });
const influxTrouble = (problem: DeliveryProblem): InfluxState => ({
  kind: 'trouble',
  trouble: troubleOf(problem),
  problem,
});
const escape = '\u001b';

// Local time, as a person at this machine reads it.
const atMs = new Date(2026, 10, 22, 14, 5, 10).getTime();
const sample: SampleLine = {
  atMs,
  target: 'shop',
  state: 'running',
  userCount: 50,
  currentRps: 39.46,
  currentFailPerSec: 1.5,
  failRatio: 0.0123,
  p95: 340,
  pointsWritten: 8,
};

test('a sample is one plain line where there is no terminal', () => {
  expect(plain.sample(sample)).toBe(
    '14:05:10  shop  running  50 users  39.5 req/s  1.5 failures/s (1.2 %)  p95 340 ms  8 points',
  );
});

test('one of anything is written as one', () => {
  const single = plain.sample({ ...sample, userCount: 1, pointsWritten: 1 });

  expect(single).toContain('  1 user  ');
  expect(single).toMatch(/ {2}1 point$/);
});

test('what Locust did not say is shown as a dash', () => {
  const silent = { userCount: undefined, currentRps: undefined, currentFailPerSec: undefined, failRatio: undefined };

  expect(plain.sample({ ...sample, ...silent, p95: undefined, pointsWritten: 0 })).toBe(
    '14:05:10  shop  running  – users  – req/s  – failures/s  p95 – ms  0 points',
  );
});

test('on a terminal the columns of two samples stand below each other', () => {
  const first = columns.sample(sample);
  const second = columns.sample({
    ...sample,
    target: 'checkout-eu',
    state: 'spawning',
    userCount: 1200,
    currentRps: 8,
    p95: 12,
  });

  for (const word of [' users', ' req/s', ' failures/s', ' ms', ' points']) {
    expect(first.indexOf(word)).toBe(second.indexOf(word));
  }
  expect(first).toHaveLength(second.length);
});

test('colours come on a terminal alone, not with NO_COLOR, and change no letter', () => {
  expect(colour.sample(sample)).toContain(escape);
  expect(columns.sample(sample)).not.toContain(escape);
  expect(plain.sample(sample)).not.toContain(escape);
  expect(createTerminalView({ isTTY: true, env: { NO_COLOR: '' } }).sample(sample)).toContain(escape);
  expect(stripVTControlCharacters(colour.sample(sample))).toBe(columns.sample(sample));
});

test('failures stand out in colour, and only when there are any', () => {
  const red = `${escape}[31m`;

  expect(colour.sample(sample)).toContain(red);
  expect(colour.sample({ ...sample, currentFailPerSec: 0 })).not.toContain(red);
});

test('events say what happened to which target', () => {
  expect(
    plain.unreachable({ atMs, target: 'shop', kind: 'refused', message: 'nobody listens at localhost:8089' }),
  ).toBe('14:05:10  shop cannot be read: refused: nobody listens at localhost:8089');
  const noAnswer = { sinceAtMs: atMs - 10_000, endsAtMs: atMs + 290_000 };
  expect(plain.unreachable({ atMs, target: 'shop', kind: 'timeout', message: 'no answer', noAnswer })).toBe(
    '14:05:10  shop cannot be read: no answer since 14:05:00, counts as ended at 14:10:00; timeout: no answer',
  );
  expect(plain.reachable({ atMs, target: 'shop', state: 'ready' })).toBe('14:05:10  shop answers: ready');
  expect(plain.runStarted({ atMs, target: 'shop', run: '20261122T140510Z' })).toBe(
    '14:05:10  shop run 20261122T140510Z started',
  );
});

test('any other problem is shown with its time', () => {
  expect(plain.problem({ atMs, text: 'failed a window' })).toBe('14:05:10  failed a window');
});

test('a run that ended is shown with its outcome, duration and counts', () => {
  const ended = { atMs, target: 'shop', run: '20261122T130510Z', numRequests: 3913, numFailures: 25 } as const;

  expect(plain.runEnded({ ...ended, outcome: 'finished', durationMs: 110_400 })).toBe(
    '14:05:10  shop run 20261122T130510Z finished after 1 min 50 s: 3913 requests, 25 failures',
  );
  expect(plain.runEnded({ ...ended, outcome: 'lost', durationMs: 3_605_000, numRequests: undefined })).toBe(
    '14:05:10  shop run 20261122T130510Z was lost (no sample for too long) after 1 h 5 s: – requests, 25 failures',
  );
});

test('the verdict follows on the end of a run, with what speaks against it', () => {
  const ended = { atMs, target: 'shop', run: '20261122T130510Z', numRequests: 3_913, numFailures: 25 } as const;
  const rules = [
    { criterion: 'p95 < 500 ms', result: 'passed' as const, text: 'p95 was 200 ms, below 500 ms.' },
    {
      criterion: 'GET /pay p95 < 1 s',
      result: 'failed' as const,
      text: 'p95 of GET /pay was 2 s, not below 1 s.\u001b[2J',
    },
  ];
  const linesOf = (verdict: Verdict): string[] =>
    plain
      .runEnded({ ...ended, outcome: 'finished', durationMs: 110_400, verdict })
      .split('\n')
      .slice(1);

  expect(linesOf({ result: 'passed', rules: rules.slice(0, 1), doubts: [] })).toEqual([
    '14:05:10  shop run 20261122T130510Z passed: it meets its criteria',
  ]);
  const doubts = ['7 of 60 samples were missed.'];
  expect(linesOf({ result: 'failed', rules, doubts, baseline: '20261121T130510Z' })).toEqual([
    '14:05:10  shop run 20261122T130510Z failed, compared with 20261121T130510Z',
    '14:05:10  shop   p95 of GET /pay was 2 s, not below 1 s.\ufffd[2J',
    '14:05:10  shop   7 of 60 samples were missed.',
  ]);
});

test('a run whose last figures came in late is shown with them', () => {
  const ended = { atMs, target: 'shop', run: '20261122T130510Z', numRequests: 480, numFailures: 1 } as const;

  expect(plain.runSettled({ ...ended, outcome: 'finished', durationMs: 50_000 })).toBe(
    '14:05:10  shop run 20261122T130510Z: the last figures came in late: 480 requests, 1 failure',
  );
});

test('the banner says where the data goes, which targets are read, and how to stop', () => {
  const banner = plain.banner({
    page: 'http://127.0.0.1:8787/#token',
    destination: '.local/influx/locust',
    registry: '.local/registry',
    targets: [
      { id: 'shop', url: 'http://localhost:8089' },
      { id: 'demo', url: 'http://127.0.0.1:4711', isDemo: true },
    ],
  });

  expect(banner.split('\n')).toEqual([
    'locust2influx',
    'Page and API at http://127.0.0.1:8787/#token',
    'Points go to .local/influx/locust',
    'Targets and runs are kept in .local/registry',
    'Targets:',
    '  demo  http://127.0.0.1:4711  (a simulated Locust)',
    '  shop  http://localhost:8089',
    'Points are written while a test runs. Ctrl-C stops.',
  ]);
  expect(plain.banner({ page: 'p', destination: 'a', registry: 'b', targets: [] })).toContain('No targets yet');
});

test('of many targets the banner names the first ten by id, and how many more there are', () => {
  const ids = Array.from({ length: 46 }, (_, index) => `shop-${String((index * 7) % 46).padStart(2, '0')}`);
  const targets = ids.map((id) => ({ id, url: 'http://localhost:8089' }));

  const lines = plain.banner({ page: 'p', destination: 'a', registry: 'b', targets }).split('\n');

  const shown = lines.slice(lines.indexOf('Targets:') + 1, -1);
  const tenIds = Array.from({ length: 10 }, (_, index) => `  shop-0${index}  http://localhost:8089`);
  expect(shown).toEqual([...tenIds, '  and 36 more']);
});

test('the banner warns where other machines reach the page', () => {
  const banner = plain.banner({ page: 'p', openTo: '0.0.0.0', destination: 'a', registry: 'b', targets: [] });

  expect(banner).toContain('listens on 0.0.0.0, beyond this machine and unencrypted: the tokens alone protect it');
});

test('text from outside cannot steer the terminal or break the line', () => {
  const evil = `a${escape}[2Jb\r\nc\u202ed\u0007\u009b1m\u2028`;
  const lines = [
    plain.sample({ ...sample, target: evil, state: evil }),
    plain.unreachable({ atMs, target: evil, kind: evil, message: evil }),
    plain.reachable({ atMs, target: evil, state: evil }),
    plain.runStarted({ atMs, target: evil, run: evil }),
    plain.influxChanged({
      atMs,
      state: influxTrouble({ outcome: 'rejected', status: 400, reason: evil, lines: 1 }),
      moment: 'delivery',
    }),
    plain.problem({ atMs, text: evil }),
    plain
      .banner({ page: evil, destination: evil, registry: evil, targets: [{ id: evil, url: evil }] })
      .replaceAll('\n', ''),
  ];

  for (const line of lines) {
    expect(line).toContain('a\ufffd[2Jb\ufffd\ufffdc\ufffdd\ufffd\ufffd1m\ufffd');
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  }
});

test('a long message is cut off', () => {
  expect(
    plain.unreachable({ atMs, target: 'shop', kind: 'tls', message: '\u{1f98b}'.repeat(10_000) }).length,
  ).toBeLessThan(320);
});
