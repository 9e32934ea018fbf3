import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { noLines, toLines } from '../../../lambda/influx/lines.ts';
import { createDeadLetters } from '../../../lambda/influx/spool/dead-letters.ts';
import { createSpool, DamagedEntry } from '../../../lambda/influx/spool/spool.ts';
import type { Spool } from '../../../lambda/influx/spool/spool.ts';
import type { SpoolStore } from '../../../lambda/influx/spool/spool-store.ts';
import { Unreadable } from '../../../lambda/influx/spool/stored-object.ts';

const noon = Date.parse('2026-11-22T12:00:00Z');
const line = (index: number): string => `locust_total,target=shop num_requests=${index}i 1795348800000`;

/** Puts an entry of 100 lines, and tells its bytes. */
async function putWhole(store: SpoolStore, atMs: number): Promise<Buffer> {
  const spool = createSpool(store);
  await spool.put(toLines(Array.from({ length: 100 }, (_, index) => line(index))), atMs);
  const [entry] = await spool.list();
  return (await store.get(entry?.key ?? '')) ?? Buffer.alloc(0);
}

/** What reading an entry ends with. */
async function damageOf(spool: Spool, key: string): Promise<DamagedEntry | undefined> {
  const error: unknown = await spool.read(key).catch((thrown: unknown) => thrown);
  return error instanceof DamagedEntry ? error : undefined;
}

/** What has to hold for every place where lines wait, of what cannot be read there. @param open an empty one */
export function damageContract(kind: string, open: () => Promise<SpoolStore>): void {
  describe(`lines that wait in ${kind}`, () => {
    it('that are damaged are distinguished from those that are gone', async () => {
      const store = await open();
      const spool = createSpool(store);
      await spool.put(toLines([line(1)]), noon);
      const [entry] = await spool.list();
      await store.put(entry?.key ?? '', Buffer.from('no gzip'));
      await expect(spool.read(entry?.key ?? '')).rejects.toThrow(DamagedEntry);
    });

    it('that were cut off are damaged, and an entry without a line has none', async () => {
      const store = await open();
      const spool = createSpool(store);
      const whole = await putWhole(store, noon);
      const [entry] = await spool.list();
      await store.put(entry?.key ?? '', whole.subarray(0, whole.length - 9));
      await expect(spool.read(entry?.key ?? '')).rejects.toThrow(DamagedEntry);
      await store.put(entry?.key ?? '', gzipSync(''));
      expect(await spool.read(entry?.key ?? '')).toEqual(noLines);
    });

    it.each([
      ['cut off', (whole: Buffer) => whole.subarray(0, whole.length - 9), 'it is cut off'],
      ['changed in one byte', (whole: Buffer) => whole.with(20, whole.readUInt8(20) ^ 0xff), 'its bytes are not those'],
      ['written by hand', () => Buffer.from('m f=1 1\n'), 'it is not gzip'],
      ['empty', () => Buffer.alloc(0), 'it is empty'],
    ])('that are damaged (%s) become one dead letter, byte by byte, and wait no more', async (_how, damage, reason) => {
      const store = await open();
      const [spool, letters] = [createSpool(store), createDeadLetters(store)];
      const bytes = Buffer.from(damage(await putWhole(store, noon)));
      const [before] = await spool.list();
      const key = before?.key ?? '';
      await store.put(key, bytes);
      const [entry] = await spool.list();
      const damaged = await damageOf(spool, key);
      if (entry === undefined || damaged === undefined) throw new Error('no damaged entry');

      const ids = await Promise.all([spool.setAside(entry, damaged), spool.setAside(entry, damaged)]);

      expect(await spool.setAside(entry, damaged)).toBeUndefined();
      expect(await spool.list()).toEqual([]);
      const page = await letters.list({ limit: 9 });
      expect(page.letters).toMatchObject([{ kind: 'unreadable-entry', atMs: noon, unreadableBytes: bytes.length }]);
      const [letter] = page.letters;
      expect(letter?.reason).toContain(`cannot be read: ${reason}`);
      expect(ids).toContain(letter?.id);
      expect((await store.get(`rejected/${letter?.id ?? ''}`))?.equals(bytes)).toBe(true);
    });

    it('whose reading went wrong stay: what reads otherwise now, or has another size than listed, is not damaged', async () => {
      const store = await open();
      const spool = createSpool(store);
      const whole = await putWhole(store, noon);
      const [entry] = await spool.list();
      if (entry === undefined) throw new Error('no entry');
      const cut: SpoolStore = { ...store, get: () => Promise.resolve(whole.subarray(0, 30)) };
      const damaged = await damageOf(createSpool(cut), entry.key);
      if (damaged === undefined) throw new Error('no damage');

      await expect(spool.setAside(entry, damaged)).rejects.toThrow(DamagedEntry);
      await expect(createSpool(cut).setAside(entry, damaged)).rejects.toThrow(DamagedEntry);

      expect(await spool.read(entry.key)).toMatchObject({ count: 100 });
      expect((await createDeadLetters(store).list({ limit: 9 })).letters).toEqual([]);
    });
  });

  describe(`dead letters in ${kind}`, () => {
    const rejection = { lines: [line(1), line(2)], status: 422, reason: 'field type conflict' };

    it('are listed in full, those that cannot be read with the reason, and foreign ones not', async () => {
      const store = await open();
      const letters = createDeadLetters(store);
      for (let index = 0; index < 4; index += 1) await letters.add(rejection, noon + index);
      const [first = '', second = '', third = '', fourth = ''] = (await letters.list({ limit: 6 })).letters.map(
        ({ id }) => id,
      );
      await store.put(`rejected/${first}`, Buffer.from('no gzip'));
      await store.put(`rejected/${second}`, gzipSync('m f=1 1'));
      await store.put('rejected/1-README.txt', Buffer.from('what is this?'));
      expect([await letters.list({ limit: 2 }), await letters.list({ limit: 4, after: second })]).toMatchObject([
        {
          letters: [
            { id: first, atMs: noon, reason: 'cannot be read: it is not gzip', unreadableBytes: 7 },
            { id: second, atMs: noon + 1, reason: 'cannot be read: it holds no dead letter' },
          ],
        },
        { letters: [{ id: third, ...rejection }, { id: fourth }], last: undefined },
      ]);
      expect(await letters.count()).toBe(4);
    });

    it('that cannot be read are not replayed and stay, and can be dropped', async () => {
      const store = await open();
      const letters = createDeadLetters(store);
      const id = '20261122T120000.000Z-0123456789abcdef';
      await store.put(`rejected/${id}`, Buffer.from('no gzip'));
      await expect(letters.replay(id, noon)).rejects.toThrow(Unreadable);
      expect(await letters.find(id)).toMatchObject({ unreadableBytes: 7 });
      expect(await createSpool(store).list()).toEqual([]);
      expect(await letters.drop(id)).toBe(true);
      expect(await letters.count()).toBe(0);
    });
  });
}
