import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, onTestFinished } from 'vitest';
import { startFaultRig, startAtMs, sumOf, timesStored } from '../../support/rigs/fault-rig.ts';
import type { FaultRig } from '../../support/rigs/fault-rig.ts';

const targetCount = 40;
const minuteMs = 60_000;
const testMinutes = 10;
/** Fewer for a look at the test itself. */
const hours = Number(process.env['FAULT_HOURS'] ?? 24);

/** When a target's tests begin, in minutes since the day's start: two a day, spread over all of it. */
const startsOf = (index: number): readonly number[] => [(index * 7) % 710, 720 + ((index * 7) % 710)];
const indexOf = (id: string): number => Number(id.slice('target-'.length));

function stateAt(id: string, minute: number): string {
  const starts = startsOf(indexOf(id));
  if (starts.some((start) => minute >= start && minute < start + testMinutes)) return 'running';
  return starts.some((start) => minute >= start + testMinutes) ? 'stopped' : 'ready';
}

/** As Locust does: counters begin anew with each test, and stand still after it. */
function countersOf(): (id: string, state: string) => number {
  const seen = new Map<string, { readonly state: string; readonly requests: number }>();
  return (id, state) => {
    const { state: before, requests: counted = 0 } = seen.get(id) ?? {};
    const requests = state !== 'running' ? counted : before === 'running' ? counted + 1 : 1;
    seen.set(id, { state, requests });
    return requests;
  };
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

it(`${hours} hours, ${targetCount} targets: the run history equals the script, and memory stays flat`, async () => {
  // Late binding: the Locusts look at the rig's clock.
  const clock: { rig?: FaultRig } = {};
  const requestsOf = countersOf();
  const rig = await startFaultRig((id) => {
    const state = stateAt(id, ((clock.rig?.clock.now() ?? startAtMs) - startAtMs) / minuteMs);
    return { state, requests: requestsOf(id, state) };
  });
  clock.rig = rig;
  onTestFinished(() => rig.close());
  const ids = await rig.addTargets(targetCount, { sampleSeconds: 20 });
  const heapMb: number[] = [];
  const totals = { samples: 0, missing: 0, more: 0, lost: 0, failures: 0 };
  for (let hour = 0; hour < hours; hour += 1) {
    // An outage of InfluxDB every sixth hour.
    await rig.influx.behave(hour % 6 === 4 ? 'is-down' : 'works');
    await rig.minutes(55);
    await rig.influx.behave('works');
    await rig.minutes(5);
    const { missing, once, more } = timesStored(rig);
    totals.samples += once + missing + more;
    totals.missing += missing;
    totals.more += more;
    totals.lost += sumOf(rig.summaries, 'pointsLost');
    totals.failures += sumOf(rig.summaries, 'platformFailures');
    rig.forget();
    collectGarbage();
    heapMb.push(Math.round(process.memoryUsage().heapUsed / 1e6));
  }
  process.stdout.write(`a day: ${JSON.stringify({ ...totals, heapMbByHour: heapMb })}\n`);
  const at = (minute: number): string => new Date(startAtMs + minute * minuteMs).toISOString();
  for (const id of ids) {
    const expected = startsOf(indexOf(id))
      .filter((start) => start < hours * 60)
      .map((start) => {
        const isOver = start + testMinutes < hours * 60;
        return { startedAt: at(start), ...(isOver && { outcome: 'finished', endedAt: at(start + testMinutes) }) };
      });
    const runs = await rig.registry.runsOf(id);
    expect(runs).toHaveLength(expected.length);
    expect(runs).toMatchObject(expected);
  }
  expect(totals).toMatchObject({ missing: 0, more: 0, lost: 0 });
  const [early, late] = [Math.max(...heapMb.slice(0, 3)), Math.min(...heapMb.slice(-3))];
  expect(late - early).toBeLessThan(15);
}, 1_500_000);
