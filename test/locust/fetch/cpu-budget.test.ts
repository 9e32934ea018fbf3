import { expect, onTestFinished, test } from 'vitest';
import { createCpuBudget, maxCpuMsPerTarget } from '../../../lambda/locust/fetch/cpu-budget.ts';
import { createLocustClient } from '../../../lambda/locust/fetch/fetch-report.ts';
import { startScriptedLocust } from '../../support/locust/scripted-locust.ts';
import { patientClock } from '../../support/time/patient-clock.ts';

test('a target whose answers took too much CPU is not asked again, and the others are', async () => {
  const [dear, plain] = await Promise.all([startScriptedLocust(), startScriptedLocust()]);
  let usedMs = 0;
  let stepMs = 0;
  const client = createLocustClient({
    clock: patientClock,
    addressPolicy: { allowPrivate: false, allowLoopback: true },
    cpuMs: () => (usedMs += stepMs),
  });
  onTestFinished(async () => {
    client.close();
    await Promise.all([dear.close(), plain.close()]);
  });
  const kindsOf = async (url: string): Promise<string[]> => {
    const kinds: string[] = [];
    for (let sample = 0; sample < 4; sample += 1) {
      const fetched = await client.fetchReport({ url });
      kinds.push(fetched.ok ? 'ok' : fetched.failure.kind);
    }
    return kinds;
  };

  // An answer in one piece is work in two parts.
  stepMs = maxCpuMsPerTarget / 4;
  expect(await kindsOf(dear.url)).toEqual(['ok', 'ok', 'too-costly', 'too-costly']);
  expect(dear.asked).toBe(2);
  const refused = await client.fetchReport({ url: dear.url });
  expect(refused).toMatchObject({ failure: { message: expect.stringContaining('2000 ms of CPU') as unknown } });

  stepMs = 5;
  expect(await kindsOf(plain.url)).toEqual(['ok', 'ok', 'ok', 'ok']);
});

test('the share is a target’s, whatever its URL: two of one URL do not share it, and a new URL brings no other', async () => {
  const [one, other] = await Promise.all([startScriptedLocust(), startScriptedLocust()]);
  let usedMs = 0;
  const client = createLocustClient({
    clock: patientClock,
    addressPolicy: { allowPrivate: false, allowLoopback: true },
    cpuMs: () => (usedMs += maxCpuMsPerTarget / 4),
  });
  onTestFinished(async () => {
    client.close();
    await Promise.all([one.close(), other.close()]);
  });
  const read = async (target: string, url: string): Promise<string> => {
    const fetched = await client.fetchReport({ target, url });
    return fetched.ok ? 'ok' : fetched.failure.kind;
  };

  for (const url of [one.url, other.url]) expect(await read('moving', url)).toBe('ok');
  for (const url of [one.url, other.url]) expect(await read('moving', url)).toBe('too-costly');
  expect(await read('staying', one.url)).toBe('ok');
});

test('work that throws has cost what it did', () => {
  let usedMs = 0;
  const used = (): number => usedMs;
  const budget = createCpuBudget({ cpuMs: used, passedMs: used });
  const fail = (): never => {
    usedMs += maxCpuMsPerTarget;
    throw new Error('no');
  };

  expect(() => budget.spend('http://a', fail)).toThrow('no');
  expect(budget.isSpent('http://a')).toBe(true);
  expect(budget.isSpent('http://b')).toBe(false);
});

test('what the clock counts while other work has the processor costs a target nothing', () => {
  let [cpuMs, passedMs] = [0, 0];
  const budget = createCpuBudget({ cpuMs: () => cpuMs, passedMs: () => passedMs });
  const work = (takesMs: number, waitsMs: number) => (): void => {
    cpuMs += takesMs;
    passedMs += takesMs + waitsMs;
  };

  for (let piece = 0; piece < 50; piece += 1) budget.spend('http://a', work(10, 190));
  expect(budget.isSpent('http://a')).toBe(false);
  // Small pieces add up to what they took.
  for (let piece = 0; piece < 200_000 && !budget.isSpent('http://b'); piece += 1)
    budget.spend('http://b', work(0.02, 0));
  expect(cpuMs).toBeGreaterThan(500 + maxCpuMsPerTarget - 1);
  expect(cpuMs).toBeLessThan(500 + maxCpuMsPerTarget + 100);
  expect(budget.isSpent('http://a')).toBe(false);
});
