import { Agent as HttpAgent, validateHeaderValue } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { HttpError, InfluxDB, type Transport } from '@influxdata/influxdb-client';
import type { LookupFunction } from 'node:net';
import type { Clock } from '../../runtime/clock.ts';
import { createNameResolver } from '../../runtime/name-resolver.ts';
import { withResolvers } from '../../runtime/with-resolvers.ts';
import type { Lines } from '../lines.ts';
import { fixedToken, keepToken } from './influx-token.ts';
import type { InfluxToken } from './influx-token.ts';
import type { InfluxSettings } from './influx-variables.ts';
import { answerOfError, isDeadConnection, isPage } from './write-answer.ts';
import type { WriteAnswer } from './write-answer.ts';

export interface InfluxWriterOptions {
  /** http or https, with a base path if there is one; `/api/v2` at its end is understood. */
  readonly url: string;
  readonly org: string;
  readonly bucket: string;
  /** One that can be read again is, once InfluxDB has answered 401. */
  readonly token: string | InfluxToken;
  readonly clock: Clock;
  /** Resolves the address's name; that of a `NameResolver` unless given. */
  readonly lookup?: LookupFunction;
  /** Makes the connections, instead of one that finds the address; the writer's own, which ends with it. */
  readonly agent?: HttpAgent;
}

/** Writes to one bucket of one InfluxDB, over connections that are kept alive between writes. */
export interface InfluxWriter {
  /**
   * Sends lines (ms precision) in one request, gzipped from 1,000 bytes up, and says what InfluxDB answered. It is sent
   * a second time where the connection was dead, or where there is another token after a 401: writing lines twice does
   * no harm. No lines are no request. Never rejects.
   * @param timeoutMs for all of it; then the request is aborted
   */
  write(lines: Lines, timeoutMs: number): Promise<WriteAnswer>;
  /** Aborts what is under way and ends the connections; what is written later is `retryable`. */
  close(): void;
}

/** Below this, gzip saves no packet. */
const gzipFromBytes = 1000;

/**
 * Opens nothing yet: a connection is made with the first write.
 * @throws TypeError when the url or a token that is given cannot stand in a request; its message shows neither.
 */
export function createInfluxWriter(options: InfluxWriterOptions): InfluxWriter {
  const { url, org, bucket, token, clock } = options;
  const base = baseUrl(url);
  if (typeof token === 'string') validateHeaderValue('authorization', `Token ${token}`);
  const source = typeof token === 'string' ? fixedToken(token) : token;
  const agent = options.agent ?? networkAgent(base, options);
  // The client's own timeout would leave the request running; the signal does not.
  const { transport } = new InfluxDB({ url: base, timeout: 0, transportOptions: { agent } });
  const path = `/api/v2/write?org=${encodeURIComponent(org)}&bucket=${encodeURIComponent(bucket)}&precision=ms`;
  const closing = new AbortController();

  const send = async ({ text }: Lines, current: string, deadline: AbortSignal): Promise<WriteAnswer> => {
    const signal = AbortSignal.any([deadline, closing.signal]);
    const request = { path, text, token: current, signal };
    try {
      // Too late: the lines need not even be packed.
      signal.throwIfAborted();
      const status = await postLines(transport, request).catch((error: unknown) => {
        if (signal.aborted || !isDeadConnection(error)) throw error;
        // Whatever was kept alive over a pause may be dead by now.
        for (const sockets of Object.values(agent.freeSockets)) sockets?.forEach((socket) => socket.destroy());
        return postLines(transport, request);
      });
      return { outcome: 'delivered', status };
    } catch (error) {
      if (closing.signal.aborted) return { outcome: 'retryable', reason: 'closed before InfluxDB answered' };
      if (deadline.aborted) return { outcome: 'retryable', reason: 'InfluxDB did not answer before the deadline' };
      return answerOfError(error, current, clock.now());
    }
  };

  return {
    async write(lines, timeoutMs) {
      if (lines.count === 0) return { outcome: 'delivered' };
      const deadline = clock.deadline(timeoutMs);
      try {
        const first = await source.read();
        const answer = await send(lines, first, deadline);
        if (answer.status !== 401) return answer;
        source.forget(first);
        const second = await source.read();
        return second === first ? answer : await send(lines, second, deadline);
      } catch (error) {
        return { outcome: 'retryable', reason: error instanceof Error ? error.message : 'the token cannot be read' };
      }
    },
    close() {
      closing.abort();
      agent.destroy();
    },
  };
}

function networkAgent(base: string, { lookup = createNameResolver().lookup }: InfluxWriterOptions): HttpAgent {
  return new (base.startsWith('https:') ? HttpsAgent : HttpAgent)({ keepAlive: true, lookup });
}

/**
 * Opens writers that share one token, which is read once for each environment, and again when InfluxDB refuses it.
 * The client that reads it is loaded when it is needed.
 */
export function writerOpener({ influx, influxToken }: InfluxSettings, clock: Clock): () => InfluxWriter {
  const token =
    'token' in influxToken
      ? fixedToken(influxToken.token)
      : keepToken(async () => {
          const { readSecretText } = await import('../../runtime/secret-text.ts');
          return readSecretText(influxToken.secretId);
        });
  return () => createInfluxWriter({ ...influx, token, clock });
}

interface WriteRequest {
  readonly path: string;
  readonly text: string;
  readonly token: string;
  readonly signal: AbortSignal;
}

/**
 * One POST, by the client's transport alone: its WriteApi can neither be aborted nor return the status.
 * @returns the status, of the 2xx
 * @throws HttpError for any other answer and for a web page, another Error where none came.
 */
async function postLines(transport: Transport, { path, text, token, signal }: WriteRequest): Promise<number> {
  const headers = { authorization: `Token ${token}`, 'content-type': 'text/plain; charset=utf-8' };
  validateHeaderValue('authorization', headers.authorization);
  const answered = withResolvers<number>();
  let onComplete = (): void => undefined;
  transport.send(
    path,
    text,
    { method: 'POST', headers, gzipThreshold: gzipFromBytes, signal },
    {
      responseStarted(given, status = 0) {
        const contentType = given['content-type']?.toString();
        onComplete = () => {
          if (!isPage(contentType)) answered.resolve(status);
          else answered.reject(new HttpError(status, undefined, undefined, undefined, contentType, undefined, given));
        };
      },
      complete: () => {
        onComplete();
      },
      error: answered.reject,
    },
  );
  return answered.promise;
}

function baseUrl(text: string): string {
  // The error of `new URL` holds the text, which may hold a password.
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (url === undefined || !isHttp) throw new TypeError('The address of InfluxDB must be an http or https URL');
  if (url.username !== '' || url.password !== '' || url.search !== '') {
    throw new TypeError('The address of InfluxDB must have no user, password or query in it');
  }
  return url.origin + url.pathname.replace(/(?:\/api\/v2(?:\/write)?)?\/*$/, '');
}
