import { expect, onTestFinished, test } from 'vitest';
import { createReadingTurns } from '../../../lambda/locust/fetch/reading-turns.ts';
import type { BodyTurns } from '../../../lambda/locust/fetch/reading-turns.ts';
import { createLocustClient } from '../../../lambda/locust/fetch/fetch-report.ts';
import { startRawServer } from '../../support/locust/raw-server.ts';
import { bodyOf } from '../../support/locust/scripted-locust.ts';
import { patientClock } from '../../support/time/patient-clock.ts';

const kib = 1024;

/** Turns by hand: what is called once others have been served, and a clock that the test moves. */
function turnsByHand() {
  const later: (() => void)[] = [];
  const time = { passedMs: 0 };
  const turns = createReadingTurns(
    () => time.passedMs,
    (next) => later.push(next),
  );
  return {
    time,
    body: (): BodyTurns & { readonly calls: string[] } => {
      const calls: string[] = [];
      const note = (what: string) => () => void calls.push(what);
      return { calls, ...turns.open({ pause: note('pause'), resume: note('resume') }) };
    },
    /** Others are served. */
    serveOthers: () => {
      for (const next of later.splice(0)) next();
    },
    get isWaiting() {
      return later.length > 0;
    },
  };
}

test('once bodies were read for 25 ms, those above 64 KiB wait until others were served, the smallest goes on first', () => {
  const { time, body, serveOthers } = turnsByHand();
  const [large, larger, small] = [body(), body(), body()];
  large.took(200 * kib);
  time.passedMs = 25;
  large.took(300 * kib);
  larger.took(400 * kib);
  small.took(64 * kib);
  expect([large.calls, larger.calls, small.calls]).toEqual([['pause'], ['pause'], []]);

  serveOthers();
  expect([large.calls, larger.calls]).toEqual([['pause', 'resume'], ['pause']]);
  time.passedMs = 40;
  large.took(364 * kib);
  expect(large.calls).toEqual(['pause', 'resume']);

  serveOthers();
  expect(larger.calls).toEqual(['pause', 'resume']);
});

test('one that is given up while it waits is not resumed, and nothing is left to do', () => {
  const turns = turnsByHand();
  const body = turns.body();
  body.took(kib);
  turns.time.passedMs = 30;
  body.took(100 * kib);
  body.leave();
  body.took(200 * kib);
  turns.serveOthers();
  expect(body.calls).toEqual(['pause']);
  turns.serveOthers();
  expect(turns.isWaiting).toBe(false);
});

test('large answers are read whole, though they wait for their turn after each piece', async () => {
  const bytes = 2 * 1024 * kib;
  const body = bodyOf({ state: 'running', requests: 7 }).padEnd(bytes);
  const server = await startRawServer((socket) => {
    socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${bytes}\r\nconnection: close\r\n\r\n${body}`);
  });
  let usedMs = 0;
  const addressPolicy = { allowPrivate: false, allowLoopback: true };
  const client = createLocustClient({
    clock: patientClock,
    addressPolicy,
    cpuMs: () => (usedMs += 13),
  });
  onTestFinished(async () => {
    client.close();
    await server.close();
  });
  const url = `http://127.0.0.1:${server.port}`;

  const all = await Promise.all(Array.from({ length: 6 }, () => client.fetchReport({ url })));

  expect(all.map((each) => each.ok && each.report.total.numRequests)).toEqual(all.map(() => 7));
});
