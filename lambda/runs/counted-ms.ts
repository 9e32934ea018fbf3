import { beganAtMsOf } from './run.ts';
import type { Run } from './run.ts';

/** For how long Locust had been counting at the end of a run, ms: what its mean rates are made with. */
export function countedMsOf(run: Run, result: { readonly countedMs: number } | undefined): number {
  return result?.countedMs ?? run.countersAgeMs ?? (run.ended?.atMs ?? run.lastGoodAtMs) - beganAtMsOf(run);
}
