import { randomBytes } from 'node:crypto';
import type { Clock } from '../../lambda/runtime/clock.ts';
import { createInfluxWriter } from '../../lambda/influx/delivery/influx-writer.ts';
import type { InfluxWriter } from '../../lambda/influx/delivery/influx-writer.ts';
import { openInfluxStore } from './store/influx-store.ts';
import { StoreAgent } from './store/store-agent.ts';
import { OptionError } from './options.ts';
import type { InfluxSettings, LocalOptions } from './options.ts';
import type { Stopping } from './stopping.ts';

export interface LocalInflux {
  readonly openWriter: () => InfluxWriter;
  /** Where it is, for a person. */
  readonly inWords: string;
}

/** The InfluxDB that the options name, or the embedded store in the data folder, which nobody but this process reaches. */
export async function openInflux(parts: {
  readonly options: LocalOptions;
  readonly clock: Clock;
  readonly stopping: Stopping;
}): Promise<LocalInflux> {
  const { clock, stopping } = parts;
  const { influx, dataFolder: folder } = parts.options;
  if (influx !== undefined) {
    requireUsable(influx, clock);
    return {
      openWriter: () => createInfluxWriter({ ...influx, clock }),
      inWords: `${influx.url}, bucket ${influx.bucket}`,
    };
  }
  const access = { org: 'local', bucket: 'locust', token: randomBytes(24).toString('base64url') };
  const store = await openInfluxStore({ ...access, folder, clock });
  stopping.add(() => store.stop());
  const url = 'http://embedded-store';
  return {
    openWriter: () => createInfluxWriter({ ...access, url, clock, agent: new StoreAgent(store) }),
    inWords: store.path,
  };
}

function requireUsable(influx: InfluxSettings, clock: Clock): void {
  try {
    createInfluxWriter({ ...influx, clock }).close();
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new OptionError(`INFLUX_URL cannot be used: ${problem}`, { cause: error });
  }
}
