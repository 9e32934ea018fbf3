import type { DeliveryProblem } from '../../../lambda/collector/window-figures/observer.ts';
import { apartMs } from '../../../lambda/runtime/clock.ts';
import type { Clock } from '../../../lambda/runtime/clock.ts';

/** What to mend: one of the settings, nothing (`down` passes by itself), or what is among the dead letters. */
export type InfluxTrouble = 'token' | 'bucket' | 'url' | 'tls' | 'down' | 'rejected';

/** What changed between this process and its InfluxDB. */
export type InfluxState =
  | { readonly kind: 'trouble'; readonly trouble: InfluxTrouble; readonly problem: DeliveryProblem }
  | { readonly kind: 'works' }
  /** `rejectedPoints` were rejected since `sinceAtMs`, ms, and there will be more. */
  | {
      readonly kind: 'rejects-still';
      readonly rejectedPoints: number;
      readonly sinceAtMs: number;
      readonly problem: DeliveryProblem;
    }
  /** For a while no point was rejected; `rejectedPoints` were, since this was last shown. */
  | { readonly kind: 'takes-all'; readonly rejectedPoints: number };

/** Turns the outcome of every delivery into what has changed; undefined where nothing has. */
export interface InfluxWatch {
  delivered(): InfluxState | undefined;
  notDelivered(problem: DeliveryProblem): InfluxState | undefined;
}

/** Longer than the longest interval between two samples: without a refusal for so long, there are no more of them. */
const quietMs = 90_000;
/** While points go on being rejected, their number is shown again after so long. */
const reminderMs = 10 * 60_000;

/** What was rejected without a longer pause. */
interface Spell {
  readonly statuses: Set<number | undefined>;
  readonly sinceAtMs: number;
  points: number;
  lastAtMs: number;
  shownAtMs: number;
}

/** Starts out believing that InfluxDB takes everything. */
export function createInfluxWatch(clock: Clock): InfluxWatch {
  let trouble: InfluxTrouble | undefined;
  let spell: Spell | undefined;
  const noteRejected = (problem: DeliveryProblem): InfluxState | undefined => {
    const { status, lines } = problem;
    const nowMs = clock.now();
    spell ??= { statuses: new Set(), sinceAtMs: nowMs, points: 0, lastAtMs: nowMs, shownAtMs: nowMs };
    spell.points += lines;
    spell.lastAtMs = nowMs;
    if (!spell.statuses.has(status)) {
      spell.statuses.add(status);
      return { kind: 'trouble', trouble: 'rejected', problem };
    }
    if (apartMs(nowMs, spell.shownAtMs) < reminderMs) return undefined;
    spell.shownAtMs = nowMs;
    const { points: rejectedPoints, sinceAtMs } = spell;
    return { kind: 'rejects-still', rejectedPoints, sinceAtMs, problem };
  };
  return {
    delivered() {
      if (trouble !== undefined) {
        trouble = undefined;
        return { kind: 'works' };
      }
      // Of one delivery some lines are taken and others rejected, so that lines are taken says little.
      if (spell === undefined || apartMs(clock.now(), spell.lastAtMs) < quietMs) return undefined;
      const { points: rejectedPoints } = spell;
      spell = undefined;
      return { kind: 'takes-all', rejectedPoints };
    },
    notDelivered(problem) {
      const now = troubleOf(problem);
      if (now === 'rejected') return noteRejected(problem);
      if (now === trouble) return undefined;
      trouble = now;
      return { kind: 'trouble', trouble: now, problem };
    },
  };
}

/** @param problem.outcome what is not `retryable` InfluxDB has rejected for good */
export function troubleOf({
  outcome,
  status,
  isTlsTrouble = false,
}: Pick<DeliveryProblem, 'outcome' | 'status' | 'isTlsTrouble'>): InfluxTrouble {
  if (outcome !== 'retryable') return 'rejected';
  if (isTlsTrouble) return 'tls';
  if (status === 401 || status === 403) return 'token';
  if (status === 404 || status === 400) return 'bucket';
  const isPassing = status === undefined || status >= 500 || status === 408 || status === 429;
  // What is left is a redirect or a web page: something else listens there.
  return isPassing ? 'down' : 'url';
}
