import { isUtf8 } from 'node:buffer';
import { createMiddleware } from 'hono/factory';
import { jsonProblem } from './json-problem.ts';
import { ProblemError } from './problem.ts';

/**
 * Lets in a body that says that it is something, and is UTF-8. Without a content type a body that is not there would
 * pass for `{}`, and without this look bytes of another encoding would become U+FFFD in silence.
 */
export const requireJson = createMiddleware(async ({ req }, next) => {
  if ((req.header('content-type') ?? '') === '') {
    throw new ProblemError('unsupported-media-type', 'Send a body, and with it Content-Type: application/json.');
  }
  const bytes = Buffer.from(await req.arrayBuffer());
  if (!isUtf8(bytes)) throw new ProblemError('malformed-json', 'The body is not UTF-8.');
  const problem = jsonProblem(new TextDecoder().decode(bytes));
  if (problem !== undefined) throw new ProblemError('malformed-json', `The body is not valid JSON: ${problem}.`);
  await next();
});
