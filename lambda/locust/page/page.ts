import { percentilesOfPage } from '../report/name-percentiles.ts';
import type { TestSetup } from '../test-setup.ts';
import { parseHistory } from './history.ts';
import type { HistoryEntry } from './history.ts';
import { setupOfMarkup } from './page-markup.ts';
import {
  hasShapeOfArguments,
  percentilesOfArguments,
  setupOfArguments,
  templateArguments,
} from './template-arguments.ts';

/** What Locust's own page (`/`) says, whatever the release. */
export interface LocustPage {
  readonly setup: TestSetup;
  /** Whether a load shape makes the users; undefined before 2.21, which do not say. */
  readonly hasShape?: boolean | undefined;
  /** The labels of the percentiles that come as `_1` and `_2`; undefined where the page does not name them. */
  readonly percentiles: readonly [string, string] | undefined;
  /** What Locust has kept of its last test, which may be under way; empty before 2.21, and where there is none. */
  readonly history: readonly HistoryEntry[];
}

/** Reads a page without executing anything. Undefined for the page of something else. Takes linear time. */
export function parsePage(text: string): LocustPage | undefined {
  const given = templateArguments(text);
  const setup = given === undefined ? setupOfMarkup(text) : setupOfArguments(given);
  const percentiles = percentilesOfPage(text) ?? (given && percentilesOfArguments(given));
  if (setup === undefined && percentiles === undefined) return undefined;
  return {
    setup: setup ?? {},
    hasShape: given && hasShapeOfArguments(given),
    percentiles,
    history: parseHistory(given?.get('history'), percentiles),
  };
}
