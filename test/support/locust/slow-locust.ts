import type { LocustClient } from '../../../lambda/locust/fetch/fetch-report.ts';
import type { ReportRequest } from '../../../lambda/locust/fetch/report-request.ts';
import type { CollectorRig } from '../rigs/collector-rig.ts';

/** What was asked of the slow ones. */
export interface SlowLocusts {
  /** A client for one window: the slow ones take their time by the hand-moved clock, the others are read as ever. */
  openLocust(): LocustClient;
  /** Each reading of a slow one, in order. */
  readonly readings: readonly { readonly url: string; readonly atMs: number; readonly timeoutMs: number }[];
  /** The most that were being read at once among those that the test counts. */
  mostAtOnce(isCounted?: (url: string) => boolean): number;
}

/** @param takesMs how long one takes to answer, ms; undefined for one that is not slow, Infinity for one that hangs */
export function slowLocusts(
  rig: Pick<CollectorRig, 'clock' | 'ports'>,
  takesMs: (url: string) => number | undefined,
): SlowLocusts {
  const readings: { url: string; atMs: number; timeoutMs: number; untilMs: number }[] = [];
  const { clock } = rig;
  const wait = async ({ url, timeoutMs = 5_000 }: ReportRequest, slowMs: number): Promise<boolean> => {
    const untilMs = clock.now() + Math.min(slowMs, timeoutMs);
    readings.push({ url, atMs: clock.now(), timeoutMs, untilMs });
    await clock.sleepUntil(untilMs);
    return slowMs < timeoutMs;
  };
  return {
    readings,
    openLocust() {
      const client = rig.ports.openLocust();
      return {
        async fetchReport(request) {
          const slowMs = takesMs(request.url);
          if (slowMs === undefined || (await wait(request, slowMs))) return client.fetchReport(request);
          const failure = { kind: 'timeout', message: 'no answer in time' } as const;
          return { ok: false, failure, durationMs: request.timeoutMs ?? 5_000 };
        },
        readPage: (request) => client.readPage(request),
        close: () => {
          client.close();
        },
      };
    },
    mostAtOnce(isCounted = () => true) {
      const counted = readings.filter(({ url }) => isCounted(url));
      const atOnce = (instantMs: number): number =>
        counted.filter(({ atMs, untilMs }) => atMs <= instantMs && instantMs < untilMs).length;
      return Math.max(0, ...counted.map(({ atMs }) => atOnce(atMs)));
    },
  };
}
