import { inSession } from './in-session.ts';
import type { SessionPorts } from './in-session.ts';

const secondsPerDay = 86_400;

/**
 * Has the bucket keep its points for so many days, 0 for ever. Points that are older then go. Rejects when InfluxDB fails,
 * or refuses the password, with an error that shows none.
 */
export async function setRetention(ports: SessionPorts, days: number): Promise<void> {
  const { org, bucket } = ports.influx;
  await inSession(ports, async (session) => {
    const { id } = await session.findBucket(org, bucket);
    await session.keepFor(id, days * secondsPerDay);
  });
}
