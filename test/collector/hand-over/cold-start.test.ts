import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CollectorPorts } from '../../../lambda/collector/window-context.ts';
import { minute, second, startCollectorRig } from '../../support/rigs/collector-rig.ts';
import type { CollectorRig } from '../../support/rigs/collector-rig.ts';

let rig: CollectorRig;
beforeEach(async () => {
  rig = await startCollectorRig();
});
afterEach(() => rig.close());

const at = (seconds: number): string => new Date(minute + seconds * second).toISOString();

/** What a process reads first comes late, or never. */
function coldPorts(firstRead: 'late' | 'failed'): Partial<CollectorPorts> {
  let reads = 0;
  return {
    claims: rig.clock.busy(rig.registry.claims),
    targets: {
      ...rig.ports.targets,
      async readWatched(share) {
        reads += 1;
        if (reads === 1) {
          await rig.clock.sleepUntil(rig.clock.now() + 3 * second);
          if (firstRead === 'failed') throw new Error('no connection');
        }
        return rig.ports.targets.readWatched(share);
      },
    },
  };
}

it.each(['late', 'failed'] as const)(
  'the window before goes on while a process that has just begun reads the tables, where its first answer is %s',
  async (firstRead) => {
    const claims = rig.clock.busy(rig.registry.claims);
    const locust = await rig.locust('shop', { state: 'running', requests: 1 }, { sampleSeconds: 2 });
    const first = rig.begin({ scheduledTime: at(0) }, { ports: { claims }, remainingMs: 135_000 });
    await rig.clock.advanceTo(minute + 60.2 * second);
    const next = rig
      .begin({ scheduledTime: at(60) }, { ports: coldPorts(firstRead), remainingMs: 135_000 })
      .catch((error: unknown) => (error instanceof Error ? error.message : error));
    await rig.clock.advanceTo(minute + 81 * second);
    locust.say({ state: 'stopped', requests: 2 });
    await rig.clock.runUntilDone(Promise.all([first, next]));

    const points = await rig.sink.points('locust_total');
    const stored = points
      .filter(({ fields }) => fields['state'] === 'running')
      .map(({ atMs }) => (atMs - minute) / second);
    expect(stored).toEqual(Array.from({ length: 41 }, (_, index) => index * 2));
    const told = await next;
    expect(told).toEqual(
      firstRead === 'failed' ? 'no connection' : expect.objectContaining({ missed: 0, samples: 10 }),
    );
    expect(await first).toMatchObject({ missed: 0 });
  },
);
