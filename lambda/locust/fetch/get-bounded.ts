import { request as httpRequest, type Agent, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { TLSSocket } from 'node:tls';
import type { BodyBudget } from './body-budget.ts';
import { GetError, type GetPhase } from './get-error.ts';
import type { ReadingTurns } from './reading-turns.ts';
import { readBody, type PlainReader } from './read-body.ts';

/** One HTTP GET with its limits, or one POST of a form. */
export interface BoundedGet {
  /** http: or https:. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly agent: Agent;
  /** Covers everything from name resolution to the body's last byte; when aborted, the socket is destroyed. */
  readonly deadline: AbortSignal;
  /** Limit of a body as it comes, before decompression; the reader has its own. */
  readonly maxBytes: number;
  /** What all bodies that are being read may hold together. */
  readonly budget: BodyBudget;
  /** How long all bodies may be read at a stretch. */
  readonly turns: ReadingTurns;
  /** Takes a body that is not encoded piece by piece; without it, it is kept whole. */
  readonly reader?: PlainReader;
  /** An encoded form, which makes it a POST. */
  readonly form?: string;
}

/** The head of an answer, and the body that a GET brought with status 200, as it came: no other is read. */
export interface Answer {
  readonly status: number;
  readonly contentEncoding: string | undefined;
  readonly location: string | undefined;
  readonly setCookies: readonly string[];
  /** Undefined where the reader took it. */
  readonly body: Buffer | undefined;
  readonly sizeBytes: number;
}

/**
 * Sends one request and reads the answer within its limits. A kept socket that turns out to be dead before any answer came
 * is replaced by another one within the same deadline.
 * @throws GetError for whatever the network or the target does.
 */
export async function getBounded(get: BoundedGet): Promise<Answer> {
  for (;;) {
    const attempt: Attempt = { request: send(get), response: undefined };
    try {
      return await answerTo(attempt, get);
    } catch (error) {
      attempt.request.destroy();
      // Ends: each turn uses up one kept socket of this origin, and a new one's failure is final.
      // What a person entered is sent once: it may have been read.
      if (get.form !== undefined || !foundSocketDead(attempt, error)) throw asGetError(error, attempt);
    }
  }
}

/** Answers with a status below 200 before the real one. A proxy may send one or two; their bytes count nowhere else. */
export const maxInterimAnswers = 8;

interface Attempt {
  readonly request: ClientRequest;
  response: IncomingMessage | undefined;
}

function send({ url, headers, agent, form }: BoundedGet): ClientRequest {
  const secure = url.protocol === 'https:';
  return (secure ? httpsRequest : httpRequest)({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 443 : 80) : url.port,
    path: url.pathname + url.search,
    method: form === undefined ? 'GET' : 'POST',
    headers,
    agent,
  }).end(form);
}

async function answerTo(attempt: Attempt, get: BoundedGet): Promise<Answer> {
  const { deadline } = get;
  let onDeadline = (): void => undefined;
  try {
    return await new Promise<Answer>((resolve, reject) => {
      onDeadline = () => {
        reject(new GetError('DEADLINE', phaseOf(attempt)));
      };
      // These listeners stay: a socket may fail once more after its request is settled.
      attempt.request.on('error', reject);
      attempt.request.on('upgrade', () => {
        reject(new GetError('HPE_UPGRADE', 'waiting'));
      });
      let interimAnswers = 0;
      attempt.request.on('information', () => {
        interimAnswers += 1;
        // What has come already is parsed to its end: thousands of them, each of which would make an error.
        if (interimAnswers !== maxInterimAnswers + 1) return;
        attempt.request.destroy();
        reject(new GetError('TOO_MANY_INTERIM', 'waiting'));
      });
      attempt.request.on('response', (response) => {
        attempt.response = response;
        response.on('error', reject);
        readAnswer(response, attempt.request, get).then(resolve, reject);
      });
      deadline.addEventListener('abort', onDeadline, { once: true });
      if (deadline.aborted) onDeadline();
    });
  } finally {
    deadline.removeEventListener('abort', onDeadline);
  }
}

async function readAnswer(response: IncomingMessage, request: ClientRequest, get: BoundedGet): Promise<Answer> {
  const { statusCode: status = 0, headers } = response;
  const { 'content-encoding': contentEncoding, 'set-cookie': setCookies = [], location } = headers;
  const head = { status, contentEncoding, location, setCookies };
  if (status === 200 && get.form === undefined) return { ...head, ...(await readBody(response, get)) };
  // Closing is cheaper than reading a body of unknown length for the sake of the connection.
  request.destroy();
  return { ...head, body: undefined, sizeBytes: 0 };
}

function phaseOf({ request, response }: Attempt): GetPhase {
  if (response !== undefined) return 'reading';
  const { socket } = request;
  // Node has no socket while a name is resolved by an agent of its own making.
  if (socket === null || socket.connecting) return 'connecting';
  return socket instanceof TLSSocket && isHandshaking(socket) ? 'tls-handshake' : 'waiting';
}

/** Unlike `getProtocol`, these two still say how the handshake ended after the socket is destroyed. */
function isHandshaking({ authorized, authorizationError }: TLSSocket): boolean {
  return !authorized && !authorizationError;
}

/** A reset on a socket that was kept says that the peer had closed it meanwhile, not that it refuses. */
function foundSocketDead({ request, response }: Attempt, error: unknown): boolean {
  const code = codeOf(error);
  return request.reusedSocket && response === undefined && (code === 'ECONNRESET' || code === 'EPIPE');
}

function asGetError(error: unknown, attempt: Attempt): GetError {
  return error instanceof GetError ? error : new GetError(codeOf(error), phaseOf(attempt), error);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
}
