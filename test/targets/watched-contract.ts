import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTargetEdits } from '../../lambda/targets/edit-targets.ts';
import type { TargetEdits } from '../../lambda/targets/edit-targets.ts';
import { registerTarget } from '../../lambda/targets/register-target.ts';
import { straysPageItems } from '../../lambda/targets/stray-targets.ts';
import { targetSettings } from '../../lambda/targets/target.ts';
import type { Target, TargetStatus } from '../../lambda/targets/target.ts';
import { countReads } from '../support/rigs/count-reads.ts';
import type { Item, TestRegistry } from '../support/rigs/registry.ts';

const nowMs = Date.parse('2026-11-22T14:05:00Z');
const at = (seconds: number): string => new Date(nowMs + seconds * 1000).toISOString();
const weekSeconds = 7 * 24 * 3600;
const all = { shard: 0, shards: 1 };
const inRun: TargetStatus = { state: 'running', checkedAt: at(0), since: at(0), run: '20261122T140500Z' };
const atRest: TargetStatus = { state: 'stopped', checkedAt: at(1), since: at(1) };
/** As an item of an older version, or one put by hand. */
const unwatched: Item = { watched: undefined };

const recordOf = (more: Partial<Target> = {}): Omit<Target, 'status'> => ({
  ...targetSettings.parse({ id: 'shop', url: 'http://h:1', project: 'web' }),
  owner: 'admin',
  createdAt: at(0),
  updatedAt: at(0),
  version: 1,
  ...more,
});

