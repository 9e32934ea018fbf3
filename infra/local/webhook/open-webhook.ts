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
interface WatchedRuns extends Pick<Webhook, 'run' | 'keepTaken'> {
  /** Records that tell what is written to them. */
  watched(records: RunRecords): RunRecords;
}

/** As the options want it: without a webhook nobody is told. Rejects with an Error of node:fs where the data folder fails. */
export async function openWebhook(
  { webhook: url, dataFolder }: Pick<LocalOptions, 'webhook' | 'dataFolder'>,
  { clock, observer }: { readonly clock: Clock; readonly observer: Pick<LocalObserver, 'platformFailed'> },
): Promise<WatchedRuns> {
  if (url === undefined) return { watched: (records) => records, run: nothing, keepTaken: nothing };
  const failed = (doing: string, error: unknown): void => observer.platformFailed?.({ doing, error });
  const webhook = createWebhook({ url, clock, files: await openEventFiles(join(dataFolder, 'events')), failed });
  const listener = {
    tell: webhook.tell,
    failed: (error: unknown) => {
      failed('making an event for the webhook', error);
    },
  };
  return { ...webhook, watched: (records) => watchRuns(records, listener) };
}

const nothing = (): Promise<void> => Promise.resolve();
