import { afterEach, beforeEach, expect, it } from 'vitest';
import { createMemory } from '../../../lambda/collector/collector-memory.ts';
import { openOutbox } from '../../../lambda/collector/outbox/open-outbox.ts';
import { emptySummary } from '../../../lambda/collector/window-figures/summary.ts';
import type { InfluxWriter } from '../../../lambda/influx/delivery/influx-writer.ts';
import { toLines } from '../../../lambda/influx/lines.ts';
import { createSpool } from '../../../lambda/influx/spool/spool.ts';
import { startFaultRig, startAtMs } from '../../support/rigs/fault-rig.ts';
import type { FaultRig } from '../../support/rigs/fault-rig.ts';

let rig: FaultRig;
beforeEach(async () => {
  rig = await startFaultRig();
});
afterEach(() => rig.close());

it('what waits in the spool goes when no live lines are under way, and not before', async () => {
  const { clock, ports, store } = rig;
  const asked: string[] = [];
  const answers: (() => void)[] = [];
  const writer: InfluxWriter = {
    async write({ text }) {
      asked.push(text);
      await new Promise<void>((resolve) => answers.push(resolve));
      return { outcome: 'delivered' };
    },
    close: () => undefined,
  };
  await createSpool(store).put(toLines(['waited f=1 1']), startAtMs - 60_000);
  const summary = emptySummary({ shard: 0, shards: 1 });
  const { outbox } = openOutbox({ ports, memory: createMemory(), summary, writer, endAtMs: startAtMs + 60_000 });
  outbox.beginInstant(startAtMs + 10_000);
  for (const line of ['live f=1 1', 'live f=2 2']) {
    outbox.add(toLines([line]));
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
