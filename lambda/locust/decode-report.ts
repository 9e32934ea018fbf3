import { decodeBody } from './content-encoding.ts';
import type { Failure } from './failure.ts';
import { hasTooManyValues, maxJsonValues } from './json-values.ts';
import { parseReport } from './report.ts';
import type { ParsedReport } from './report.ts';

// 500 rows are about 300 kB; this is room for the longest names and error texts.
export const maxReportBytes = 8 * 1024 * 1024;

/** A body's report, or why it holds none, in words that begin with what it is said of. */
export type DecodedReport = Extract<ParsedReport, { ok: true }> | { readonly ok: false; readonly failure: Failure };

/** What is wrong with a body, as sentences of whoever got it; none may hold anything of the body. */
export interface ReportWords {
  tooLarge(maxBytes: number): string;
  tooManyValues(maxValues: number): string;
  unreadable(): string;
  /** @param problem such as `the answer is empty` */
  notLocust(problem: string): string;
}

/** Reads a body as it came, within the limits of time and memory that every report has. Never throws. */
export function decodeReport(
  body: Buffer,
  {
    contentEncoding,
    maxBytes = maxReportBytes,
    words,
  }: {
    readonly contentEncoding: string | undefined;
    /** Limit of what is decoded. */
    readonly maxBytes?: number;
    readonly words: ReportWords;
  },
): DecodedReport {
  const failed = (kind: Failure['kind'], message: string): DecodedReport => ({ ok: false, failure: { kind, message } });
  const decoded = decodeBody(body, contentEncoding, maxBytes);
  if (!decoded.ok) {
    return decoded.reason === 'too-large'
      ? failed('too-large', words.tooLarge(maxBytes))
      : failed('not-locust', words.unreadable());
  }
  if (hasTooManyValues(decoded.body)) return failed('too-large', words.tooManyValues(maxJsonValues));
  const parsed = parseReport(decoded.body.toString());
  return parsed.ok ? parsed : failed('not-locust', words.notLocust(parsed.message));
}
