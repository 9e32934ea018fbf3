import { createDeliverer } from '../../lambda/influx/deliver.ts';
import type { Deliverer } from '../../lambda/influx/deliver.ts';
import type { Clock } from '../../lambda/runtime/clock.ts';
import type { InfluxSettings } from './options.ts';
import type { LocalObserver } from './terminal-observer.ts';

/** A deliverer whose observer is told of each call that stored lines. */
export function watchDeliverer(deliverer: Deliverer, observer: Pick<LocalObserver, 'delivered'>): Deliverer {
  return {
    async deliver(lines, options) {
      const answers = await deliverer.deliver(lines, options);
      if (answers.some(({ outcome }) => outcome === 'delivered')) observer.delivered();
      return answers;
    },
    close() {
      deliverer.close();
    },
  };
}

/** A comment of line protocol: token and bucket are checked as for points, and nothing is stored. */
const nothingToStore = '# locust2influx: may it write here?';

/**
 * Asks InfluxDB once whether it would take points, and tells the observer if not. A refusal of the comment itself (400,
 * with which some releases answer a write of nothing) comes after the checks of token and bucket, and is fine.
 * Takes 5 s at most, less when the signal is aborted, which is told to nobody. Never rejects.
 */
export async function checkInflux(
  settings: InfluxSettings,
  { clock, observer, stop }: { clock: Clock; observer: Pick<LocalObserver, 'notReady'>; stop: AbortSignal },
): Promise<void> {
  const isStopped = (): boolean => stop.aborted;
  if (isStopped()) return;
  const deliverer = createDeliverer({ ...settings, clock });
  const close = (): void => {
    deliverer.close();
  };
  stop.addEventListener('abort', close);
  const [answer] = await deliverer.deliver([nothingToStore]);
  stop.removeEventListener('abort', close);
  close();
  if (isStopped() || answer?.outcome !== 'retryable') return;
  const { outcome, status, reason } = answer;
  observer.notReady({ outcome, lines: 0, status, reason });
}
