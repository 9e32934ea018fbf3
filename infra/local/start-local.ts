import { access, constants, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createCollector } from '../../lambda/collector/collector.ts';
import type { CollectorPorts } from '../../lambda/collector/window-context.ts';
import { createDeadLetters } from '../../lambda/influx/dead-letters.ts';
import { createBreaker } from '../../lambda/influx/breaker.ts';
import { createDeliverer } from '../../lambda/influx/deliver.ts';
import type { Deliverer } from '../../lambda/influx/deliver.ts';
import { createLocustClient } from '../../lambda/locust/fetch-report.ts';
import { createRuns } from '../../lambda/registry/runs.ts';
import { createTargets } from '../../lambda/registry/targets.ts';
import { createWindows } from '../../lambda/registry/windows.ts';
import type { Clock } from '../../lambda/runtime/clock.ts';
import { keepInMemory } from '../../lambda/runtime/target-secrets.ts';
import type { StartBanner } from './banner-text.ts';
import { createFolderSpool } from './folder-spool.ts';
import { createMinuteClock } from './minute-clock.ts';
import { openInflux } from './open-influx.ts';
import { openRegistry, tableNames } from './open-registry.ts';
import { OptionError } from './options.ts';
import type { LocalOptions } from './options.ts';
import { registerTargets } from './register-targets.ts';
import { createSecretsFile } from './secrets-file.ts';
import { addressPolicy, serveAdmin } from './serve-admin.ts';
import type { Stopping } from './stopping.ts';
import type { LocalObserver } from './terminal-observer.ts';
import { checkInflux, watchDeliverer } from './watch-influx.ts';

/** Everything on one machine, ready to collect. */
export interface LocalCollector {
  readonly banner: StartBanner;
  /** Collects until the signal is aborted, then ends what is under way and closes everything. */
  run(stop: AbortSignal): Promise<void>;
}

interface Assembly {
  readonly options: LocalOptions;
  readonly clock: Clock;
  readonly observer: LocalObserver;
  readonly stopping: Stopping;
}

/**
 * Starts the parts that are not given from outside, registers the targets, and wires the collector and the admin API.
 * What was started is stopped again when a later part fails.
 */
export async function startLocal(assembly: Assembly): Promise<LocalCollector> {
  try {
    return await assemble(assembly);
  } catch (error) {
    await assembly.stopping.stopAll();
    throw error;
  }
}

async function assemble(assembly: Assembly): Promise<LocalCollector> {
  const { options, clock, observer, stopping } = assembly;
  await requireFolder(options.dataFolder);
  const registry = await openRegistry(options, stopping);
  const influx = await openInflux({ options, clock, stopping });
  const secrets = createSecretsFile({ folder: options.dataFolder });
  const spoolStore = await createFolderSpool(join(options.dataFolder, 'spool'), clock);
  const deadLetters = createDeadLetters(spoolStore);
  const openDeliverer = (): Deliverer => watchDeliverer(createDeliverer({ ...influx.settings, clock }), observer);
  const reports = { openInflux: openDeliverer, spoolStore, breaker: createBreaker(), observer };
  const page = await serveAdmin(assembly, { registry, secrets, deadLetters, reports });
  const targets = await registerTargets({ options, clock, stopping, client: registry.client });
  const secretsMemory = keepInMemory(secrets);
  const minuteClock = createMinuteClock(clock, (error) => observer.platformFailed?.({ doing: 'a window', error }));
  const ports: CollectorPorts = {
    clock,
    observer,
    wake: minuteClock.wake,
    targets: createTargets(registry.client, tableNames.targets),
    runs: createRuns(registry.client, tableNames.runs),
    windows: createWindows(registry.client, tableNames.runs),
    spoolStore,
    secretsOf: async ({ id, secretsRef: ref }) =>
      ref === undefined ? {} : ((await secretsMemory.read({ target: id, ref })) ?? {}),
    openLocust: () => createLocustClient({ clock, addressPolicy }),
    openInflux: openDeliverer,
  };
  return {
    banner: { ...page, destination: influx.inWords, registry: registry.inWords, targets },
    async run(stop) {
      if (options.influx !== undefined) void checkInflux(options.influx, { clock, observer, stop });
      await minuteClock.run(createCollector(ports, { idleSeconds: options.idleSeconds, stop }), stop);
      await stopping.stopAll();
    },
  };
}

async function requireFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new OptionError(`--data ${folder}: not a folder that can be written: ${problem}`, { cause: error });
  }
}
