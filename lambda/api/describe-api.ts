import type { ApiApp } from './http/route-parts.ts';

/** `GET /openapi.json`: made from the schemas that validate, for everybody to read. */
export function describeApi(app: ApiApp): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' });
  const about = {
    openapi: '3.1.0',
    info: {
      title: 'locust2influx',
      version: '1',
      description: 'Register, check, change, pause and remove Locust targets while everything runs.',
    },
  };
  let document: string | undefined;
  app.get('/openapi.json', (context) => {
    // Once: it takes some ms of CPU, and anybody may ask for it.
    document ??= JSON.stringify(app.getOpenAPI31Document(about), withoutFlags);
    return context.body(document, 200, { 'content-type': 'application/json' });
  });
}

/** The generator writes a regular expression's flags at the end of its pattern, where they would have to match. */
function withoutFlags(key: string, value: unknown): unknown {
  return key === 'pattern' && typeof value === 'string' ? value.replace(/\/[a-z]+$/, '') : value;
}
