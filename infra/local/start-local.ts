import { join } from 'node:path';
import { createCollector } from '../../lambda/collector/collector.ts';
import type { CollectorPorts } from '../../lambda/collector/window-context.ts';
import { createDeadLetters } from '../../lambda/influx/spool/dead-letters.ts';
import { createBreaker } from '../../lambda/influx/delivery/breaker.ts';
import type { InfluxWriter } from '../../lambda/influx/delivery/influx-writer.ts';
import { createLocustClient } from '../../lambda/locust/fetch/fetch-report.ts';
import { createLoginSessions } from '../../lambda/locust/login/login-sessions.ts';
import { createRuns } from '../../lambda/runs/records/runs.ts';
import { createTargets } from '../../lambda/targets/targets.ts';
import { createClaims } from '../../lambda/windows/claims.ts';
import { createWindows } from '../../lambda/windows/last-windows.ts';
import type { Clock } from '../../lambda/runtime/clock.ts';
import { keepInMemory, readSecretsOf } from '../../lambda/runtime/target-secrets.ts';
import type { StartBanner } from './terminal/banner-text.ts';
import { createFolderSpool } from './store/folder-spool.ts';
import { inDataFolder, openDataFolder } from './store/open-data-folder.ts';
import { createMinuteClock } from './minute-clock.ts';
import { openInflux } from './open-influx.ts';
import { openRegistry, tableNames } from './registry/open-registry.ts';
import type { LocalOptions } from './options.ts';
import { keepRemovingExpired } from './registry/remove-expired.ts';
import { registerTargets } from './registry/register-targets.ts';
import { createSecretsFile } from './registry/secrets-file.ts';
import { addressPolicy, serveAdmin } from './api/serve-api.ts';
import type { Stopping } from './stopping.ts';
import type { LocalObserver } from './terminal/terminal-observer.ts';
import { openWebhook } from './webhook/open-webhook.ts';
import { checkInflux, watchWriter } from './terminal/watch-influx.ts';

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
  /** True where a person alone sees what is printed, so that it may show the admin token. */
  readonly showsToken: boolean;
}

/**
 * Starts the parts that are not given from outside, registers the targets, and wires the collector and the admin API.
 * What was started is stopped again when a later part fails.
 * @throws OptionError, FolderInUse, DataFolderProblem, WrongTable: what a person can mend, in one line
 */
export async function startLocal(assembly: Assembly): Promise<LocalCollector> {
  try {
    return await inDataFolder(assembly.options.dataFolder, () => assemble(assembly));
  } catch (error) {
    await assembly.stopping.stopAll();
    throw error;
  }
}

async function assemble(assembly: Assembly): Promise<LocalCollector> {
  const { options, clock, observer, stopping } = assembly;
  stopping.add(await openDataFolder(options.dataFolder));
  const registry = await openRegistry(options, stopping);
  const influx = await openInflux({ options, clock, stopping });
  const secrets = createSecretsFile({ folder: options.dataFolder });
  const spoolStore = await createFolderSpool(join(options.dataFolder, 'spool'), clock);
  const deadLetters = createDeadLetters(spoolStore);
  const openWriter = (): InfluxWriter => watchWriter(influx.openWriter(), observer);
  const reports = { openInflux: openWriter, spoolStore, breaker: createBreaker(), observer };
  const minuteClock = createMinuteClock(clock, (error) => observer.platformFailed?.({ doing: 'a window', error }));
  const { targetsChanged } = minuteClock;
  const webhook = await openWebhook(options, { clock, observer });
  // After all that may still write runs has stopped.
  stopping.add(webhook.keepTaken);
  const runs = webhook.watched(createRuns(registry.client, tableNames.runs));
  const page = await serveAdmin(assembly, { registry, runs, secrets, deadLetters, reports, targetsChanged });
  const targets = await registerTargets({ options, clock, stopping, client: registry.client, runs });
  const secretsMemory = keepInMemory(secrets);
  const logins = createLoginSessions();
  const ports: CollectorPorts = {
    clock,
    observer,
    wake: minuteClock.wake,
    targets: createTargets(registry.client, tableNames.targets),
    runs,
    windows: createWindows(registry.client, tableNames.runs),
    claims: createClaims(registry.client, tableNames.runs),
    spoolStore,
    secretsOf: (target) => readSecretsOf(secretsMemory, target),
    openLocust: () => createLocustClient({ clock, addressPolicy, logins }),
    openInflux: openWriter,
  };
  return {
    banner: { ...page, destination: influx.inWords, registry: registry.inWords, targets },
    async run(stop) {
      if (options.influx !== undefined) void checkInflux(options.influx, { clock, observer, stop });
      const failed = (error: unknown) => observer.platformFailed?.({ doing: 'removing expired targets', error });
      const removing = keepRemovingExpired({ client: registry.client, table: tableNames.targets, clock, failed }, stop);
      const collected = new AbortController();
      const telling = webhook.run(collected.signal);
      await minuteClock.run(createCollector(ports, { idleSeconds: options.idleSeconds, stop }), stop);
      collected.abort();
      await Promise.all([removing, telling]);
      await inDataFolder(options.dataFolder, () => stopping.stopAll());
    },
  };
}
