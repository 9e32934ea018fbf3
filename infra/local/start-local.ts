import { access, constants, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReportDelivery } from '../../lambda/admin/admin-ports.ts';
import { readAssets, toAssets } from '../../lambda/admin/read-assets.ts';
import { resolveName } from '../../lambda/admin/resolve-name.ts';
import { tablePorts } from '../../lambda/admin/table-ports.ts';
import { fixedTokens } from '../../lambda/admin/tokens.ts';
import { createCollector } from '../../lambda/collector/collector.ts';
import type { Observer } from '../../lambda/collector/observer.ts';
import type { CollectorPorts } from '../../lambda/collector/window-context.ts';
import { createDeadLetters } from '../../lambda/influx/dead-letters.ts';
import type { DeadLetters } from '../../lambda/influx/dead-letters.ts';
import { createBreaker } from '../../lambda/influx/breaker.ts';
import { createDeliverer } from '../../lambda/influx/deliver.ts';
import type { Deliverer } from '../../lambda/influx/deliver.ts';
import { createLocustClient } from '../../lambda/locust/fetch-report.ts';
import { createRuns } from '../../lambda/registry/runs.ts';
import { createTargets } from '../../lambda/registry/targets.ts';
import { createWindows } from '../../lambda/registry/windows.ts';
import type { Clock } from '../../lambda/runtime/clock.ts';
import { keepInMemory } from '../../lambda/runtime/target-secrets.ts';
import type { TargetSecretsStore } from '../../lambda/runtime/target-secrets.ts';
import { buildConsole } from '../build-console.ts';
import { startAdminServer } from './admin-server.ts';
import { createFolderSpool } from './folder-spool.ts';
import { createMinuteClock } from './minute-clock.ts';
import { openInflux } from './open-influx.ts';
import { openRegistry, tableNames } from './open-registry.ts';
import type { LocalRegistry } from './open-registry.ts';
import { OptionError } from './options.ts';
import type { LocalOptions } from './options.ts';
import { registerTargets } from './register-targets.ts';
import { createSecretsFile } from './secrets-file.ts';
import type { Stopping } from './stopping.ts';
import type { StartBanner } from './terminal.ts';
import { loadTokens } from './tokens.ts';

/** On one machine the Locusts are where its owner says they are. */
const addressPolicy = { allowPrivate: true, allowLoopback: true } as const;

/** Everything on one machine, ready to collect. */
export interface LocalCollector {
  readonly banner: StartBanner;
  /** Collects until the signal is aborted, then ends what is under way and closes everything. */
  run(stop: AbortSignal): Promise<void>;
}

interface Assembly {
  readonly options: LocalOptions;
  readonly clock: Clock;
  readonly observer: Observer;
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
  const openDeliverer = (): Deliverer => createDeliverer({ ...influx.settings, clock });
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
    banner: { page, destination: influx.inWords, registry: registry.inWords, targets },
    async run(stop) {
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

/** @returns the page's address, which holds the admin token behind the `#` and so sends it to nobody */
async function serveAdmin(
  { options, clock, observer, stopping }: Assembly,
  parts: {
    readonly registry: LocalRegistry;
    readonly secrets: TargetSecretsStore;
    readonly deadLetters: DeadLetters;
    readonly reports: ReportDelivery;
  },
): Promise<string> {
  const { registry, ...stores } = parts;
  const tokens = await loadTokens(options.dataFolder, process.env).catch((error: unknown) => {
    throw new OptionError(error instanceof Error ? error.message : 'the tokens cannot be read', { cause: error });
  });
  const ports = {
    ...tablePorts(registry.client, tableNames),
    clock,
    addressPolicy,
    ...stores,
    roleOf: fixedTokens(tokens),
    resolve: resolveName,
    openLocust: () => createLocustClient({ clock, addressPolicy }),
    assets: new Map([
      ...toAssets(buildConsole()),
      ...readAssets(new URL('../../lambda/admin/companion/', import.meta.url)),
    ]),
    failed: ({ doing, error }: { doing: string; error: unknown }) => observer.platformFailed?.({ doing, error }),
  };
  const admin = await startAdminServer(ports, options.port).catch((error: unknown) => {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    if (!isTaken) throw error;
    throw new OptionError(`--port ${options.port}: another process uses it; 0 takes any free one.`, { cause: error });
  });
  stopping.add(() => admin.stop());
  return `${admin.url}/#${tokens.admin}`;
}
