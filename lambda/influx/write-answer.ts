import { HttpError } from '@influxdata/influxdb-client';
import { cut } from './normal-form.ts';

/**
 * What becomes of the lines of one request.
 * - `delivered`: they are stored.
 * - `rejected`: InfluxDB refuses at least one of them and will again; it has stored the others.
 * - `too-large`: fewer of them at once may pass.
 * - `retryable`: keep them. Someone has to mend something (401, 403, 404), or it is a matter of time.
 */
type DeliveryOutcome = 'delivered' | 'rejected' | 'too-large' | 'retryable';

/** How InfluxDB answered one write. */
export interface WriteAnswer {
  readonly outcome: DeliveryOutcome;
  /** The HTTP status; undefined when no answer came. */
  readonly status?: number;
  /** InfluxDB's own words or what went wrong on the way: at most 300 characters on one line, never the token. */
  readonly reason?: string;
  /** How long InfluxDB asks to be left alone, at most an hour. */
  readonly retryAfterMs?: number;
}

const maxReasonLength = 300;
/** A slip in a server's date must not keep data away for days. */
const maxRetryAfterMs = 3_600_000;

/**
 * Reads the client's error of one write as an answer; some of its errors are none, such as a 200.
 * @param token never shown in a reason
 * @param nowMs for a `Retry-After` that is a date
 */
export function answerOfError(error: unknown, token: string, nowMs: number): WriteAnswer {
  if (!(error instanceof HttpError)) {
    const status = statusOfUnreadableAnswer(error);
    if (status === 204) return { outcome: 'delivered', status };
    const outcome = status === undefined ? 'retryable' : outcomeOf(status);
    return { outcome, reason: reasonOf(error, token), ...(status !== undefined && { status }) };
  }
  const { statusCode: status, headers } = error;
  if (isStored(error)) return { outcome: 'delivered', status };
  const retryAfterMs = retryAfter(headers?.['retry-after'], nowMs);
  return {
    // A page says nothing of lines, but of a server before InfluxDB: only that they are too many it may know as well.
    outcome: isPage(error) && status !== 413 ? 'retryable' : outcomeOf(status),
    status,
    reason: reasonOf(error, token),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/** The other side has ended a connection before it answered on it. */
export function isDeadConnection(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}

/** The client takes 201 and 204 as success only, where some stores answer 200; but a web page's 200 is no store's. */
function isStored(error: HttpError): boolean {
  return error.statusCode >= 200 && error.statusCode < 300 && !isPage(error);
}

function isPage({ headers }: HttpError): boolean {
  return /html/i.test(String(headers?.['content-type']));
}

function outcomeOf(status: number): DeliveryOutcome {
  if (status === 400 || status === 422) return 'rejected';
  return status === 413 ? 'too-large' : 'retryable';
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

function reasonOf(error: unknown, token: string): string {
  const words = error instanceof HttpError ? wordsOfAnswer(error) : wordsOfFailure(error);
  // No InfluxDB has tokens so short, and a short one would hit words.
  const withoutToken = token.length < shortestToken ? words : words.replaceAll(token, '[token]');
  return cut(withoutToken.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim(), maxReasonLength).toWellFormed();
}

function wordsOfAnswer(error: HttpError): string {
  if (isPage(error)) return `a web page answers at this address (status ${error.statusCode})`;
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
  // An attempt over several addresses fails with an empty message and a code.
  return error.message === '' && 'code' in error ? String(error.code) : error.message;
}
