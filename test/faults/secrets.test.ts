import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startFaultRig, startAtMs } from '../support/rigs/fault-rig.ts';
import type { FaultRig } from '../support/rigs/fault-rig.ts';
import { withDeadlines } from '../support/time/hand-clock.ts';

let rig: FaultRig;
beforeEach(async () => {
  rig = await startFaultRig();
});
afterEach(() => rig.close());

describe('Parameter Store hangs', () => {
  it('for one target: it alone is not sampled, and the window ends in its time with its record kept', async () => {
    await rig.addTargets(3);
    const { ports } = rig;
    const collector = rig.collector({
      clock: withDeadlines(rig.clock),
      secretsOf: (target) => (target.id === 'target-000' ? new Promise(() => undefined) : ports.secretsOf(target)),
    });
    const summary = await rig.window({ scheduledTime: new Date(startAtMs).toISOString() }, collector);

    expect(summary).toMatchObject({ end: 'complete', pointsLost: 0 });
    expect(rig.problems.join()).toContain('reading the credentials of target-000');
    const totals = [...rig.influx.points.keys()].filter((series) => series.startsWith('locust_total,'));
    expect(totals).toHaveLength(2 * 6);
    expect((await rig.registry.runsOf('target-001'))[0]?.['timeline']).toHaveLength(6);
  });
});
