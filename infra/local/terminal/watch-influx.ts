import { createInfluxWriter } from '../../../lambda/influx/delivery/influx-writer.ts';
import type { InfluxWriter } from '../../../lambda/influx/delivery/influx-writer.ts';
import { toLines } from '../../../lambda/influx/lines.ts';
import type { Clock } from '../../../lambda/runtime/clock.ts';
import type { InfluxSettings } from '../options.ts';
import type { LocalObserver } from './terminal-observer.ts';

/** A writer that reports each request that stored lines to an observer. */
export function watchWriter(writer: InfluxWriter, observer: Pick<LocalObserver, 'delivered'>): InfluxWriter {
  return {
    async write(lines, timeoutMs) {
      const answer = await writer.write(lines, timeoutMs);
      if (answer.outcome === 'delivered') observer.delivered();
      return answer;
    },
    close() {
      writer.close();
    },
  };
}

/** A comment of line protocol: token and bucket are checked as for points, and nothing is stored. */
const nothingToStore = toLines(['# locust2influx: may it write here?']);
const checkTimeoutMs = 5_000;

/**
 * Asks InfluxDB once whether it would take points, and informs the observer if not. A refusal of the comment itself (400,
 * with which some releases answer a write of nothing) comes after the checks of token and bucket, and is fine.
 * Takes 5 s at most, less when the signal is aborted, which is not reported. Never rejects.
 */
export async function checkInflux(
  settings: InfluxSettings,
  { clock, observer, stop }: { clock: Clock; observer: Pick<LocalObserver, 'notReady'>; stop: AbortSignal },
): Promise<void> {
  const isStopped = (): boolean => stop.aborted;
  if (isStopped()) return;
  const writer = createInfluxWriter({ ...settings, clock });
  const close = (): void => {
    writer.close();
  };
  stop.addEventListener('abort', close);
  const answer = await writer.write(nothingToStore, checkTimeoutMs);
  stop.removeEventListener('abort', close);
  close();
  if (isStopped() || answer.outcome !== 'retryable') return;
  const { outcome, status, reason, isTlsTrouble = false } = answer;
  observer.notReady({ outcome, lines: 0, status, reason, ...(isTlsTrouble && { isTlsTrouble }) });
}
