import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { toLines } from '../../../lambda/influx/lines.ts';
import { createDeadLetters } from '../../../lambda/influx/spool/dead-letters.ts';
import { createSpool, totalsOf } from '../../../lambda/influx/spool/spool.ts';
import type { SpoolStore } from '../../../lambda/influx/spool/spool-store.ts';
import { waitingEntries } from '../../support/influx/kept-lines.ts';
import { damageContract } from './damage-contract.ts';

const noon = Date.parse('2026-11-22T12:00:00Z');
const line = (index: number): string => `locust_total,target=shop,name=a\\ b num_requests=${index}i 1795348800000`;

/** What has to hold for every place where lines wait. @param open an empty one, and the same one again */
export function spoolContract(kind: string, open: () => Promise<() => Promise<SpoolStore>>): void {
  damageContract(kind, async () => (await open())());
  describe(`lines that wait in ${kind}`, () => {
    it('come back as they were, oldest first, in whatever order they were written, and by whom', async () => {
      const reopen = await open();
      await createSpool(await reopen()).put(toLines([line(3)]), noon + 20_000);
      await createSpool(await reopen()).put(toLines([line(1), 'üñí,t="🦗\\"" a="b c"']), noon);
      await createSpool(await reopen()).put(toLines([line(2)]), noon + 9_999);

      const spool = createSpool(await reopen());
      const entries = await spool.list();
      expect(entries.map(({ writtenAtMs }) => writtenAtMs - noon)).toEqual([0, 9_999, 20_000]);
      expect(await waitingEntries(await reopen())).toEqual([[line(1), 'üñí,t="🦗\\"" a="b c"'], [line(2)], [line(3)]]);
    });

    it('are there once when they are written twice', async () => {
      const spool = createSpool(await (await open())());
      await Promise.all([spool.put(toLines([line(1)]), noon), spool.put(toLines([line(1)]), noon)]);
      await spool.put(toLines([line(2)]), noon);
      expect(await spool.list()).toHaveLength(2);
    });

    it('are gone once they are removed, which may be done twice', async () => {
      const spool = createSpool(await (await open())());
      await spool.put(toLines([line(1)]), noon);
      const [entry] = await spool.list();
      const key = entry?.key ?? '';
      await Promise.all([spool.remove(key), spool.remove(key)]);
      expect(await spool.list()).toEqual([]);
      expect(await spool.read(key)).toBeUndefined();
    });

    it('are listed beyond what one request to the store gives, with their size and age', async () => {
      const spool = createSpool(await (await open())());
      const count = 1_050;
      for (let index = 0; index < count; index += 50) {
        const some = Array.from({ length: 50 }, (_, offset) => index + offset);
        await Promise.all(some.map((each) => spool.put(toLines([line(each)]), noon + each)));
      }
      const entries = await spool.list();
      expect(entries.map(({ writtenAtMs }) => writtenAtMs)).toEqual(Array.from({ length: count }, (_, i) => noon + i));
      const totals = totalsOf(entries, noon + 90_000);
      expect(totals).toMatchObject({ entries: count, ageSeconds: 90 });
      expect(totals.bytes / count).toBeGreaterThan(50);
    });

    it('stand beside what somebody else has put there, which is left alone', async () => {
      const store = await (await open())();
      const spool = createSpool(store);
      await store.put('waiting/README.txt', Buffer.from('what is this?'));
      await spool.put(toLines([line(1)]), noon);
      expect(await spool.list()).toHaveLength(1);
      expect(await store.get('waiting/README.txt')).toBeDefined();
    });
  });

  describe(`dead letters in ${kind}`, () => {
    const rejection = { lines: [line(1), line(2)], status: 422, reason: 'field type conflict' };

    it('are listed page by page, oldest first, with their reason and time', async () => {
      const letters = createDeadLetters(await (await open())());
      for (let index = 2; index >= 0; index -= 1)
        await letters.add({ ...rejection, reason: `no ${index}` }, noon + index);
      const first = await letters.list({ limit: 2 });
      expect(first.letters).toMatchObject([
        { ...rejection, reason: 'no 0', atMs: noon },
        { ...rejection, reason: 'no 1', atMs: noon + 1 },
      ]);
      const second = await letters.list({ limit: 2, after: first.last });
      expect(second.letters).toMatchObject([{ reason: 'no 2' }]);
      expect(second.last).toBeUndefined();
    });

    it('come in smaller pages where they are large, each one once', async () => {
      const letters = createDeadLetters(await (await open())());
      for (let index = 0; index < 4; index += 1) {
        const lines = [`m t="${randomBytes(300_000).toString('hex')}"`];
        await letters.add({ ...rejection, lines }, noon + index);
      }
      const first = await letters.list({ limit: 9 });
      const second = await letters.list({ limit: 9, after: first.last });
      expect([first, second].map((page) => page.letters.map(({ atMs }) => atMs - noon))).toEqual([[0, 1, 2], [3]]);
      expect(second.last).toBeUndefined();
    });

    it('stay where they are when the spool does not take them', async () => {
      const store = await (await open())();
      await createDeadLetters(store).add(rejection, noon);
      const full: SpoolStore = { ...store, put: () => Promise.reject(new Error('no room')) };
      const [letter] = (await createDeadLetters(full).list({ limit: 1 })).letters;
      await expect(createDeadLetters(full).replay(letter?.id ?? '', noon)).rejects.toThrow('no room');
      expect(await createDeadLetters(store).find(letter?.id ?? '')).toMatchObject(rejection);
    });

    it('that are replayed twice at once are gone, and their lines wait', async () => {
      const store = await (await open())();
      const letters = createDeadLetters(store);
      await letters.add(rejection, noon);
      const [letter] = (await letters.list({ limit: 10 })).letters;
      const id = letter?.id ?? '';
      expect(await Promise.all([letters.replay(id, noon + 5), letters.replay(id, noon + 6)])).toContain(true);
      expect(new Set((await waitingEntries(store)).flat())).toEqual(new Set(rejection.lines));
      expect(await letters.find(id)).toBeUndefined();
    });

    it('go back to the waiting lines when they are replayed, once', async () => {
      const store = await (await open())();
      const letters = createDeadLetters(store);
      await letters.add(rejection, noon);
      const [letter] = (await letters.list({ limit: 10 })).letters;
      expect(await letters.replay(letter?.id ?? '', noon + 5)).toBe(true);
      expect(await letters.replay(letter?.id ?? '', noon + 6)).toBe(false);
      expect(await waitingEntries(store)).toEqual([rejection.lines]);
      expect((await letters.list({ limit: 10 })).letters).toEqual([]);
    });

    it('are gone when they are dropped, and are no waiting lines', async () => {
      const store = await (await open())();
      const letters = createDeadLetters(store);
      await letters.add(rejection, noon);
      const [letter] = (await letters.list({ limit: 10 })).letters;
      expect(await createSpool(store).list()).toEqual([]);
      expect(await letters.drop(letter?.id ?? '')).toBe(true);
      expect(await letters.drop(letter?.id ?? '')).toBe(false);
      expect(await letters.find(letter?.id ?? '')).toBeUndefined();
    });

    it.each(['', '../waiting/x', '..', '20261122T120000.000Z-0123456789abcde', 'x/y'])(
      'an id like %j is none, and no part of a key',
      async (id) => {
        const letters = createDeadLetters(await (await open())());
        expect(await letters.find(id)).toBeUndefined();
        expect(await letters.replay(id, noon)).toBe(false);
        expect(await letters.drop(id)).toBe(false);
      },
    );
  });
}
