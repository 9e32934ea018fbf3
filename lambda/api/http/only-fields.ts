import { z } from '@hono/zod-openapi';

/** An object that has no other fields than these; where it has, the problem says which are allowed. */
export function onlyFields<Shape extends z.ZodRawShape>(shape: Shape) {
  const names = Object.keys(shape);
  const unknown = `this field is not known; ${names.length === 1 ? 'only' : 'allowed are'} ${names.join(', ')}`;
  return z.strictObject(shape, { error: ({ code }) => (code === 'unrecognized_keys' ? unknown : undefined) });
}
