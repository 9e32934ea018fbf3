import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noFigures } from '../../lambda/locust/report/rows.ts';
import { registerTarget } from '../../lambda/targets/register-target.ts';
import { targetSettings } from '../../lambda/targets/target.ts';
import type { TargetStatus } from '../../lambda/targets/target.ts';
import type { Run } from '../../lambda/runs/run.ts';
import type { TimelineSample } from '../../lambda/runs/timeline.ts';
import type { TestRegistry } from '../support/rigs/registry.ts';

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
          Array.from({ length: shards }, (_, shard) => registry.targets.readWatched({ shard, shards })),
        );
        const seen = shares.flatMap(({ targets }) => targets.map((target) => target.id)).sort();
        expect(seen).toEqual(ids);
      }
      for (const id of ids) await registry.deleteTarget(id);
    });

    it('reports an item that is no target, by field and without its values, and reads the others', async () => {
      await registry.putTarget({ id: 'good', url: 'http://h:1', unknown: 'is left alone' });
      await registry.putTarget({ id: 'odd', url: 'http://u:secret@h', sampleSeconds: 3, tags: { run: 'x' } });

      const { targets, invalid } = await registry.targets.readWatched({ shard: 0, shards: 1 });

      expect(targets.map(({ id }) => id)).toEqual(['good']);
      expect(targets[0]).toMatchObject({
        enabled: true,
        sampleSeconds: 10,
        states: ['spawning', 'running'],
        maxEndpoints: 500,
        maxErrors: 50,
      });
      expect(invalid.map(({ id }) => id)).toEqual(['odd']);
      expect(invalid[0]?.problem).toMatch(/url: credentials.*sampleSeconds.*tags/);
      expect(invalid[0]?.problem).not.toContain('secret');
      await registry.deleteTarget('odd');
      await registry.deleteTarget('good');
    });

    it('a status that fits no more is as good as none', async () => {
      await registry.putTarget({ id: 'good', url: 'http://h:1', status: { checkedAt: 5 } });

      const { targets } = await registry.targets.readWatched({ shard: 0, shards: 1 });

      expect(targets[0]?.status).toBeUndefined();
      await registry.deleteTarget('good');
    });

    it('a status is written where the run is the one that was known, and refused where it is not', async () => {
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

      expect([...runs]).toEqual([['shop', { ...run('A', 10), revision: 1 }]]);
    });

    it('an earlier sample does not overwrite a later one, nor anything an end, and peaks are kept', async () => {
      await registry.runs.save(run('B', 30, { peakUsers: 9 }), owner);
      await registry.runs.save(run('B', 20), owner);
      expect((await registry.runs.read([{ target: 'shop', run: 'B' }])).get('shop')?.peakUsers).toBe(9);

      const ended = run('B', 40, { ended: { atMs: Date.parse(at(50)), outcome: 'finished' } });
      await registry.runs.save(ended, owner);
      await registry.runs.save(run('B', 60), owner);

      expect((await registry.runs.read([{ target: 'shop', run: 'B' }])).get('shop')).toEqual({
        ...ended,
        peakUsers: 9,
        revision: 2,
      });
      const otherEnd = run('B', 41, { ended: { atMs: Date.parse(at(51)), outcome: 'finished' } });
      expect(await registry.runs.save(otherEnd, owner)).toMatchObject({ ended: ended.ended });
      expect(await registry.runs.save(ended, owner)).toMatchObject({ ended: ended.ended });
    });

    it('of two that write a run at the same time both are on record', async () => {
      const sample = (seconds: number): TimelineSample => [seconds, seconds, 1, 0, 9, 31];
      const known = await registry.runs.save(run('C', 10, { timeline: [sample(0), sample(10)] }), owner);
      const { revision } = known ?? {};

      const saved = await Promise.all(
        Array.from({ length: 5 }, (_, index) => {
          const seconds = 20 + 10 * index;
          const timeline = [sample(0), sample(10), sample(seconds)];
          return registry.runs.save(run('C', seconds, { timeline, peakUsers: seconds, revision }), owner);
        }),
      );

      expect(saved.every((each) => each !== undefined)).toBe(true);
      const record = (await registry.runs.read([{ target: 'shop', run: 'C' }])).get('shop');
      expect(record?.timeline.map(([seconds]) => seconds)).toEqual([0, 10, 20, 30, 40, 50, 60]);
      expect(record).toMatchObject({ peakUsers: 60, lastGoodAtMs: Date.parse(at(60)), revision: 6 });
      expect(await registry.runs.replace(run('C', 70), owner, known)).toBeUndefined();
      expect(await registry.runs.replace(run('C', 70), owner, record)).toMatchObject({ revision: 7 });
      expect(await registry.runs.replace(run('C', 70), owner, undefined)).toBeUndefined();
    });

    it('a run stays the reporter’s whose target it was when it began, whoever takes the target over', async () => {
      const reporters = { ...owner, owner: 'reporter' as const };
      const ofAdmin = { ...owner, owner: 'admin' as const };
      const begun = await registry.runs.save(run('E', 10), reporters);
      const { revision } = begun ?? {};
      // By the window that follows it, by one that knows no record of it, and by one that has read it.
      await registry.runs.save({ ...run('E', 20), owner: begun?.owner, revision }, ofAdmin);
      await registry.runs.save(run('E', 30), ofAdmin);
      const record = (await registry.runs.read([{ target: 'shop', run: 'E' }])).get('shop');
      await registry.runs.replace({ ...record, ...run('E', 40), owner: record?.owner }, ofAdmin, record);

      expect((await registry.runsOf('shop')).find((item) => item['run'] === 'E')).toMatchObject({
        owner: 'reporter',
        lastGoodAt: at(40),
      });
    });

    it('a record from before revisions were counted is gone on from', async () => {
      await registry.runs.save(run('D', 10), owner);
      const key = { TableName: 'Runs', Key: { target: 'shop', run: 'D' } };
      await registry.client.send(new UpdateCommand({ ...key, UpdateExpression: 'REMOVE revision' }));

      const record = (await registry.runs.read([{ target: 'shop', run: 'D' }])).get('shop');
      expect(record).toMatchObject({ revision: 0 });
      expect(await registry.runs.save({ ...run('D', 20), revision: record?.revision }, owner)).toMatchObject({
        revision: 1,
      });
      expect(await registry.runs.save({ ...run('D', 30), revision: 0 }, owner)).toMatchObject({ revision: 2 });
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
