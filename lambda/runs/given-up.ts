import type { FailureKind } from '../locust/failure.ts';
import { lostAfterMs } from './lost-after.ts';

/** A Locust that is reached but does not answer in time may have too much to do: its run is given up this late. */
export const busyLostAfterMs = 30 * 60_000;
/** After so long during which nothing listens at its address a Locust counts as gone, and its run as over. */
const goneAfterMs = 30_000;

/** Why scrapes fail, and since when each of them does for this reason. */
export interface Trouble {
  readonly kind: FailureKind;
  readonly sinceAtMs: number;
  readonly isGone: boolean;
  readonly isBusy: boolean;
}

/** When a Locust counts as gone, ms: nothing listens there, or its name is gone; nor did it report by itself meanwhile. */
export function goneAtMs(lastGoodAtMs: number, trouble: Trouble | undefined): number {
  return trouble?.isGone === true ? Math.max(lastGoodAtMs, trouble.sinceAtMs) + goneAfterMs : Infinity;
}

/** When a run of which no scrape is good any more counts as ended, if nothing changes, ms. */
export function givenUpAtMs(lastGoodAtMs: number, trouble: Trouble | undefined): number {
  const lostAtMs = lastGoodAtMs + (trouble?.isBusy === true ? busyLostAfterMs : lostAfterMs);
  return Math.min(lostAtMs, goneAtMs(lastGoodAtMs, trouble));
}
