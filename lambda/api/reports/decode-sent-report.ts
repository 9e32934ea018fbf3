import type { CpuSpending } from '../../locust/fetch/cpu-budget.ts';
import { decodeReport } from '../../locust/report/decode-report.ts';
import type { DecodedReport, ReportWords } from '../../locust/report/decode-report.ts';

/** A report as it came in. */
export interface ReportBody {
  readonly bytes: Buffer;
  readonly contentEncoding: string | undefined;
}

const words: ReportWords = {
  tooLarge: (maxBytes) => `A report is at most ${maxBytes} bytes once it is decompressed.`,
  tooManyValues: (maxValues) => `A report holds at most ${maxValues} values.`,
  unreadable: () => 'The report cannot be decompressed.',
  notLocust: (problem) => `${problem.replace('the answer', 'the report')}; send what /stats/requests answers`,
};

const spoiled: DecodedReport = {
  ok: false,
  failure: {
    kind: 'not-locust',
    message:
      'The compressed report was damaged on the way: API Gateway treats application/json as text. ' +
      'Send it as application/gzip.',
  },
};

/**
 * Reads the report that a test sent, as a fetched one is read. Whether it is gzip its own first bytes say: what stands
 * between sender and function may have decompressed it and left the header.
 * @param spend does each part of the work, and counts what it costs
 */
export async function decodeSentReport(
  { bytes, contentEncoding }: ReportBody,
  spend: CpuSpending = (work) => work(),
): Promise<DecodedReport> {
  if (startsWith(bytes, [0x1f, 0x8b])) return decodeReport(bytes, { contentEncoding: 'gzip', words, spend });
  if (startsWith(bytes, [0x1f, 0xef, 0xbf, 0xbd])) return spoiled;
  const isGone = /^\s*(?:x-)?gzip\s*$/i.test(contentEncoding ?? '');
  return decodeReport(bytes, { contentEncoding: isGone ? undefined : contentEncoding, words, spend });
}

function startsWith(bytes: Buffer, start: readonly number[]): boolean {
  return start.every((byte, index) => bytes[index] === byte);
}
