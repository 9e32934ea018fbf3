import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type * as z from 'zod';
import { groupBy } from '../../runtime/group-by.ts';

/** Where a request is wrong, and what is allowed there; never the value, which may be a secret. */
export interface FieldProblem {
  /** `tags.env`; empty for the whole of `in`. */
  readonly field: string;
  readonly in: 'body' | 'query' | 'path' | 'header';
  readonly message: string;
}

/** Every kind of problem, with its status and title: the last part of an answer's `type`. */
const kinds = {
  'malformed-json': [400, 'The body is not valid JSON'],
  unauthorized: [401, 'A valid token is needed'],
  forbidden: [403, 'This token may not do that'],
  'not-found': [404, 'Not found'],
  'foreign-origin': [403, 'Another page may not change anything here'],
  'method-not-allowed': [405, 'This path does not take that method'],
  conflict: [409, 'Others keep changing this target, try again'],
  'reports-by-itself': [409, 'This target sends its own reports'],
  'not-collected': [409, 'Nothing is collected from this target'],
  'run-under-way': [409, 'The run has not ended yet'],
  'no-criteria': [409, 'There is no verdict without criteria'],
  'unfit-target': [409, 'The stored item is not a valid target'],
  'unreadable-letter': [409, 'This dead letter cannot be read'],
  'precondition-failed': [412, 'The target has changed'],
  'too-large': [413, 'The body is too large'],
  'unsupported-media-type': [415, 'Unsupported content type'],
  'invalid-request': [422, 'The request is not valid'],
  'blocked-address': [422, 'This address is blocked'],
  'limit-reached': [422, 'Limit reached'],
  'unknown-host': [421, 'This server does not answer to that host name'],
  'not-locust': [422, "The body is not Locust's statistics"],
  'too-many-targets': [429, 'Reporters have as many targets as they may have'],
  'too-many-requests': [429, 'Too many new targets, try again shortly'],
  'too-many-edits': [429, 'Too many edits, try again shortly'],
  'too-many-reports': [429, 'Too many reports, try again shortly'],
  'answer-too-large': [500, 'The answer is too large'],
  internal: [500, 'Something went wrong here'],
  unavailable: [503, 'Busy, try again shortly'],
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

/** As an answer. @param instance identifies one occurrence in the log */
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
const maxFieldsNamed = 20;

/** The problem of a request that does not fit its schema. */
export function invalidRequest(error: z.ZodError, where: FieldProblem['in']): ProblemError {
  const fields = error.issues.flatMap((issue) => fieldsOf(issue, where)).slice(0, maxFieldsNamed);
  const details = [...groupBy(fields, ({ message }) => message)].map(([message, those]) => {
    const names = those.flatMap(({ field }) => (field === '' ? [] : [field])).join(', ');
    return `${names === '' ? `the ${where}` : names}: ${message}`;
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
