import { request as httpRequest, type Agent, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { TLSSocket } from 'node:tls';
import type { BodyBudget } from './body-budget.ts';

/** One HTTP GET with its limits. */
export interface BoundedGet {
  /** http: or https:. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly agent: Agent;
  /** Covers everything from name resolution to the body's last byte; when aborted, the socket is destroyed. */
  readonly deadline: AbortSignal;
  /** Limit of the body as it comes, before decompression. */
  readonly maxBytes: number;
  /** What all bodies that are being read may hold together. */
  readonly budget: BodyBudget;
}

/** The head of an answer, and its body as it came where the status is 200; the body of another status is not read. */
export interface Answer {
  readonly status: number;
  readonly contentEncoding: string | undefined;
  readonly location: string | undefined;
  readonly body: Buffer;
}

/** How far a GET had come when it failed. */
export type GetPhase = 'connecting' | 'tls-handshake' | 'waiting' | 'reading';

/** A GET that brought no whole answer. `code` is Node's, or DEADLINE, TOO_LARGE, TOO_MANY_PIECES or CROWDED_OUT. */
export class GetError extends Error {
  override readonly name = 'GetError';
  readonly code: string;
  readonly phase: GetPhase;

  constructor(code: string, phase: GetPhase, cause?: unknown) {
    super(`${code} while ${phase}`, { cause });
    this.code = code;
    this.phase = phase;
  }
}

// Every piece costs an event and an object, so a body sent byte by byte would cost far more than its size.
// The largest allowed body, 8 MiB in network packets of 1,400 bytes, comes in 6,000.
const maxPieces = 16_384;

/**
 * Sends one GET and reads the answer within its limits. A kept socket that turns out to be dead before any answer came
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
      if (!foundSocketDead(attempt, error)) throw asGetError(error, attempt);
    }
  }
}

interface Attempt {
  readonly request: ClientRequest;
  response: IncomingMessage | undefined;
}

function send({ url, headers, agent }: BoundedGet): ClientRequest {
  const secure = url.protocol === 'https:';
  return (secure ? httpsRequest : httpRequest)({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 443 : 80) : url.port,
    path: url.pathname,
    headers,
    agent,
  }).end();
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
  const head = { status, contentEncoding: headers['content-encoding'], location: headers.location };
  if (status === 200) return { ...head, body: await readBody(response, get) };
  // Closing is cheaper than reading a body of unknown length for the sake of the connection.
  request.destroy();
  return { ...head, body: Buffer.alloc(0) };
}

function readBody(response: IncomingMessage, { maxBytes, budget }: BoundedGet): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let size = 0;
    const share = budget.open({
      pause: () => response.pause(),
      resume: () => response.resume(),
      giveWay: () => {
        refuse('CROWDED_OUT');
      },
    });
    response.on('close', () => {
      share.release();
    });
    const refuse = (code: string): void => {
      pieces.length = 0;
      share.release();
      response.pause();
      reject(new GetError(code, 'reading'));
    };
    if (Number(response.headers['content-length']) > maxBytes) {
      refuse('TOO_LARGE');
      return;
    }
    response.on('data', (piece: Buffer) => {
      size += piece.length;
      pieces.push(piece);
      share.grow(piece.length);
      if (size > maxBytes) refuse('TOO_LARGE');
      else if (pieces.length > maxPieces) refuse('TOO_MANY_PIECES');
    });
    response.on('end', () => {
      const [only] = pieces;
      resolve(only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces, size));
    });
  });
}

function phaseOf({ request, response }: Attempt): GetPhase {
  if (response !== undefined) return 'reading';
  const { socket } = request;
  // Node has no socket while a name is resolved by an agent of its own making.
  if (socket === null || socket.connecting) return 'connecting';
  return socket instanceof TLSSocket && isHandshaking(socket) ? 'tls-handshake' : 'waiting';
}

/** Unlike `getProtocol`, these two keep telling how the handshake ended after the socket is destroyed. */
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
