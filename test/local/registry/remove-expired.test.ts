import { expect, it, onTestFinished } from 'vitest';
import { keepRemovingExpired, removeExpired } from '../../../infra/local/registry/remove-expired.ts';
import { startRegistry } from '../../support/rigs/registry.ts';
import type { TestRegistry } from '../../support/rigs/registry.ts';
import { patientClock } from '../../support/time/patient-clock.ts';

const nowMs = Date.parse('2026-11-22T14:05:00.500Z');
const nowSeconds = Math.floor(nowMs / 1000);

async function registryWithTargets(): Promise<TestRegistry> {
  const registry = await startRegistry();
  onTestFinished(() => registry.close());
  await registry.putTargets([
    { id: 'due', removeAt: nowSeconds, note: 'x'.repeat(300_000) },
    ...Array.from({ length: 6 }, (_, index) => ({ id: `long-ago-${index}`, removeAt: 1, note: 'x'.repeat(300_000) })),
    { id: 'not-yet', removeAt: nowSeconds + 1 },
    { id: 'of-a-person' },
  ]);
  return registry;
}

it('targets whose time has come are removed, however many, and no others', async () => {
  const registry = await registryWithTargets();

  const removed = await removeExpired(registry.client, 'Targets', nowMs);

  expect(removed.toSorted()).toEqual(['due', ...Array.from({ length: 6 }, (_, index) => `long-ago-${index}`)]);
  expect(await registry.target('due')).toBeUndefined();
  expect(await registry.target('not-yet')).toBeDefined();
  expect(await registry.target('of-a-person')).toBeDefined();
});

it.each([
  ['Targets', 0],
  ['none', 3],
])('that goes on every hour, whatever goes wrong, until it is to stop: %s', async (table, failures) => {
  const registry = await registryWithTargets();
  const stop = new AbortController();
  let hours = 0;
  const hourMs = 3_600_000;
  const clock = {
    ...patientClock,
    now: () => nowMs + hours * hourMs,
    sleepUntil(untilMs: number) {
      hours += 1;
      expect(untilMs).toBe(nowMs + hours * hourMs);
      if (hours === 3) stop.abort();
      return Promise.resolve();
    },
  };
  const failed: unknown[] = [];

  const parts = { client: registry.client, table, clock, failed: (error: unknown) => void failed.push(error) };
  await keepRemovingExpired(parts, stop.signal);

  expect(hours).toBe(3);
  expect(failed).toHaveLength(failures);
  expect((await registry.target('not-yet')) === undefined).toBe(table === 'Targets');
});
