import type * as z from 'zod';

/**
 * Reads a function's environment.
 * @param whose begins the message: `the collector`
 * @throws Error that names each variable that is wrong and what is allowed; never its value, which may be a secret
 */
export function parseEnvironment<Schema extends z.ZodType>(
  schema: Schema,
  given: Readonly<Record<string, string | undefined>>,
  whose: string,
): z.output<Schema> {
  const parsed = schema.safeParse(given, { error: ({ input }) => (input === undefined ? 'is not set' : undefined) });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`the environment of ${whose} is wrong: ${problems.join('; ')}`);
}
