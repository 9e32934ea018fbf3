import type { SetupOccasion } from './answer-cloudformation.ts';
import { defaultRetentionDays } from './env.ts';
import { provideToken } from './provide-token.ts';
import type { InfluxSetupPorts, Provided } from './provide-token.ts';
import { setRetention } from './set-retention.ts';

/** What the setup did. */
interface SetUp {
  readonly token: Provided;
  /** Undefined: the bucket keeps its points for as long as before. */
  readonly retentionDays: number | undefined;
}

/**
 * Sets a managed InfluxDB up: its token, and for how long its bucket keeps points. Rejects as `provideToken` and
 * `setRetention` do.
 * @param wanted.retentionDays undefined: nobody says, and only a bucket that was just made gets the default, because one
 * that holds points already would lose the older ones
 */
export async function setUp(
  ports: InfluxSetupPorts,
  wanted: { readonly occasion: SetupOccasion; readonly retentionDays: number | undefined },
): Promise<SetUp> {
  const token = await provideToken(ports);
  const retentionDays = wanted.retentionDays ?? (wanted.occasion === 'first' ? defaultRetentionDays : undefined);
  if (retentionDays !== undefined) await setRetention(ports, retentionDays);
  return { token, retentionDays };
}
