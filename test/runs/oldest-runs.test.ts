import { afterAll, beforeAll, expect, it } from 'vitest';
import { noFigures } from '../../lambda/locust/report/rows.ts';
import { createRuns } from '../../lambda/runs/records/runs.ts';
import type { Run } from '../../lambda/runs/run.ts';
import { startRegistry } from '../support/rigs/registry.ts';
import type { TestRegistry } from '../support/rigs/registry.ts';

let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.close());

const owner = { target: 'many', project: 'web' };
const run = (id: string, more: Partial<Run> = {}): Run => ({
  ...{ id, startedAtMs: 0, lastGoodAtMs: 10, lastState: 'running', total: noFigures, peakUsers: 5, timeline: [] },
  ...more,
});

it('of a target the newest runs stay, and others go with their figures when one of many begins, by chance', async () => {
  let chance = 0.5;
  const runs = createRuns(registry.client, 'Runs', { maxRuns: 3, random: () => chance });
  const key = (id: string) => ({ target: 'many', run: id });
  for (const id of ['A', 'B', 'C', 'D', 'E']) {
    await runs.save(run(id), owner);
    await runs.saveResult(key(id), { countedMs: 1, truncated: false, endpoints: [], errors: [] }, { isSent: false });
  }
  await runs.save(run('A'), { ...owner, target: 'other' });
  const kept = async () => (await registry.runsOf('many')).map((item) => item['run']);
  expect(await kept()).toEqual(['A', 'B', 'C', 'D', 'E']);

  chance = 0;
  // One that goes on removes nothing.
  await runs.save(run('E', { lastGoodAtMs: 20, revision: 1 }), owner);
  expect(await kept()).toHaveLength(5);
  await runs.save(run('F'), owner);

  expect(await kept()).toEqual(['D', 'E', 'F']);
  expect(await runs.readResult(key('C'))).toBeUndefined();
  expect(await runs.readResult(key('D'))).toMatchObject({ countedMs: 1 });
  expect(await registry.runsOf('other')).toHaveLength(1);
});
