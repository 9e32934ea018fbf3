import type { AdminApp } from './routes/route-parts.ts';

/** `GET /openapi.json`: made from the schemas that validate, for everybody to read. */
export function describeApi(app: AdminApp): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer' });
  const about = {
    openapi: '3.1.0',
    info: {
      title: 'locust2influx',
      version: '1',
      description: 'Register, check, change, pause and remove Locust targets while everything runs.',
    },
  };
  app.get('/openapi.json', (context) => {
    const document = JSON.stringify(app.getOpenAPI31Document(about), withoutFlags);
    return context.body(document, 200, { 'content-type': 'application/json' });
  });
}

/** The generator writes a regular expression's flags at the end of its pattern, where they would have to match. */
function withoutFlags(key: string, value: unknown): unknown {
  return key === 'pattern' && typeof value === 'string' ? value.replace(/\/[a-z]+$/, '') : value;
}
