import { expect, it } from 'vitest';
import { createClock } from '../../lambda/runtime/clock.ts';

const [second, minute, hour] = [1_000, 60_000, 3_600_000];
const startAtMs = Date.parse('2026-11-22T14:05:00Z');

/** A machine whose time is set by so many ms, once so much has passed. Timers fire `earlyMs` early. */
function sleepOn({ setAfterMs = Infinity, setByMs = 0, earlyMs = 0 }): (forMs: number) => Promise<number> {
  let passedMs = 0;
  const nowMs = (): number => startAtMs + passedMs + (passedMs >= setAfterMs ? setByMs : 0);
  const sleep = (forMs: number): Promise<void> => {
    passedMs += Math.max(0.1, forMs - earlyMs);
    return Promise.resolve();
  };
  const clock = createClock({ nowMs, passedMs: () => passedMs, sleep });
  return async (forMs) => {
    await clock.sleepUntil(startAtMs + forMs);
    return passedMs;
  };
}

it('sleeps until the instant, also where timers fire early', async () => {
  expect(await sleepOn({})(10 * second)).toBe(10 * second);
  expect(await sleepOn({ earlyMs: 0.9 })(10 * second)).toBeGreaterThanOrEqual(10 * second);
  expect(await sleepOn({})(-10 * second)).toBe(0);
});

it('sleeps no longer than was left when the machine’s time is set back', async () => {
  const passedMs = await sleepOn({ setAfterMs: 5 * second, setByMs: -hour })(10 * second);

  expect(passedMs).toBeGreaterThanOrEqual(10 * second);
  expect(passedMs).toBeLessThanOrEqual(12 * second);
});

it('wakes within a second when the machine’s time is set beyond the instant', async () => {
  expect(await sleepOn({ setAfterMs: 5 * second, setByMs: 24 * hour })(hour)).toBeLessThanOrEqual(6 * second);
});

it('comes at the machine’s own instant where its time is moved in small steps', async () => {
  expect(await sleepOn({ setAfterMs: second, setByMs: -30 })(minute)).toBe(minute + 30);
});
