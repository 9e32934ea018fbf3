import type { FailureKind } from '../locust/failure.ts';
import { lostAfterMs } from './lost-after.ts';

/** A Locust that is reached but does not answer in time may have too much to do: its run is given up this late. */
const busyLostAfterMs = 30 * 60_000;
/** After so long during which nothing listens at its address a Locust counts as gone, and its run as over. */
const goneAfterMs = 30_000;

/** Why scrapes fail, and since when each of them does for this reason. */
export interface Trouble {
  readonly kind: FailureKind;
  readonly sinceAtMs: number;
  readonly isGone: boolean;
  readonly isBusy: boolean;
  /** When it was last known to be too busy, where it fails for another reason now, ms; undefined: it was not. */
  readonly wasBusyAtMs?: number | undefined;
}

/** When a Locust counts as gone, ms: nothing listens there, or its name is gone; nor did it report by itself meanwhile. */
export function goneAtMs(lastGoodAtMs: number, trouble: Trouble | undefined): number {
  return trouble?.isGone === true ? Math.max(lastGoodAtMs, trouble.sinceAtMs) + goneAfterMs : Infinity;
}

/** When a run of which no scrape is good any more counts as ended, if nothing changes, ms. */
export function givenUpAtMs(lastGoodAtMs: number, trouble: Trouble | undefined): number {
  return Math.min(lostAtMs(lastGoodAtMs, trouble), goneAtMs(lastGoodAtMs, trouble));
}

/**
 * When a run counts as lost, if nothing changes, ms. One whose Locust was too busy to answer is not lost at the first
 * connection that is reset: what fails for another reason has as much time from then on.
 */
export function lostAtMs(lastGoodAtMs: number, trouble: Pick<Trouble, 'isBusy' | 'wasBusyAtMs'> | undefined): number {
  const latestAtMs = lastGoodAtMs + busyLostAfterMs;
  if (trouble?.isBusy === true) return latestAtMs;
  return Math.min(latestAtMs, Math.max(lastGoodAtMs, trouble?.wasBusyAtMs ?? lastGoodAtMs) + lostAfterMs);
}

/**
 * When a Locust was last known to be too busy, ms, by when its run was to count as lost after the scrape before; undefined:
 * it was not.
 * @param before.sinceAtMs its last good sample
 */
export function wasBusyAtMs(before: { readonly sinceAtMs: number; readonly endsAtMs: number }, atMs: number) {
  const leftMs = before.endsAtMs - before.sinceAtMs;
  if (leftMs === busyLostAfterMs) return atMs;
  return leftMs > lostAfterMs ? before.endsAtMs - lostAfterMs : undefined;
}
