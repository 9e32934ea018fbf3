import { expect, it, onTestFinished } from 'vitest';
import { ShardHold } from '../../../lambda/collector/hand-over/hold-shard.ts';
import { emptySummary } from '../../../lambda/collector/window-figures/summary.ts';
import type { Claims } from '../../../lambda/windows/claims.ts';
import { startRegistry } from '../../support/rigs/registry.ts';
import { patientClock } from '../../support/time/patient-clock.ts';

const scheduledAtMs = Date.parse('2026-11-22T14:05:00Z');
const share = { shard: 0, shards: 1 };

it.each(['takes the shard over', 'claims further instants'])(
  'a window whose claim is written, but answered too late, goes on: where it %s',
  async (what) => {
    const registry = await startRegistry();
    onTestFinished(() => registry.close());
    let [nowMs, writes] = [scheduledAtMs, 0];
    const lateAt = what === 'takes the shard over' ? 1 : 2;
    const claims: Claims = {
      ...registry.claims,
      async replace(...given) {
        const written = await registry.claims.replace(...given);
        writes += 1;
        if (writes === lateAt) throw new Error('no answer within 900 ms');
        return written;
      },
    };
    const failures = { ports: { observer: {} }, summary: emptySummary(share) };
    const clock = { ...patientClock, now: () => nowMs };
    const hold = new ShardHold({ claims, clock, share, kind: 'scheduled', scheduledAtMs, missed: () => 0, failures });

    await hold.takeOver();
    for (const seconds of [2, 14, 40]) {
      nowMs = scheduledAtMs + seconds * 1000;
      expect(await hold.claimInstant(nowMs, nowMs + 2_000)).toBe(true);
    }

    expect([hold.isHeld, hold.isTaken]).toEqual([true, false]);
    expect((await registry.claims.read(share))?.claimedUntilMs).toBeGreaterThanOrEqual(nowMs);
  },
);
