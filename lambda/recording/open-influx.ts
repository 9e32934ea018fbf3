import { createDeliverer } from '../influx/deliver.ts';
import type { Deliverer } from '../influx/deliver.ts';
import { keepToken, renewToken } from '../influx/renew-token.ts';
import type { Clock } from '../runtime/clock.ts';
import type { InfluxSettings } from './influx-variables.ts';

/**
 * Opens deliverers that share one token, which is read once for each environment, and again when InfluxDB refuses it.
 * The client that reads it is loaded when it is needed.
 */
export function influxOpener({ influx, influxToken }: InfluxSettings, clock: Clock): () => Deliverer {
  const token = keepToken({
    async read() {
      if ('token' in influxToken) return influxToken.token;
      const { readSecretText } = await import('../runtime/secret-text.ts');
      return readSecretText(influxToken.secretId);
    },
  });
  return () => renewToken(token, (current) => createDeliverer({ ...influx, token: current, clock }));
}
