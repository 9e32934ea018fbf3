import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noFigures } from '../../lambda/locust/rows.ts';
import { registerTarget } from '../../lambda/registry/register-target.ts';
import { targetSettings } from '../../lambda/registry/target.ts';
import type { TargetStatus } from '../../lambda/registry/target.ts';
import type { Run } from '../../lambda/runs/run.ts';
import type { TimelineSample } from '../../lambda/runs/timeline.ts';
import type { TestRegistry } from '../support/registry.ts';

const at = (seconds: number): string => new Date(Date.parse('2026-11-22T14:05:00Z') + seconds * 1000).toISOString();
const statusAt = (seconds: number, more: Partial<TargetStatus> = {}): TargetStatus => ({
  state: 'ready',
  checkedAt: at(seconds),
  since: at(seconds),
  ...more,
});
const owner = { target: 'shop', project: 'web' };

function run(id: string, seconds: number, more: Partial<Run> = {}): Run {
  const timeline: TimelineSample[] = [[0, 5, 1.25, null, 9, null]];
  return {
    id,
    startedAtMs: Date.parse(at(0)),
    lastGoodAtMs: Date.parse(at(seconds)),
    lastState: 'running',
    total: { ...noFigures, numRequests: 7, currentRps: 0.1, percentiles: [{ label: '99_9', value: 5 }] },
    peakUsers: 5,
    timeline,
    ...more,
  };
}

/** What both tables have to do, on any DynamoDB. */
export function registryContract(name: string, start: () => Promise<TestRegistry>): void {
  describe(`the registry in ${name}`, () => {
    let registry: TestRegistry;
    beforeAll(async () => {
      registry = await start();
    });
    afterAll(() => registry.close());

    it('reads every target once, whatever the number of shards', async () => {
      const ids = Array.from({ length: 250 }, (_, index) => `many-${index}`).sort();
      const padding = 'x'.repeat(9_000);
      for (const id of ids) await registry.putTarget({ id, url: 'http://h:1', tls: { ca: padding } });

      for (const shards of [1, 3, 7]) {
        const shares = await Promise.all(
          Array.from({ length: shards }, (_, shard) => registry.targets.scan({ shard, shards })),
        );
        const seen = shares.flatMap(({ targets }) => targets.map((target) => target.id)).sort();
        expect(seen).toEqual(ids);
      }
      for (const id of ids) await registry.deleteTarget(id);
    });

    it('reports an item that is no target, by field and without its values, and reads the others', async () => {
      await registry.putTarget({ id: 'good', url: 'http://h:1', unknown: 'is left alone' });
      await registry.putTarget({ id: 'odd', url: 'http://u:secret@h', sampleSeconds: 3, tags: { run: 'x' } });

      const { targets, unfit } = await registry.targets.scan({ shard: 0, shards: 1 });

      expect(targets.map(({ id }) => id)).toEqual(['good']);
      expect(targets[0]).toMatchObject({ enabled: true, sampleSeconds: 10, states: ['running'], maxEndpoints: 500 });
      expect(unfit.map(({ id }) => id)).toEqual(['odd']);
      expect(unfit[0]?.problem).toMatch(/url: credentials.*sampleSeconds.*tags/);
      expect(unfit[0]?.problem).not.toContain('secret');
      await registry.deleteTarget('odd');
      await registry.deleteTarget('good');
    });

    it('a status that fits no more is as good as none', async () => {
      await registry.putTarget({ id: 'good', url: 'http://h:1', status: { checkedAt: 5 } });

      const { targets } = await registry.targets.scan({ shard: 0, shards: 1 });

      expect(targets[0]?.status).toBeUndefined();
      await registry.deleteTarget('good');
    });

    it('a status is written where the run is the one that was known, and told apart where it is not', async () => {
      await registry.putTarget({ id: 'shop', url: 'http://h:1' });
      const write = registry.targets.writeStatus.bind(registry.targets);

      expect(await write('shop', statusAt(0, { run: 'A' }), undefined)).toEqual({ result: 'written' });
      expect(await write('shop', statusAt(1, { run: 'B' }), undefined)).toEqual({
        result: 'conflict',
        status: statusAt(0, { run: 'A' }),
      });
      expect(await write('shop', statusAt(2), 'B')).toMatchObject({ result: 'conflict' });
      expect(await write('shop', statusAt(3), 'A')).toEqual({ result: 'written' });
      expect(await write('shop', statusAt(4, { run: 'C' }), 'A')).toMatchObject({ result: 'conflict' });
      expect(await registry.target('shop')).toMatchObject({ url: 'http://h:1', status: statusAt(3) });
    });

    it('a target that was removed is not brought back by its status', async () => {
      expect(await registry.targets.writeStatus('nobody', statusAt(0), undefined)).toEqual({ result: 'gone' });
      expect(await registry.target('nobody')).toBeUndefined();
    });

    it('of many that claim a start at once, one gets it', async () => {
      await registry.putTarget({ id: 'busy', url: 'http://h:1' });

      const claims = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          registry.targets.writeStatus('busy', statusAt(0, { run: `R${index}` }), undefined),
        ),
      );

      expect(claims.filter(({ result }) => result === 'written')).toHaveLength(1);
      expect(claims.filter(({ result }) => result === 'conflict')).toHaveLength(19);
    });

    it('a run comes back as it was saved', async () => {
      await registry.runs.save(run('A', 10), owner);

      const runs = await registry.runs.read([
        { target: 'shop', run: 'A' },
        { target: 'other', run: 'A' },
      ]);

      expect([...runs]).toEqual([['shop', run('A', 10)]]);
    });

    it('an earlier sample does not overwrite a later one, nor anything an end', async () => {
      await registry.runs.save(run('B', 30, { peakUsers: 9 }), owner);
      await registry.runs.save(run('B', 20), owner);
      expect((await registry.runs.read([{ target: 'shop', run: 'B' }])).get('shop')?.peakUsers).toBe(9);

      const ended = run('B', 40, { ended: { atMs: Date.parse(at(50)), outcome: 'finished' } });
      await registry.runs.save(ended, owner);
      await registry.runs.save(run('B', 60), owner);

      expect((await registry.runs.read([{ target: 'shop', run: 'B' }])).get('shop')).toEqual(ended);
    });

    it('reads the runs of more targets than one request takes', async () => {
      const keys = Array.from({ length: 230 }, (_, index) => ({ target: `t${index}`, run: 'A' }));
      for (const { target } of keys) await registry.runs.save(run('A', 1), { target, project: 'p' });

      expect((await registry.runs.read(keys)).size).toBe(230);
      expect((await registry.runs.read([])).size).toBe(0);
    });

    it('registering again changes the URL and keeps the rest', async () => {
      const table = { client: registry.client, table: 'Targets' };
      const settings = targetSettings.parse({ id: 'again', url: 'http://one:8089/', project: 'local' });
      await registerTarget(table, settings, Date.parse(at(0)));
      await registry.targets.writeStatus('again', statusAt(1), undefined);
      const other = targetSettings.parse({ id: 'again', url: 'http://two:8089', project: 'other', sampleSeconds: 5 });

      await registerTarget(table, other, Date.parse(at(2)));

      expect(await registry.target('again')).toMatchObject({
        url: 'http://two:8089',
        project: 'local',
        sampleSeconds: 10,
        createdAt: at(0),
        updatedAt: at(2),
        version: 2,
        status: { state: 'ready' },
      });
    });
  });
}
