import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startInfluxStore } from '../../../infra/local/influx-store.ts';
import { systemClock as clock } from '../../../lambda/runtime/clock.ts';
import { freePort } from './part-process.ts';

const access = { org: 'e2e', bucket: 'locust', token: 'the-influx-token' };

/** The embedded store, which a test can bring to refuse what Locust says of users. */
export interface RefusingInflux {
  /** What names it to a collector. */
  readonly env: Readonly<Record<string, string>>;
  /** Stores `user_count` as a text, as somebody else might: from now on `locust_total` with a number in it is refused. */
  refuse(): Promise<void>;
  /** Forgets that field's type: everything is taken again. */
  mend(): Promise<void>;
  /** All lines that are stored. */
  lines(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** @param folder where it keeps its lines */
export async function startRefusingInflux(folder: string): Promise<RefusingInflux> {
  let store = await startInfluxStore({ ...access, folder, port: await freePort(), clock });
  const { url, path } = store;
  return {
    env: {
      INFLUX_URL: url,
      INFLUX_ORG: access.org,
      INFLUX_BUCKET: access.bucket,
      INFLUX_TOKEN: access.token,
    },
    async refuse() {
      const response = await fetch(`${url}/api/v2/write?org=${access.org}&bucket=${access.bucket}`, {
        method: 'POST',
        headers: { authorization: `Token ${access.token}` },
        body: 'locust_total,target=of-somebody-else user_count="many"',
      });
      if (!response.ok) throw new Error(`the store answered ${response.status}: ${await response.text()}`);
    },
    async mend() {
      await store.stop();
      store = await startInfluxStore({ ...access, folder, port: Number(new URL(url).port), clock });
    },
    async lines() {
      const days = await readdir(path);
      const texts = await Promise.all(days.map((day) => readFile(join(path, day), 'utf8')));
      return texts.join('').split('\n');
    },
    stop: () => store.stop(),
  };
}
