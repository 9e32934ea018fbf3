import { inSession, patiently } from './in-session.ts';
import type { SessionPorts } from './in-session.ts';
import { tryToWrite } from './influx-session.ts';
import type { InfluxSession } from './influx-session.ts';

/** What the setup works with. */
export interface InfluxSetupPorts extends SessionPorts {
  /** What was put there last: a token, a placeholder, or undefined for nothing. */
  readToken(): Promise<string | undefined>;
  putToken(token: string): Promise<void>;
}

/** `kept`: the token that was there works. `made`: there is a new one. */
export type Provided = 'kept' | 'made';

/** How the token is known in InfluxDB, so that a later setup finds it. */
const description = 'locust2influx collector: writes one bucket';
/**
 * Sees to it that the secret holds a token that may write the one bucket, and that InfluxDB has no other of ours.
 * May run any number of times. Rejects when InfluxDB or the secrets fail, with an error that shows no secret.
 */
export async function provideToken(ports: InfluxSetupPorts): Promise<Provided> {
  const { influx } = ports;
  const there = await ports.readToken();
  if (there !== undefined && (await patiently(ports.clock, () => tryToWrite(influx, there)))) return 'kept';
  await inSession(ports, (session) => replaceToken(session, ports));
  return 'made';
}

async function replaceToken(session: InfluxSession, ports: InfluxSetupPorts): Promise<void> {
  const { influx } = ports;
  const bucket = await session.findBucket(influx.org, influx.bucket);
  const old = await session.tokensDescribed(description, bucket.orgID);
  const { token } = await session.createWriteToken(description, bucket);
  await ports.putToken(token);
  for (const id of old) await session.deleteToken(id);
}
