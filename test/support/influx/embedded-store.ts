import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startStoreServer } from './store-server.ts';
import type { Clock } from '../../../lambda/runtime/clock.ts';

/** The store that `npm start` embeds, as an InfluxDB whose lines a test can read back. */
export interface EmbeddedStore {
  readonly settings: { readonly url: string; readonly org: string; readonly bucket: string; readonly token: string };
  /** What is stored, in the order of writing; points that overwrite others are there twice. */
  lines(): Promise<readonly string[]>;
  /** Stops it and starts it again at the same address: by then it has forgotten what type each field has. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** @param at.folder where it keeps its lines. @param at.port 0 for any that is free */
export async function startEmbeddedStore(
  at: { readonly folder: string; readonly port: number },
  clock: Clock,
): Promise<EmbeddedStore> {
  const access = { org: 'test', bucket: 'tests', token: 'store-token' };
  let store = await startStoreServer({ ...access, ...at, clock });
  const { url, path } = store;
  return {
    settings: { ...access, url },
    async lines() {
      const days = (await readdir(path)).filter((name) => name.endsWith('.lp')).sort();
      const texts = await Promise.all(days.map((day) => readFile(join(path, day), 'utf8')));
      return texts
        .join('')
        .split('\n')
        .filter((line) => line !== '');
    },
    async restart() {
      await store.stop();
      store = await startStoreServer({ ...access, ...at, port: Number(new URL(url).port), clock });
    },
    stop: () => store.stop(),
  };
}
