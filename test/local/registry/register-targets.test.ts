import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseOptions } from '../../../infra/local/options.ts';
import { registerTargets } from '../../../infra/local/registry/register-targets.ts';
import { createStopping } from '../../../infra/local/stopping.ts';
import { noFigures } from '../../../lambda/locust/report/rows.ts';
import { systemClock as clock } from '../../../lambda/runtime/clock.ts';
import { startRegistry } from '../../support/rigs/registry.ts';
import type { TestRegistry } from '../../support/rigs/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.close());

const startWithout = async (): ReturnType<typeof registerTargets> => {
  const stopping = createStopping();
  const { client, runs } = registry;
  const targets = await registerTargets({ options: parseOptions([], {}), clock, stopping, client, runs });
  await stopping.stopAll();
  return targets;
};
const demo = { id: 'demo', url: 'http://127.0.0.1:1', project: 'make-believe' };

it('the simulated Locust of a start that was ended in a run is gone, and its run is lost, not running for ever', async () => {
  const at = '2026-11-22T14:06:00.000Z';
  const run = {
    id: '20261122T140500Z',
    startedAtMs: Date.parse('2026-11-22T14:05:00.000Z'),
    lastGoodAtMs: Date.parse(at),
    lastState: 'running',
    total: noFigures,
    peakUsers: 50,
    timeline: [],
  };
  await registry.runs.save(run, { target: 'demo', project: 'make-believe' });
  const status = { state: 'running', run: run.id, checkedAt: at, since: at };
  await registry.putTarget({ ...demo, status });

  await startWithout();

  expect(await registry.target('demo')).toBeUndefined();
  expect(await registry.runsOf('demo')).toMatchObject([{ outcome: 'lost', endedAt: at, peakUsers: 50 }]);
});

it('a target that somebody put into the same project, or made of the simulated one, stays', async () => {
  await registry.putTarget({ ...demo, id: 'mine' });
  await registry.putTarget({ ...demo, project: 'web' });

  await startWithout();

  expect(await registry.target('mine')).toMatchObject({ project: 'make-believe' });
  expect(await registry.target('demo')).toMatchObject({ project: 'web' });
});

it('a start names all targets that are on, those too that report by themselves', async () => {
  await registry.putTarget({ id: 'ci-shop', source: 'report', project: 'shop' });
  await registry.putTarget({ id: 'ci-old', source: 'report', project: 'shop', enabled: false });

  await registry.putTarget({ id: 'ci-over', source: 'report', project: 'shop', expiresAt: '2026-11-22T14:05:00.000Z' });

  const targets = await startWithout();

  expect(targets).toContainEqual({ id: 'ci-shop', url: 'reports by itself', isDemo: false });
  const ids = targets.map(({ id }) => id);
  expect(ids).not.toContain('ci-old');
  expect(ids, 'nothing is collected from a target whose time is over').not.toContain('ci-over');
});
