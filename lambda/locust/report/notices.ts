import { reportLimits as limits } from './limits.ts';
import type { Cuts } from './trim-json.ts';

/** Something of an answer that is not in its report, or may be there under a wrong name. */
export interface Notice {
  /**
   * `locust-cut`: Locust sent 500 of its rows. `bad-rows`: rows that are none. `assumed-percentiles`: they have no
   * names. Else the limit that was hit.
   */
  readonly kind: 'locust-cut' | 'bad-rows' | 'assumed-percentiles' | keyof typeof limits;
  /** One sentence for a person, without anything from the answer. */
  readonly message: string;
}

/** How much there was. */
interface Given {
  readonly cuts: Cuts;
  readonly badRows: number;
  readonly hasAssumedPercentiles: boolean;
  readonly locustCutRows: boolean;
  readonly maxPercentiles: number;
  readonly maxErrors: number;
  readonly maxWorkers: number;
}

/** What is to be said of an answer, the most important first; nothing of most. */
export function noticesOf(given: Given): readonly Notice[] {
  const { cuts, badRows } = given;
  const all: readonly (Notice & { readonly applies: boolean })[] = [
    notice('maxRows', cuts.maxRows > 0, `A list has more than ${limits.maxRows} rows; the rest is left out.`),
    notice(
      'maxWorkers',
      given.maxWorkers > limits.maxWorkers,
      `There are more than ${limits.maxWorkers} workers; the rest is stored as one, (other).`,
    ),
    notice(
      'maxPercentiles',
      given.maxPercentiles > limits.maxPercentiles,
      `The answer has more than ${limits.maxPercentiles} kinds of percentiles; the first ones are stored.`,
    ),
    notice(
      'bad-rows',
      badRows > 0,
      `${badRows} rows of the answer are left out: they have no name, text or id, or that of another row. What they ` +
        'count of requests is in (other).',
    ),
    notice(
      'locust-cut',
      given.locustCutRows,
      'Locust sends 500 endpoints at most; the rest is stored as one, (other). Group them: give requests that differ ' +
        'by an id one name, as in name="/item/[id]".',
    ),
    notice(
      'assumed-percentiles',
      given.hasAssumedPercentiles,
      'This Locust does not name its current percentiles, and its page could not be read. 50 and 95 are assumed, which ' +
        'is wrong if the locustfile sets PERCENTILES_TO_CHART.',
    ),
    notice(
      'maxErrors',
      given.maxErrors > limits.maxErrors,
      `The answer has more than ${limits.maxErrors} errors; the first ones are stored.`,
    ),
    notice(
      'maxTextBytes',
      cuts.maxTextBytes > 0,
      `Names or error texts are longer than ${limits.maxTextBytes} bytes and stored cut off; keep whole pages ` +
        'out of failure texts, as in response.failure(response.text[:200]).',
    ),
    notice('maxKeys', cuts.maxKeys > 0, `An object has more than ${limits.maxKeys} keys; the rest is left out.`),
    notice('maxDepth', cuts.maxDepth > 0, `What is nested deeper than ${limits.maxDepth} levels is left out.`),
  ];
  return all.filter(({ applies }) => applies).map(({ kind, message }) => ({ kind, message }));
}

function notice(kind: Notice['kind'], applies: boolean, message: string): Notice & { readonly applies: boolean } {
  return { kind, applies, message };
}
