import { z } from '@hono/zod-openapi';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { targetId } from '../../targets/target.ts';
import { problemAnswer } from '../answers.ts';
import type { ApiEnv } from './auth.ts';

export type ApiApp = OpenAPIHono<ApiEnv>;

/** A page has at most so many entries. */
const maxPageSize = 100;
const defaultPageSize = 50;

export const security = [{ token: [] }];

export const idParam = targetId.clone().openapi({ param: { name: 'id', in: 'path' }, example: 'shop' });

/** Every header of a condition that a route may take. */
export const conditionHeaders = z.object({
  'if-match': z.string().optional().openapi({ description: 'Only if the target still has this ETag; else 412.' }),
  'if-none-match': z.string().optional().openapi({ description: '`*`: only if there is no such target; else 412.' }),
});

export const pageQuery = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(maxPageSize)
    .default(defaultPageSize)
    .openapi({ type: 'integer', minimum: 1, maximum: maxPageSize, default: defaultPageSize }),
  cursor: z.string().max(1024).optional().openapi({ description: 'As the page before gave it.' }),
};

export const entityTagHeader = {
  ETag: { schema: { type: 'string' as const }, description: "The version of the target's settings, for If-Match." },
};

/** A JSON answer, as the document describes it. */
export function json<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

/** A problem, as the document describes it. */
export function problem(description: string) {
  return { description, content: { 'application/problem+json': { schema: problemAnswer } } };
}

/** What any call under /v1 may answer instead. */
export const commonProblems = {
  401: problem('No valid token'),
  403: problem('This token may not do that'),
  422: problem('A parameter or field does not fit; `errors` names it and what is allowed'),
  500: problem('Something failed here; `instance` names the log line'),
};

export const notFoundProblem = { 404: problem('There is no such thing') };

/** What a call with a body, or with conditions, may answer besides. */
export const editProblems = {
  409: problem('Others kept changing the target, or what is stored is no target'),
  412: problem('If-Match or If-None-Match does not hold'),
};

/** What an edit with the reporter token may answer besides. */
export const reporterProblems = {
  429: problem('Reporters have as many targets as they may have, or add or edit too many a minute'),
};

export const bodyProblems = {
  400: problem('The body is not JSON'),
  413: problem('The body is larger than 64 KiB'),
  415: problem('The body is not application/json'),
  503: problem('Too many bodies are under way; send the request again in some seconds'),
};
