import { HttpError } from '@influxdata/influxdb-client';
import { isTlsTrouble } from '../../runtime/tls-trouble.ts';
import { cut } from '../points/normal-form.ts';

/** InfluxDB has stored the lines. */
interface Written {
  readonly outcome: 'delivered';
  readonly status?: number;
}

/** InfluxDB has not stored the lines, or not all of them. */
export interface NotWritten {
  /**
   * - `rejected`: InfluxDB will never take at least one of them; it may have stored the others.
   * - `too-large`: fewer of them at once may pass.
   * - `retryable`: keep them. Someone has to mend something (401, 403, 404), or it is a matter of time.
   */
  readonly outcome: 'rejected' | 'too-large' | 'retryable';
  /** The HTTP status; undefined when no answer came. */
  readonly status?: number;
  /** InfluxDB's own words or what went wrong on the way: at most 300 characters on one line, never the token. */
  readonly reason: string;
  /** So many of the lines InfluxDB says that it has dropped, where it says so; it has stored the others. */
  readonly droppedLines?: number;
  /** No answer, as the other side's certificate or its TLS is not as it has to be: somebody has to mend that. */
  readonly isTlsTrouble?: boolean;
  /** How long InfluxDB asks to be left alone, at most an hour. */
  readonly retryAfterMs?: number;
}

/** What InfluxDB answered to one write. */
export type WriteAnswer = Written | NotWritten;

const maxReasonLength = 300;
/**
 * Words with which a 5xx, too, rejects lines for good: InfluxDB 2.0.0 to 2.1.1 answer 500 for a partial write. Were the
 * lines kept, everything behind them would wait for ever.
 */
const rejectingWords = /field type conflict|(?:beyond|outside) (?:the )?retention|\bdropped=\d/i;
/** A partial write in these words alone is one that a cluster's other nodes did not answer to in time: that passes. */
const passingWords = /timeout|hinted handoff|consistency/i;
/** InfluxDB 2 refuses so, with a 400, a write that names no organisation: a setting is missing, and no line is bad. */
const asksForOrganisation = /\bprovide\b.*\borg/i;
/** A slip in a server's date must not keep data away for days. */
const maxRetryAfterMs = 3_600_000;

/**
 * Reads the client's error of one write as an answer; one of them is none, a 204 that breaks the rules.
 * @param token never shown in a reason
 * @param nowMs for a `Retry-After` that is a date
 */
export function answerOfError(error: unknown, token: string, nowMs: number): WriteAnswer {
  if (!(error instanceof HttpError)) {
    const status = statusOfUnreadableAnswer(error);
    if (status === 204) return { outcome: 'delivered', status };
    const outcome = status === undefined ? 'retryable' : outcomeOf(status, '');
    return {
      outcome,
      reason: readable(wordsOfFailure(error), token),
      ...(status !== undefined && { status }),
      ...(isTlsTrouble(error) && { isTlsTrouble: true }),
    };
  }
  const { statusCode: status, headers } = error;
  const retryAfterMs = retryAfter(headers?.['retry-after'], nowMs);
  const words = wordsOfAnswer(error);
  // A page says nothing of lines, but of a server before InfluxDB: only that they are too many it may know as well.
  const outcome = isPage(error.contentType) && status !== 413 ? 'retryable' : outcomeOf(status, words);
  const dropped = outcome === 'rejected' ? /\bdropped=(\d+)/.exec(words)?.[1] : undefined;
  return {
    outcome,
    status,
    reason: readable(words, token),
    ...(dropped !== undefined && { droppedLines: Number(dropped) }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/** The other side has ended a connection before it answered on it. */
export function isDeadConnection(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}

/** What a server before InfluxDB shows, or a page under a wrong address; no InfluxDB speaks HTML. */
export function isPage(contentType: string | null | undefined): boolean {
  return /html/i.test(contentType ?? '');
}

function outcomeOf(status: number, words: string): NotWritten['outcome'] {
  if (status === 400 && asksForOrganisation.test(words)) return 'retryable';
  if (status === 400 || status === 422 || (status >= 500 && rejectsLines(words))) return 'rejected';
  return status === 413 ? 'too-large' : 'retryable';
}

function rejectsLines(words: string): boolean {
  return rejectingWords.test(words) || (/partial write/i.test(words) && !passingWords.test(words));
}

/**
 * InfluxDB 1.x repeats bad input in a header; a control byte in it makes Node refuse the whole answer, as does a body
 * after a 204. Its status still stands in the bytes that Node keeps, and without it the lines would be sent again for
 * ever.
 */
function statusOfUnreadableAnswer(error: unknown): number | undefined {
  if (!(error instanceof Error && 'rawPacket' in error && error.rawPacket instanceof Uint8Array)) return undefined;
  const start = Buffer.from(error.rawPacket.subarray(0, 16)).toString('latin1');
  const status = /^HTTP\/1\.[01] (204|[45]\d\d)/.exec(start)?.[1];
  return status === undefined ? undefined : Number(status);
}

/** `Retry-After` is in seconds or a date; the client reads it as milliseconds. */
function retryAfter(header: string | string[] | undefined, nowMs: number): number | undefined {
  if (typeof header !== 'string') return undefined;
  const waitMs = /^\d+(?:\.\d+)?$/.test(header) ? Number(header) * 1000 : Date.parse(header) - nowMs;
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(waitMs, 0), maxRetryAfterMs);
}

const shortestToken = 6;

/** On one line, short, and without the token. */
function readable(words: string, token: string): string {
  // No InfluxDB has tokens so short, and a short one would hit words.
  const withoutToken = token.length < shortestToken ? words : words.replaceAll(token, '[token]');
  return cut(withoutToken.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim(), maxReasonLength).toWellFormed();
}

function wordsOfAnswer(error: HttpError): string {
  if (isPage(error.contentType)) return `a web page answers at this address (status ${error.statusCode})`;
  const answer: unknown = error.json;
  if (typeof answer === 'object' && answer !== null) {
    if ('message' in answer && typeof answer.message === 'string') return answer.message;
    if ('error' in answer && typeof answer.error === 'string') return answer.error + detailOf(answer);
  }
  return error.body ?? error.message;
}

/** InfluxDB 3 says what is wrong with a line in a list beside the error, of its first line at least. */
function detailOf(answer: object): string {
  const data: unknown = 'data' in answer ? answer.data : undefined;
  const first: unknown = Array.isArray(data) ? data[0] : data;
  const isDetail = typeof first === 'object' && first !== null && 'error_message' in first;
  return isDetail && typeof first.error_message === 'string' ? `: ${first.error_message}` : '';
}

function wordsOfFailure(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown failure';
  if (isTlsTrouble(error)) return `no TLS connection: ${error.message}`;
  // An attempt over several addresses fails with an empty message and a code.
  return error.message === '' && 'code' in error ? String(error.code) : error.message;
}
