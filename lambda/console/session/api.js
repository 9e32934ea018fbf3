// @ts-check
import { learnServerTime } from './server-time.js';
import { keptToken } from './session.js';

/** A check waits 5 s for Locust; this is for the API itself. */
const timeoutMs = 15_000;

/** The API is not there, or something between here and it answers in its place. */
export class ApiAway extends Error {}

/** The token is missing, wrong, or may not do this at all. */
export class TokenRefused extends Error {}

/**
 * The API refuses one request, and says why (RFC 9457).
 * @typedef {{ readonly field: string, readonly in?: string, readonly message: string }} FieldProblem
 */
export class Problem extends Error {
  /** @param {number} status @param {string} detail @param {readonly FieldProblem[]} fields */
  constructor(status, detail, fields) {
    super(detail);
    this.status = status;
    this.fields = fields;
  }
}

/** @typedef {{ detail?: unknown, title?: unknown, errors?: unknown }} ProblemBody */
/** @typedef {{ body?: unknown, ifMatch?: string | undefined, ifNoneMatch?: string, type?: string }} Asking */

/**
 * Asks the API.
 * @param {string} method
 * @param {string} path
 * @param {Asking} [asking]
 * @returns {Promise<{ body: unknown, etag: string | undefined }>} `body` is what the API's document says
 * @throws {ApiAway | TokenRefused | Problem}
 */
export async function ask(method, path, asking = {}) {
  const response = await send(method, path, asking);
  learnServerTime(response);
  const body = response.status === 204 ? undefined : await readJson(response);
  if (response.ok) return { body, etag: response.headers.get('etag') ?? undefined };
  throw failureOf(method, response.status, /** @type {ProblemBody | undefined} */ (body));
}

/** Asks the API for a file of text. @param {string} path @throws {ApiAway | TokenRefused | Problem} */
export async function askText(path) {
  const response = await send('GET', path, {});
  if (response.ok) return response.text();
  throw failureOf('GET', response.status, /** @type {ProblemBody | undefined} */ (await readJson(response)));
}

/** @param {string} method @param {number} status @param {ProblemBody | undefined} body */
function failureOf(method, status, body) {
  const detail = textOf(body?.detail) ?? textOf(body?.title) ?? `The API answered ${status}.`;
  if (status === 401 || (status === 403 && method === 'GET')) return new TokenRefused(detail);
  if (status >= 500) return new ApiAway(detail);
  return new Problem(status, detail, Array.isArray(body?.errors) ? /** @type {FieldProblem[]} */ (body.errors) : []);
}

/** @param {string} method @param {string} path @param {Asking} asking */
async function send(method, path, { body, ifMatch, ifNoneMatch, type = 'application/json' }) {
  const headers = new Headers({ accept: 'application/json', authorization: `Bearer ${keptToken() ?? ''}` });
  if (body !== undefined) headers.set('content-type', type);
  if (ifMatch !== undefined) headers.set('if-match', ifMatch);
  if (ifNoneMatch !== undefined) headers.set('if-none-match', ifNoneMatch);
  try {
    return await fetch(path, {
      method,
      headers,
      // Of undefined it makes undefined: no body.
      body: JSON.stringify(body),
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (error) {
    throw new ApiAway('The API does not answer.', { cause: error });
  }
}

/** @param {Response} response @returns {Promise<unknown>} */
async function readJson(response) {
  const text = await response.text().catch(() => '');
  try {
    /** @type {unknown} */
    const body = JSON.parse(text);
    return body;
  } catch (error) {
    if (!response.ok) return undefined;
    throw new ApiAway('Something other than the API answered.', { cause: error });
  }
}

/** @param {unknown} value */
function textOf(value) {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
