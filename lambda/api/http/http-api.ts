import { ProblemError, problemResponse } from './problem.ts';

/** What Lambda answers with at most, bytes: the whole result as JSON, in which the body is a text. */
export const maxAnswerBytes = 6 * 1024 * 1024;
/** A control character becomes `\\u0000`. */
const mostBytesPerByte = 7;

/** A request, as an HTTP API of API Gateway hands it over (payload format 2.0): what is used of it. */
export interface HttpApiEvent {
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: string | undefined;
  readonly isBase64Encoded: boolean;
  readonly requestContext: {
    readonly domainName: string;
    readonly stage: string;
    readonly http: { readonly method: string };
  };
}

interface HttpApiResult {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}

/** Answers requests of an HTTP API. */
export type HttpApiHandler = (event: HttpApiEvent) => Promise<HttpApiResult>;

/**
 * Lets anything that answers a Request answer an HTTP API. Own code, because Hono's adapter is deprecated in favour of
 * a package that is not there yet.
 */
export function answerHttpApi(fetch: (request: Request) => Response | Promise<Response>): HttpApiHandler {
  return async (event) => {
    const request = readRequest(event);
    if (request !== undefined) return withinLimit(await toResult(await fetch(request)));
    return toResult(problemResponse(new ProblemError('invalid-request', 'The request cannot be read.')));
  };
}

/** Undefined for what no Request can be made of: TRACE, a path that is none, a header that HTTP does not allow. */
function readRequest(event: HttpApiEvent): Request | undefined {
  try {
    return toRequest(event);
  } catch {
    return undefined;
  }
}

function toRequest(event: HttpApiEvent): Request {
  const { rawPath, rawQueryString, requestContext, body, isBase64Encoded } = event;
  const { method } = requestContext.http;
  const headers = new Headers();
  for (const [name, value] of Object.entries(event.headers)) {
    if (value !== undefined) headers.set(name, value);
  }
  // A stage other than $default stands before the path.
  const stage = `/${requestContext.stage}`;
  const path = rawPath.startsWith(`${stage}/`) ? rawPath.slice(stage.length) : rawPath;
  const query = rawQueryString === '' ? '' : `?${rawQueryString}`;
  if (!path.startsWith('/')) throw new TypeError('a path begins with a slash');
  const url = new URL(`https://${requestContext.domainName}`);
  const hasBody = body !== undefined && method !== 'GET' && method !== 'HEAD';
  return new Request(`${url.origin}${encodedPath(path)}${query}`, {
    method,
    headers,
    ...(hasBody && { body: isBase64Encoded ? Buffer.from(body, 'base64') : body }),
  });
}

/**
 * An HTTP API hands paths over decoded. What a URL would take for its end, for a slash or for nothing is encoded again:
 * `sh%0Aop` and `shop%3F` are not `shop`.
 */
function encodedPath(path: string): string {
  return path.replaceAll(/[^\x21-\x7e]|[?#\\]/gu, (character) => encodeURIComponent(character));
}

/** Beyond the limit the caller would see a bare 502 of API Gateway, and nobody would know why. */
async function withinLimit(result: HttpApiResult): Promise<HttpApiResult> {
  const bodyBytes = Buffer.byteLength(result.body ?? '');
  if (bodyBytes * mostBytesPerByte < maxAnswerBytes) return result;
  if (Buffer.byteLength(JSON.stringify(result)) <= maxAnswerBytes) return result;
  const detail = `The answer is larger than the ${maxAnswerBytes} bytes (6 MiB) that Lambda allows. Ask for fewer at once, with limit.`;
  return toResult(problemResponse(new ProblemError('answer-too-large', detail)));
}

async function toResult(response: Response): Promise<HttpApiResult> {
  const bytes = Buffer.from(await response.arrayBuffer());
  const contentType = response.headers.get('content-type') ?? '';
  const isPacked = response.headers.has('content-encoding');
  const isText = !isPacked && /^(?:text\/|application\/(?:[\w.-]+\+)?json|image\/svg)/.test(contentType);
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    ...(bytes.length > 0 && { body: bytes.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: bytes.length > 0 && !isText,
  };
}
