import type { AdminFailure, AdminPorts, ReportDelivery } from '../../lambda/admin/admin-ports.ts';
import { readAssets, toAssets } from '../../lambda/admin/read-assets.ts';
import { resolveName } from '../../lambda/admin/resolve-name.ts';
import { tablePorts } from '../../lambda/admin/table-ports.ts';
import { fixedTokens } from '../../lambda/admin/tokens.ts';
import type { DeadLetters } from '../../lambda/influx/dead-letters.ts';
import { createLocustClient } from '../../lambda/locust/fetch-report.ts';
import type { Clock } from '../../lambda/runtime/clock.ts';
import type { TargetSecretsStore } from '../../lambda/runtime/target-secrets.ts';
import { buildConsole } from '../build-console.ts';
import { startAdminServer } from './admin-server.ts';
import type { AdminServer } from './admin-server.ts';
import type { StartBanner } from './banner-text.ts';
import { tableNames } from './open-registry.ts';
import type { LocalRegistry } from './open-registry.ts';
import { OptionError } from './options.ts';
import type { LocalOptions } from './options.ts';
import type { Stopping } from './stopping.ts';
import type { LocalObserver } from './terminal-observer.ts';
import { loadTokens } from './tokens.ts';

/** On one machine the Locusts are where its owner says they are. */
export const addressPolicy = { allowPrivate: true, allowLoopback: true } as const;

interface AdminAssembly {
  readonly options: LocalOptions;
  readonly clock: Clock;
  readonly observer: LocalObserver;
  readonly stopping: Stopping;
}

/**
 * Serves the admin API and its page as the options want it.
 * @returns the page's address, which holds the admin token behind the `#` and so sends it to nobody, and who else
 * reaches it
 * @throws OptionError when a token, the host or the port cannot be used
 */
export async function serveAdmin(
  { options, clock, observer, stopping }: AdminAssembly,
  parts: {
    readonly registry: LocalRegistry;
    readonly secrets: TargetSecretsStore;
    readonly deadLetters: DeadLetters;
    readonly reports: ReportDelivery;
  },
): Promise<Pick<StartBanner, 'page' | 'openTo'>> {
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
    failed: ({ doing, error, undelivered }: AdminFailure) => {
      if (undelivered === undefined) observer.platformFailed?.({ doing, error });
      else tellUndelivered(undelivered, observer);
    },
  };
  const admin = await listen(ports, options);
  stopping.add(() => admin.stop());
  return { page: `${admin.url}/#${tokens.admin}`, openTo: admin.openTo };
}

function tellUndelivered({ lines, answer }: NonNullable<AdminFailure['undelivered']>, observer: LocalObserver): void {
  const { outcome, status, reason } = answer;
  if (outcome !== 'delivered') observer.notDelivered?.({ outcome, lines, status, reason });
}

async function listen(ports: AdminPorts, { host, port }: LocalOptions): Promise<AdminServer> {
  return startAdminServer(ports, port, host).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const problem =
      code === 'EADDRINUSE'
        ? `--port ${port}: another process uses it; 0 takes any free one.`
        : code === 'EADDRNOTAVAIL' && `--host ${host}: not an address of this machine.`;
    throw problem ? new OptionError(problem, { cause: error }) : error;
  });
}
