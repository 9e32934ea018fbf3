import type { Clock } from '../runtime/clock.ts';
import { InfluxSetupError, signIn } from './influx-session.ts';
import type { InfluxSession, SignIn } from './influx-session.ts';

/** What it takes to sign in to the managed InfluxDB. */
export interface SessionPorts {
  readonly clock: Clock;
  readonly influx: { readonly url: string; readonly org: string; readonly bucket: string };
  readSignIn(): Promise<SignIn>;
}

/** A new instance may take a while to answer. */
const tries = 6;
const pauseMs = 10_000;

/** Signs in, does something, and signs out. Rejects when InfluxDB or the action does, with an error that shows no secret. */
export async function inSession(ports: SessionPorts, action: (session: InfluxSession) => Promise<void>): Promise<void> {
  const known = await ports.readSignIn();
  const session = await patiently(ports.clock, () => signIn(ports.influx.url, known));
  try {
    await action(session);
  } finally {
    // The session ends by itself as well.
    await session.signOut().catch(() => undefined);
  }
}

/** Tries again while InfluxDB does not answer, or says that it cannot. */
export async function patiently<Result>(clock: Clock, action: () => Promise<Result>): Promise<Result> {
  for (let left = tries - 1; ; left -= 1) {
    try {
      return await action();
    } catch (error) {
      const isTemporary = error instanceof InfluxSetupError && (error.status === undefined || error.status >= 500);
      if (!isTemporary || left === 0) throw error;
      await clock.sleepUntil(clock.now() + pauseMs);
    }
  }
}
