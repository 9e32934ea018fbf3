import { randomBytes } from 'node:crypto';
import type { Clock } from '../../lambda/runtime/clock.ts';
import { startInfluxStore } from './influx-store.ts';
import { createDeliverer } from '../../lambda/influx/deliver.ts';
import { OptionError } from './options.ts';
import type { InfluxSettings, LocalOptions } from './options.ts';
import type { Stopping } from './stopping.ts';

export interface LocalInflux {
  readonly settings: InfluxSettings;
  /** Where it is, for a person. */
  readonly inWords: string;
}

/** The InfluxDB that the options name, or the embedded store in the data folder, with a token of this process alone. */
export async function openInflux(parts: {
  readonly options: LocalOptions;
  readonly clock: Clock;
  readonly stopping: Stopping;
}): Promise<LocalInflux> {
  const { clock, stopping } = parts;
  const { influx, dataFolder: folder } = parts.options;
  if (influx !== undefined) {
    requireUsable(influx, clock);
    return { settings: influx, inWords: `${influx.url}, bucket ${influx.bucket}` };
  }
  const access = { org: 'local', bucket: 'locust', token: randomBytes(24).toString('base64url') };
  const store = await startInfluxStore({ ...access, folder, port: 0, clock });
  stopping.add(() => store.stop());
  return { settings: { ...access, url: store.url }, inWords: store.path };
}

function requireUsable(influx: InfluxSettings, clock: Clock): void {
  try {
    createDeliverer({ ...influx, clock }).close();
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new OptionError(`INFLUX_URL cannot be used: ${problem}`, { cause: error });
  }
}
