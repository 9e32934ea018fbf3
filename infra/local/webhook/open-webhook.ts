import { join } from 'node:path';
import type { RunRecords } from '../../../lambda/runs/records/runs.ts';
import { watchRuns } from '../../../lambda/runs/events/watch-runs.ts';
import type { Clock } from '../../../lambda/runtime/clock.ts';
import type { LocalOptions } from '../options.ts';
import type { LocalObserver } from '../terminal/terminal-observer.ts';
import { openEventFiles } from './event-files.ts';
import { createWebhook } from './webhook.ts';
import type { Webhook } from './webhook.ts';

/** The runs of this process, and who is told what happens to them. */
interface WatchedRuns extends Pick<Webhook, 'run'> {
  /** Records that tell what is written to them. */
  watched(records: RunRecords): RunRecords;
}

/** As the options want it: without a webhook nobody is told. Rejects with an Error of node:fs where the data folder fails. */
export async function openWebhook(
  { webhook: url, dataFolder }: Pick<LocalOptions, 'webhook' | 'dataFolder'>,
  { clock, observer }: { readonly clock: Clock; readonly observer: Pick<LocalObserver, 'platformFailed'> },
): Promise<WatchedRuns> {
  if (url === undefined) return { watched: (records) => records, run: () => Promise.resolve() };
  const webhook = createWebhook({
    ...{ url, clock, files: await openEventFiles(join(dataFolder, 'events')) },
    failed: (doing, error) => observer.platformFailed?.({ doing, error }),
  });
  return { watched: (records) => watchRuns(records, webhook.tell), run: webhook.run };
}
