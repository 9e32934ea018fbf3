import type { FetchedReport } from '../../locust/fetch/fetch-report.ts';
import type { Target } from '../../targets/target.ts';

/** A report that a target sent, decoded. */
export interface SentReport {
  readonly target: Target;
  readonly fetched: Extract<FetchedReport, { ok: true }>;
  /** The sender's instant, ms: the report's identity. */
  readonly atMs: number;
}
