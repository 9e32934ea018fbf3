import { decodeBody } from '../fetch/content-encoding.ts';
import type { CpuSpending } from '../fetch/cpu-budget.ts';
import type { Failure } from '../failure.ts';
import { reportLimits as limits } from './limits.ts';
import { createReportParser } from './report.ts';
import type { ParsedReport } from './report.ts';

/** A body's report, or why it holds none, in words that begin with what it is said of. */
export type DecodedReport = Extract<ParsedReport, { ok: true }> | { readonly ok: false; readonly failure: Failure };

/** What is wrong with a body, in sentences for the reader; none may hold anything of the body. */
export interface ReportWords {
  tooLarge(maxBytes: number): string;
  tooManyValues(maxValues: number): string;
  unreadable(): string;
  /** @param problem such as `the answer is empty` */
  notLocust(problem: string): string;
}

/** Reads a body as it came, within the limits of time and memory that every report has. Never rejects. */
export async function decodeReport(
  body: Buffer,
  {
    contentEncoding,
    maxBytes = limits.maxBytes,
    words,
    spend = (work) => work(),
  }: {
    readonly contentEncoding: string | undefined;
    /** Limit of what is decoded. */
    readonly maxBytes?: number;
    readonly words: ReportWords;
    /** Does each part of the work, and may count what it costs. */
    readonly spend?: CpuSpending;
  },
): Promise<DecodedReport> {
  const parser = createReportParser();
  const take = (piece: Buffer): void => {
    spend(() => {
      parser.push(piece);
    });
  };
  const decoded = await decodeBody(body, { contentEncoding, maxBytes, take });
  if (decoded === 'too-large') return failed('too-large', words.tooLarge(maxBytes));
  if (decoded === 'unreadable') return failed('not-locust', words.unreadable());
  return asDecoded(
    spend(() => parser.end()),
    words,
  );
}

/** The same of a body that a parser has taken piece by piece. */
export function asDecoded(parsed: ParsedReport, words: ReportWords): DecodedReport {
  if (parsed.ok) return parsed;
  if (parsed.reason === 'not-locust') return failed('not-locust', words.notLocust(parsed.message));
  const isLarge = parsed.reason === 'too-large';
  return failed('too-large', isLarge ? words.tooLarge(limits.maxKeptBytes) : words.tooManyValues(limits.maxValues));
}

function failed(kind: Failure['kind'], message: string): DecodedReport {
  return { ok: false, failure: { kind, message } };
}
