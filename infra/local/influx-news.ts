import type { DeliveryProblem } from '../../lambda/collector/observer.ts';
import type { Clock } from '../../lambda/runtime/clock.ts';

/** Whose turn it is: whoever gave one of the settings, nobody's (`down`), or that of whoever looks at dead letters. */
export type InfluxTrouble = 'token' | 'bucket' | 'url' | 'down' | 'refused';

/** What changed between this process and its InfluxDB. */
export type InfluxNews =
  | { readonly kind: 'trouble'; readonly trouble: InfluxTrouble; readonly problem: DeliveryProblem }
  | { readonly kind: 'works' }
  /** For a while no point was refused; `refusedPoints` were before, since it was told last. */
  | { readonly kind: 'takes-all'; readonly refusedPoints: number };

/** Turns what becomes of every delivery into news: undefined where nothing has changed. */
export interface InfluxWatch {
  delivered(): InfluxNews | undefined;
  notDelivered(problem: DeliveryProblem): InfluxNews | undefined;
}

/** Longer than the longest interval between two samples: without a refusal for so long, there are no more of them. */
const quietMs = 90_000;

/** Starts out believing that InfluxDB takes everything. */
export function createInfluxWatch(clock: Clock): InfluxWatch {
  let trouble: InfluxTrouble | undefined;
  let refused: { readonly status: number | undefined; readonly points: number; readonly atMs: number } | undefined;
  return {
    delivered() {
      if (trouble !== undefined) {
        trouble = undefined;
        return { kind: 'works' };
      }
      // Of one delivery some lines are taken and others refused, so that lines are taken says little.
      if (refused === undefined || clock.now() - refused.atMs < quietMs) return undefined;
      const { points: refusedPoints } = refused;
      refused = undefined;
      return { kind: 'takes-all', refusedPoints };
    },
    notDelivered(problem) {
      const now = troubleOf(problem);
      if (now === 'refused') {
        const { status, lines } = problem;
        const isKnown = refused !== undefined && refused.status === status;
        refused = { status, points: (refused?.points ?? 0) + lines, atMs: clock.now() };
        return isKnown ? undefined : { kind: 'trouble', trouble: now, problem };
      }
      if (now === trouble) return undefined;
      trouble = now;
      return { kind: 'trouble', trouble: now, problem };
    },
  };
}

/** @param problem.outcome what is not `retryable` InfluxDB has refused for good */
export function troubleOf({ outcome, status }: Pick<DeliveryProblem, 'outcome' | 'status'>): InfluxTrouble {
  if (outcome !== 'retryable') return 'refused';
  if (status === 401 || status === 403) return 'token';
  if (status === 404) return 'bucket';
  const isPassing = status === undefined || status >= 500 || status === 408 || status === 429;
  // What is left is a redirect or a web page: something else listens there.
  return isPassing ? 'down' : 'url';
}
