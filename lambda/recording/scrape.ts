import type { FetchedReport } from '../locust/fetch/fetch-report.ts';
import type { PageReading } from '../locust/fetch/read-page.ts';
import type { FollowedTarget } from './followed-target.ts';

/** One scrape of a target: an attempt to read it at an instant, or a report that it sent. */
export interface Scrape {
  readonly followed: FollowedTarget;
  readonly fetched: FetchedReport;
  readonly atMs: number;
  /** When a report that was sent came, ms. */
  readonly receivedAtMs?: number;
  /** A test ran moments ago, of which nothing is on record. */
  readonly sawTest?: boolean;
  /** Reads Locust's own page: when a run begins, after a gap, and where a test may have been missed. */
  readonly readPage?: () => Promise<PageReading>;
}
