import { systemClock as clock } from '../../../../lambda/runtime/clock.ts';
import { startEmbeddedStore } from '../../../support/influx/embedded-store.ts';
import { freePort } from '../part-process.ts';

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
  const store = await startEmbeddedStore({ folder, port: await freePort() }, clock);
  const { url, org, bucket, token } = store.settings;
  return {
    env: { INFLUX_URL: url, INFLUX_ORG: org, INFLUX_BUCKET: bucket, INFLUX_TOKEN: token },
    async refuse() {
      const response = await fetch(`${url}/api/v2/write?org=${org}&bucket=${bucket}`, {
        method: 'POST',
        headers: { authorization: `Token ${token}` },
        body: 'locust_total,target=of-somebody-else user_count="many"',
      });
      if (!response.ok) throw new Error(`the store answered ${response.status}: ${await response.text()}`);
    },
    mend: () => store.restart(),
    lines: () => store.lines(),
    stop: () => store.stop(),
  };
}
