import { hold, hostileKinds, startHostile } from '../../support/locust/hostile-locusts.ts';

/** The urls of hostile targets by id: one of each kind, `bad-<kind>`, and those that hold a body back, `holds-<n>`. */
export type HostileUrls = Readonly<Record<string, string>>;

/** In a process of their own, for to do harm is work, and the good ones are to answer meanwhile. */
async function start(holders: number): Promise<void> {
  const urls: Record<string, string> = {};
  for (const [kind, hostile] of Object.entries(hostileKinds)) urls[`bad-${kind}`] = (await startHostile(hostile)).url;
  for (let index = 0; index < holders; index += 1) {
    urls[`holds-${index}`] = (await startHostile({ answer: hold })).url;
  }
  process.send?.(urls satisfies HostileUrls);
}

process.once('message', (holders: number) => void start(holders));
