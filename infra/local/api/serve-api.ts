import { join } from 'node:path';
import type { ApiFailure, ApiPorts, ReportDelivery } from '../../../lambda/api/api-ports.ts';
import { toAssets } from '../../../lambda/api/http/read-assets.ts';
import { resolveName } from '../../../lambda/api/targets/resolve-name.ts';
import { tablePorts } from '../../../lambda/api/table-ports.ts';
import { fixedTokens } from '../../../lambda/api/http/tokens.ts';
import type { DeadLetters } from '../../../lambda/influx/spool/dead-letters.ts';
import { createLocustClient } from '../../../lambda/locust/fetch/fetch-report.ts';
import type { RunRecords } from '../../../lambda/runs/records/runs.ts';
import type { Clock } from '../../../lambda/runtime/clock.ts';
import type { TargetSecretsStore } from '../../../lambda/runtime/target-secrets.ts';
import { buildConsole } from '../../build-console.ts';
import { companionFiles } from '../../companion-files.ts';
import { startAdminServer } from './api-server.ts';
import type { AdminServer } from './api-server.ts';
import type { StartBanner } from '../terminal/banner-text.ts';
import { tableNames } from '../registry/open-registry.ts';
import type { LocalRegistry } from '../registry/open-registry.ts';
import { OptionError } from '../arguments.ts';
import type { LocalOptions } from '../options.ts';
import type { Stopping } from '../stopping.ts';
import type { LocalObserver } from '../terminal/terminal-observer.ts';
import { wholeFiles } from '../store/open-data-folder.ts';
import { loadTokens } from './tokens.ts';

/** On one machine the Locusts are where its owner says they are. */
export const addressPolicy = { allowPrivate: true, allowLoopback: true } as const;

interface AdminAssembly {
  readonly options: LocalOptions;
  readonly clock: Clock;
  readonly observer: LocalObserver;
  readonly stopping: Stopping;
  /** True where a person alone sees what is printed. */
  readonly showsToken: boolean;
}

/**
 * Serves the admin API and its page as the options want it.
 * @returns the page's address, and who else reaches it; a token that was made here is in the address, after the `#`,
 * which browsers never send, where a person alone sees it
 * @throws OptionError when a token, the host or the port cannot be used
 */
export async function serveAdmin(
  { options, clock, observer, stopping, showsToken }: AdminAssembly,
  parts: {
    readonly registry: LocalRegistry;
    readonly runs: RunRecords;
    readonly secrets: TargetSecretsStore;
    readonly deadLetters: DeadLetters;
    readonly reports: ReportDelivery;
    /** Called when there is a target to be seen at once. */
    readonly targetsChanged: () => void;
  },
): Promise<Pick<StartBanner, 'page' | 'tokenIsIn' | 'openTo'>> {
  const { registry, targetsChanged, ...stores } = parts;
  const tables = tablePorts(registry.client, tableNames);
  const tokens = await loadTokens(options.dataFolder, process.env).catch((error: unknown) => {
    throw new OptionError(error instanceof Error ? error.message : 'the tokens cannot be read', { cause: error });
  });
  const ports = {
    ...tables,
    wakeCollector() {
      targetsChanged();
      return Promise.resolve();
    },
    clock,
    addressPolicy,
    ...stores,
    roleOf: fixedTokens(tokens),
    longestWaitMs: 60_000,
    resolve: resolveName,
    openLocust: () => createLocustClient({ clock, addressPolicy }),
    assets: toAssets([...buildConsole(), ...companionFiles()]),
    failed: ({ doing, error, undelivered }: ApiFailure) => {
      if (undelivered === undefined) observer.platformFailed?.({ doing, error });
      else tellUndelivered(undelivered, observer);
    },
  };
  const admin = await listen(ports, options);
  stopping.add(() => admin.stop());
  const isGiven = (process.env['ADMIN_TOKEN'] ?? '') !== '';
  if (showsToken && !isGiven) return { page: `${admin.url}/#${tokens.admin}`, openTo: admin.openTo };
  const tokenIsIn = isGiven ? 'ADMIN_TOKEN' : join(options.dataFolder, wholeFiles.tokens);
  return { page: admin.url, tokenIsIn, openTo: admin.openTo };
}

function tellUndelivered({ lines, answer }: NonNullable<ApiFailure['undelivered']>, observer: LocalObserver): void {
  const { outcome, status, reason } = answer;
  observer.notDelivered?.({ outcome, lines, status, reason });
}

async function listen(ports: ApiPorts, { host, port, allowedHosts }: LocalOptions): Promise<AdminServer> {
  return startAdminServer(ports, port, host, allowedHosts).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const problem =
      code === 'EADDRINUSE'
        ? `--port ${port}: another process uses it; 0 takes any free one.`
        : code === 'EADDRNOTAVAIL' && `--host ${host}: not an address of this machine.`;
    throw problem ? new OptionError(problem, { cause: error }) : error;
  });
}