/** What the index of watched targets has to do, on any DynamoDB. */
export function watchedContract(name: string, start: () => Promise<TestRegistry>): void {
  describe(`the watched targets in ${name}`, () => {
    let registry: TestRegistry;
    let edits: TargetEdits;
    beforeAll(async () => {
      registry = await start();
      edits = createTargetEdits(registry.client, 'Targets');
    });
    beforeEach(async () => {
      for (const id of ['shop', 'ci-1', 'dead']) await registry.deleteTarget(id);
    });
    afterAll(() => registry.close());

    const watched = async (): Promise<readonly string[]> => {
      const { targets, invalid } = await registry.targets.readWatched(all);
      return [...targets, ...invalid].map(({ id }) => id).toSorted();
    };
    const read = async (): Promise<Target> => {
      const [target] = (await registry.targets.readWatched(all)).targets;
      if (target === undefined) throw new Error('no target is watched');
      return target;
    };
    const removeAt = async (id: string): Promise<unknown> => (await registry.target(id))?.['removeAt'];

    it('are those that were written switched on and fetched, however they were written', async () => {
      await edits.write(recordOf({ id: 'shop' }), undefined);
      await edits.write(recordOf({ id: 'dead', enabled: false }), undefined);
      await edits.write(recordOf({ id: 'ci-1', source: 'report', url: undefined }), undefined);
      expect(await watched()).toEqual(['shop']);

      await registerTarget(
        { client: registry.client, table: 'Targets' },
        targetSettings.parse({ id: 'dead', url: 'http://h:2', project: 'local' }),
        nowMs,
      );
      expect(await watched()).toEqual(['dead', 'shop']);
    });

    it('stay watched while in a run, whatever is done to them, and are let go of after it', async () => {
      await edits.write(recordOf(), undefined);
      const before = await read();
      await registry.targets.writeStatus('shop', inRun, undefined);
      const off = await edits.write(recordOf({ enabled: false, version: 2 }), (await edits.find('shop'))?.mark);
      if (off === 'conflict') throw new Error('nobody else wrote');

      await registry.targets.unwatch(before);
      await registry.targets.unwatch(off);
      expect(await watched()).toEqual(['shop']);

      await registry.targets.writeStatus('shop', atRest, inRun.run);
      await registry.targets.unwatch(before);
      expect(await watched()).toEqual(['shop']);
      await registry.targets.unwatch(off);
      expect(await watched()).toEqual([]);
    });

    it('are those that report as well, but only while they are in a run', async () => {
      await edits.write(recordOf({ id: 'ci-1', source: 'report', url: undefined }), undefined);
      await registry.targets.writeStatus('ci-1', inRun, undefined);
      expect(await watched()).toEqual(['ci-1']);

      await registry.targets.writeStatus('ci-1', atRest, inRun.run);
      await registry.targets.unwatch(await read());
      expect(await watched()).toEqual([]);
    });

    it('are checked against the schema once for each change', async () => {
      await edits.write(recordOf(), undefined);
      const first = await read();
      expect(await read()).toBe(first);

      await registry.targets.writeStatus('shop', inRun, undefined);
      expect((await read()).status).toEqual(inRun);
      // By hand: neither the version nor any instant says that something changed.
      await registry.putTarget({ ...(await registry.target('shop')), sampleSeconds: 5 });
      expect((await read()).sampleSeconds).toBe(5);
    });

    it('are found where an older version wrote them, and none that has nothing to be watched for', async () => {
      await registry.putTarget({ id: 'shop', url: 'http://h:1', ...unwatched });
      await registry.putTarget({ id: 'dead', url: 'http://h:1', expiresAt: at(-1), ...unwatched });
      await registry.putTarget({ id: 'ci-1', source: 'report', ...unwatched });
      await registry.putTarget({ id: 'off', url: 'http://h:1', enabled: false, ...unwatched });
      await registry.putTarget({ id: 'off-in-run', url: 'http://h:1', enabled: false, status: inRun, ...unwatched });
      await registry.putTarget({ id: 'odd', url: 'ftp://h', ...unwatched });

      const found = await registry.targets.adoptStrays(all, { after: undefined, nowMs });

      expect(found.targets.map(({ id }) => id).toSorted()).toEqual(['off-in-run', 'shop']);
      expect(found.invalid.map(({ id }) => id)).toEqual(['odd']);
      expect(found.after).toBeUndefined();
      expect(await watched()).toEqual(['odd', 'off-in-run', 'shop']);
      expect(await registry.targets.adoptStrays(all, { after: undefined, nowMs })).toMatchObject({ targets: [] });
      for (const id of ['off', 'off-in-run', 'odd']) await registry.deleteTarget(id);
    });

    it('are looked for a page at a time, each of a bounded number of items, and every item is come to', async () => {
      const ids = Array.from({ length: 1_100 }, (_, index) => `old-${index}`);
      await registry.putTargets(ids.map((id) => ({ id, url: 'http://h:1', enabled: false, ...unwatched })));
      await registry.putTarget({ id: 'shop', url: 'http://h:1', ...unwatched });
      const count = countReads(registry.client);
      const found: string[] = [];
      let after: string | undefined;
      do {
        Object.assign(count, { requests: 0, read: 0, lookedAt: 0 });
        const page = await registry.targets.adoptStrays(all, { after, nowMs });
        expect(count.lookedAt).toBeLessThanOrEqual(straysPageItems);
        found.push(...page.targets.map(({ id }) => id));
        after = page.after;
      } while (after !== undefined);

      expect(found).toEqual(['shop']);
      for (const id of ids) await registry.deleteTarget(id);
    });

    it('that registered themselves are removed a week after they have expired; others and those with secrets never', async () => {
      const ci = { id: 'ci-1', owner: 'reporter', expiresAt: at(60) } as const;
      const made = await edits.write(recordOf(ci), undefined);
      expect(await removeAt('ci-1')).toBe(nowMs / 1000 + 60 + weekSeconds);
      if (made === 'conflict') throw new Error('nobody else wrote');
      const mark = async () => (await edits.find('ci-1'))?.mark;

      await edits.write(recordOf({ ...ci, expiresAt: at(90), version: 2 }), await mark());
      expect(await removeAt('ci-1')).toBe(nowMs / 1000 + 90 + weekSeconds);
      await edits.write(recordOf({ ...ci, secretsRef: 'r1', version: 3 }), await mark());
      expect(await removeAt('ci-1')).toBeUndefined();
      await edits.write(recordOf({ ...ci, expiresAt: undefined, version: 4 }), await mark());
      expect(await removeAt('ci-1')).toBeUndefined();
      await edits.write(recordOf({ id: 'shop', expiresAt: at(60) }), undefined);
      expect(await removeAt('shop')).toBeUndefined();
    });

    it('of an older version that registered themselves are given the instant of their removal', async () => {
      await registry.putTarget({ id: 'ci-1', url: 'http://h:1', owner: 'reporter', expiresAt: at(-9), ...unwatched });
      await registry.putTarget({ id: 'dead', url: 'http://h:1', expiresAt: at(-9), ...unwatched });

      expect((await registry.targets.adoptStrays(all, { after: undefined, nowMs })).targets).toEqual([]);

      expect(await removeAt('ci-1')).toBe(nowMs / 1000 - 9 + weekSeconds);
      expect(await removeAt('dead')).toBeUndefined();
    });
  });
}
