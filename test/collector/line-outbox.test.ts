import { afterEach, beforeEach, expect, it } from 'vitest';
import { createMemory } from '../../lambda/collector/collector-memory.ts';
import { openOutbox } from '../../lambda/collector/open-outbox.ts';
import { emptySummary } from '../../lambda/collector/summary.ts';
import type { Deliverer } from '../../lambda/influx/deliver.ts';
import { createSpool } from '../../lambda/influx/spool.ts';
import { startFaultRig, startMs } from '../support/fault-rig.ts';
import type { FaultRig } from '../support/fault-rig.ts';

let rig: FaultRig;
beforeEach(async () => {
  rig = await startFaultRig();
});
afterEach(() => rig.close());

it('what waits in the spool goes when no live lines are under way, and not before', async () => {
  const { clock, ports, store } = rig;
  const asked: string[] = [];
  const answers: (() => void)[] = [];
  const deliverer: Deliverer = {
    async deliver(lines) {
      asked.push(lines.join());
      await new Promise<void>((resolve) => answers.push(resolve));
      return [{ outcome: 'delivered', lines }];
    },
    close: () => undefined,
  };
  await createSpool(store).put(['waited f=1 1'], startMs - 60_000);
  const summary = emptySummary({ shard: 0, shards: 1 });
  const { outbox } = openOutbox({ ports, memory: createMemory(), summary, deliverer, endMs: startMs + 60_000 });
  outbox.beginInstant(startMs + 10_000);
  for (const line of ['live f=1 1', 'live f=2 2']) {
    outbox.add([line]);
    outbox.flush();
  }

  answers[0]?.();
  await clock.quiet();
  expect(asked).toEqual(['live f=1 1', 'live f=2 2']);

  answers[1]?.();
  await clock.quiet();
  expect(asked).toEqual(['live f=1 1', 'live f=2 2', 'waited f=1 1']);
  answers[2]?.();
  await outbox.finish();
  expect(summary).toMatchObject({ pointsDelivered: 2, pointsReplayed: 1 });
});
