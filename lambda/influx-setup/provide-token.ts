import type { Clock } from '../runtime/clock.ts';
import { InfluxSetupError, mayWrite, signIn } from './influx-session.ts';
import type { InfluxSession, SignIn } from './influx-session.ts';

/** What the setup works with. */
export interface InfluxSetupPorts {
  readonly clock: Clock;
  readonly influx: { readonly url: string; readonly org: string; readonly bucket: string };
  readSignIn(): Promise<SignIn>;
  /** What was put there last: a token, a placeholder, or undefined for nothing. */
  readToken(): Promise<string | undefined>;
  putToken(token: string): Promise<void>;
}

/** `kept`: the token that was there works. `made`: there is a new one. */
export type Provided = 'kept' | 'made';

/** How the token is known in InfluxDB, so that a later setup finds it. */
const description = 'locust2influx collector: writes one bucket';
/** A new instance may take a while to answer. */
const tries = 6;
const betweenTriesMs = 10_000;

/**
 * Sees to it that the secret holds a token that may write the one bucket, and that InfluxDB has no other of ours.
 * May run any number of times. Rejects when InfluxDB or the secrets fail, with an error that shows no secret.
 */
export async function provideToken(ports: InfluxSetupPorts): Promise<Provided> {
  const { influx } = ports;
  const there = await ports.readToken();
  if (there !== undefined && (await patiently(ports.clock, () => mayWrite(influx, there)))) return 'kept';
  const known = await ports.readSignIn();
  const session = await patiently(ports.clock, () => signIn(influx.url, known));
  try {
    await replaceToken(session, ports);
  } finally {
    // The session ends by itself as well.
    await session.signOut().catch(() => undefined);
  }
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

/** Tries again while InfluxDB does not answer, or says that it cannot. */
async function patiently<Result>(clock: Clock, action: () => Promise<Result>): Promise<Result> {
  for (let left = tries - 1; ; left -= 1) {
    try {
      return await action();
    } catch (error) {
      const isTemporary = error instanceof InfluxSetupError && (error.status === undefined || error.status >= 500);
      if (!isTemporary || left === 0) throw error;
      await clock.sleepUntil(clock.now() + betweenTriesMs);
    }
  }
}
