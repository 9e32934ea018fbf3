import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type * as z from 'zod';

/** Where a request is wrong, and what is allowed there; never the value, which may be a secret. */
export interface FieldProblem {
  /** `tags.env`; empty for the whole of `in`. */
  readonly field: string;
  readonly in: 'body' | 'query' | 'path' | 'header';
  readonly message: string;
}

/** Every kind of problem, with its status and title: the last part of an answer's `type`. */
const kinds = {
  'malformed-json': [400, 'The body is not JSON'],
  unauthorized: [401, 'A valid token is needed'],
  forbidden: [403, 'This token may not do that'],
  'not-found': [404, 'There is no such thing'],
  'method-not-allowed': [405, 'This path does not take that method'],
  conflict: [409, 'Others keep changing this target'],
  'reports-by-itself': [409, 'This target reports by itself'],
  'not-collected': [409, 'Nothing is collected from this target'],
  'unfit-target': [409, 'What is stored under this id is no target any more'],
  'unreadable-letter': [409, 'What is kept there cannot be read'],
  'precondition-failed': [412, 'The target is not as the request expects'],
  'too-large': [413, 'The body is too large'],
  'unsupported-media-type': [415, 'The body has a content type that is not taken'],
  'invalid-request': [422, 'The request does not fit'],
  'blocked-address': [422, 'Collecting from this address is not allowed'],
  'limit-reached': [422, 'A limit is reached'],
  'not-locust': [422, "The body is not Locust's statistics"],
  internal: [500, 'Something went wrong here'],
  unavailable: [503, 'Not now'],
} as const satisfies Record<string, readonly [ContentfulStatusCode, string]>;

export type ProblemKind = keyof typeof kinds;

/** Ends a request with a problem (RFC 9457). `message` is the answer's `detail`: one sentence for a person. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly kind: ProblemKind;
  readonly fields: readonly FieldProblem[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    kind: ProblemKind,
    detail: string,
    more: { readonly fields?: readonly FieldProblem[]; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail);
    this.kind = kind;
    this.fields = more.fields ?? [];
    this.headers = more.headers ?? {};
  }
}

/** As an answer. @param instance tells one occurrence from others, where it is logged */
export function problemResponse(error: ProblemError, instance?: string): Response {
  const [status, title] = kinds[error.kind];
  const body = {
    type: `urn:locust2influx:problem:${error.kind}`,
    title,
    status,
    detail: error.message,
    ...(instance !== undefined && { instance }),
    ...(error.fields.length > 0 && { errors: error.fields }),
  };
  const headers = { 'content-type': 'application/problem+json', ...error.headers };
  return new Response(JSON.stringify(body), { status, headers });
}

/** More than a person reads; a body of 64 KiB could have thousands. */
const maxFieldsTold = 20;

/** The problem of a request that does not fit its schema. */
export function invalidRequest(error: z.ZodError, where: FieldProblem['in']): ProblemError {
  const fields = error.issues.flatMap((issue) => fieldsOf(issue, where)).slice(0, maxFieldsTold);
  const details = [...Map.groupBy(fields, ({ message }) => message)].map(([message, those]) => {
    const names = those.flatMap(({ field }) => (field === '' ? [] : [field])).join(', ');
    return names === '' ? message : `${names}: ${message}`;
  });
  return new ProblemError('invalid-request', details.join('; '), { fields });
}

function fieldsOf(issue: z.core.$ZodIssue, where: FieldProblem['in']): FieldProblem[] {
  const path = issue.path.map(String);
  const problem = (message: string, ...more: string[]): FieldProblem => {
    return { field: [...path, ...more].join('.'), in: where, message };
  };
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => problem(issue.message, key));
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => problem(message));
  return [problem(issue.message)];
}
