import { vi } from 'vitest';
import type { Influxd } from '../influx/influxd.ts';
import type { Locust } from '../locust.ts';

/**
 * Starts a test and waits until what was to be seen of its ramp-up is stored. A machine that stalls can sleep through a
 * ramp-up: then Locust makes as many users once more, until one was seen.
 * @param on.target whose attempts are stored
 * @returns how many users there are in the end
 */
export async function rampUp(
  on: { readonly locust: Locust; readonly influxd: Influxd; readonly target: string },
  load: { readonly users: number; readonly spawnRate: number },
  wasSeen: () => Promise<boolean>,
): Promise<number> {
  for (let users = load.users; ; users += load.users) {
    await on.locust.startTest({ users, spawnRate: load.spawnRate });
    if (await isSeenBeforeItIsOver(on, wasSeen)) return users;
  }
}

async function isSeenBeforeItIsOver(
  { locust, influxd, target }: Parameters<typeof rampUp>[0],
  wasSeen: () => Promise<boolean>,
): Promise<boolean> {
  let runningSinceAtMs = Infinity;
  const isOver = async (): Promise<boolean> => {
    if (runningSinceAtMs === Infinity && (await locust.report()).body.includes('"running"'))
      runningSinceAtMs = Date.now();
    const attempts = await influxd.rows('locust_scrape');
    return attempts.some(
      ({ tags, atMs, fields }) => tags['target'] === target && fields['state'] === 'running' && atMs > runningSinceAtMs,
    );
  };
  await vi.waitUntil(async () => (await wasSeen()) || (await isOver()), { timeout: 240_000, interval: 200 });
  return wasSeen();
}
