import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createFolderSpool } from '../../../infra/local/store/folder-spool.ts';
import { createMinuteClock } from '../../../infra/local/minute-clock.ts';
import { createCollector } from '../../../lambda/collector/collector.ts';
import type { WindowSummary } from '../../../lambda/collector/window-figures/summary.ts';
import { createDeadLetters } from '../../../lambda/influx/spool/dead-letters.ts';
import { createInfluxWriter } from '../../../lambda/influx/delivery/influx-writer.ts';
import type { InfluxWriterOptions } from '../../../lambda/influx/delivery/influx-writer.ts';
import { createSpool } from '../../../lambda/influx/spool/spool.ts';
import type { SpoolStore } from '../../../lambda/influx/spool/spool-store.ts';
import { createLocustClient } from '../../../lambda/locust/fetch/fetch-report.ts';
import { systemClock as clock } from '../../../lambda/runtime/clock.ts';
import type { TestRegistry } from '../../support/rigs/registry.ts';

/** The collector of one machine, at work. */
export interface Collecting {
  /** What its windows said of themselves, as they ended. */
  readonly windows: readonly WindowSummary[];
  /** How many refusals of InfluxDB lie among the dead letters. */
  deadLetters(): Promise<number>;
  /** How many batches of lines lie in the spool. */
  waiting(): Promise<number>;
  /** What windows reported of themselves while InfluxDB did not take it: their lines that ever lay in the spool. */
  readonly ownLinesThatWaited: ReadonlySet<string>;
  /** Ends it in good order, and its spool. */
  stop(): Promise<void>;
}

/** Collects minute by minute, with a spool in a folder of its own; a start is seen within two seconds. */
export async function startCollecting(
  registry: TestRegistry,
  influx: Omit<InfluxWriterOptions, 'clock'>,
): Promise<Collecting> {
  const folder = await mkdtemp(join(tmpdir(), 'locust2influx-e2e-spool-'));
  const stop = new AbortController();
  const windows: WindowSummary[] = [];
  const minuteClock = createMinuteClock(clock, (error) => {
    throw error;
  });
  const ownLinesThatWaited = new Set<string>();
  const spoolStore = listening(await createFolderSpool(folder, clock), ownLinesThatWaited);
  const ports = {
    clock,
    observer: { windowEnded: (summary: WindowSummary) => windows.push(summary) },
    wake: minuteClock.wake,
    targets: registry.targets,
    runs: registry.runs,
    claims: registry.claims,
    secretsOf: () => Promise.resolve({}),
    spoolStore,
    openLocust: () => createLocustClient({ clock, addressPolicy: { allowPrivate: true, allowLoopback: true } }),
    openInflux: () => createInfluxWriter({ ...influx, clock }),
  };
  const running = minuteClock.run(createCollector(ports, { idleSeconds: 2, stop: stop.signal }), stop.signal);
  return {
    windows,
    ownLinesThatWaited,
    waiting: async () => (await createSpool(spoolStore).list()).length,
    deadLetters: async () => (await createDeadLetters(spoolStore).list({ limit: 100 })).letters.length,
    async stop() {
      stop.abort();
      await running;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The same store, which tells of windows' own lines that are put to wait. */
function listening(store: SpoolStore, ownLines: Set<string>): SpoolStore {
  return {
    list: (query) => store.list(query),
    get: (key) => store.get(key),
    remove: (key) => store.remove(key),
    async put(key, body) {
      await store.put(key, body);
      if (!key.startsWith('waiting/')) return;
      const lines = gunzipSync(body).toString().split('\n');
      for (const line of lines) if (line.startsWith('locust2influx_window,')) ownLines.add(line);
    },
  };
}
