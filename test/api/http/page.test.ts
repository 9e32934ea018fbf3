import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createApi } from '../../../lambda/api/app.ts';
import { readAssets } from '../../../lambda/api/http/read-assets.ts';
import { startAdminRig, tokens, transports } from '../../support/rigs/api-rig.ts';
import type { AdminRig } from '../../support/rigs/api-rig.ts';

describe.each(transports)('every answer, %s', (transport) => {
  let rig: AdminRig;
  beforeAll(async () => {
    rig = await startAdminRig(transport);
  });
  afterAll(() => rig.close());

  it.each(['GET /', 'GET /openapi.json', 'GET /v1/targets', 'GET /v1/health', 'GET /nothing', 'DELETE /v1/targets'])(
    '%s carries the headers that keep a browser from doing more than it should',
    async (call) => {
      const { headers } = await rig.ask(call);

      expect(headers.get('content-security-policy')).toContain(
        "default-src 'none'; script-src 'self'; style-src 'self'",
      );
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('content-security-policy')).not.toMatch(/unsafe|\*/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-powered-by')).toBeNull();
    },
  );

  it('opens the API to no other origin', async () => {
    for (const method of ['GET', 'OPTIONS']) {
      const headers = { origin: 'https://evil.test', 'access-control-request-method': 'PUT' };
      const answer = await rig.ask(`${method} /v1/targets`, { headers });
      expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  it('is not to be stored, under /v1, whether it is good or not', async () => {
    for (const call of ['GET /v1/targets', 'GET /v1/targets/nothing']) {
      expect((await rig.ask(call)).headers.get('cache-control')).toBe('no-store');
    }
    expect((await rig.ask('GET /v1/targets', { token: null })).headers.get('cache-control')).toBe('no-store');
  });

  it('the page comes as its files are, and once only while they stay as they are', async () => {
    const page = await rig.ask('GET /', { token: null });
    const icon = await rig.fetch('/icon.png');

    expect(page).toMatchObject({ status: 200, text: '<!doctype html><title>Targets</title>' });
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(icon.headers.get('content-type')).toBe('image/png');
    expect(new Uint8Array(await icon.arrayBuffer())).toEqual(new Uint8Array([137, 80, 78, 71, 0, 255]));
    const again = await rig.ask('GET /', { headers: { 'if-none-match': page.etag } });
    expect(again).toMatchObject({ status: 304, text: '' });
    expect((await rig.ask('GET /', { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
    expect((await rig.ask('GET /../package.json')).status).toBe(404);
  });

  it.each([
    ['gzip, deflate, br', true],
    ['br;q=1.0, gzip;q=0.8', true],
    ['*;q=0.1, gzip;q=0', false],
    ['x-gzip', false],
    ['identity', false],
  ])('a text is compressed for who takes that, a picture is not: %s', async (acceptEncoding, isPacked) => {
    const headers = { 'accept-encoding': acceptEncoding };
    const [page, icon] = [await rig.fetch('/', { headers }), await rig.fetch('/icon.png', { headers })];

    expect(page.headers.get('content-encoding')).toBe(isPacked ? 'gzip' : null);
    expect(page.headers.get('vary')?.toLowerCase()).toContain('accept-encoding');
    const bytes = Buffer.from(await page.arrayBuffer());
    // Over HTTP, fetch undoes it.
    const text = isPacked && transport === 'in process' ? gunzipSync(bytes) : bytes;
    expect(text.toString()).toBe('<!doctype html><title>Targets</title>');
    expect(icon.headers.get('content-encoding')).toBeNull();
    const etag = page.headers.get('etag') ?? '';
    expect((await rig.fetch('/', { headers: { ...headers, 'if-none-match': etag } })).status).toBe(304);
  });

  it('HEAD answers as GET does, without a body', async () => {
    expect(await rig.ask('HEAD /')).toMatchObject({ status: 200, text: '' });
    const response = await rig.fetch('/v1/targets', {
      method: 'HEAD',
      headers: { authorization: `Bearer ${tokens.admin}` },
    });
    expect(response.status).toBe(200);
  });
});

describe('the document', () => {
  it('is made once: it costs some ms of CPU, and needs no token', async () => {
    let api: ReturnType<typeof createApi> | undefined;
    const rig = await startAdminRig('in process', (ports) => {
      api = createApi(ports);
      return {};
    });
    if (api === undefined) throw new Error('the rig has no ports');
    const making = vi.spyOn(api, 'getOpenAPI31Document');

    const texts = new Set<string>();
    for (let turn = 0; turn < 3; turn += 1) texts.add(await (await api.request('/openapi.json')).text());

    expect(making).toHaveBeenCalledOnce();
    expect(texts.size).toBe(1);
    await rig.close();
  });

  it('describes every call with its security, its answers and the rules that hold', async () => {
    const rig = await startAdminRig('in process');
    const { json, headers } = await rig.ask('GET /openapi.json', { token: null });
    await rig.close();

    const paths = json['paths'] as Record<string, Record<string, { responses: object; security: object[] }>>;
    const calls = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path}`),
    );
    expect(headers.get('content-type')).toContain('application/json');
    expect(calls.sort()).toEqual([
      'delete /v1/targets/{id}',
      'delete /v1/targets/{id}/runs/{run}',
      'get /v1/health',
      'get /v1/runs',
      'get /v1/targets',
      'get /v1/targets/{id}',
      'get /v1/targets/{id}/runs',
      'get /v1/targets/{id}/runs/{run}',
      'get /v1/targets/{id}/runs/{run}/stats.csv',
      'get /v1/targets/{id}/runs/{run}/verdict',
      'patch /v1/targets/{id}',
      'patch /v1/targets/{id}/runs/{run}',
      'post /v1/targets',
      'post /v1/targets/{id}/check',
      'put /v1/targets/{id}',
    ]);
    expect(paths['/v1/targets/{id}']?.['put']?.security).toEqual([{ token: [] }]);
    expect(Object.keys(paths['/v1/targets/{id}']?.['put']?.responses ?? {})).toEqual(
      ['200', '201', '400', '401', '403', '409', '412', '413', '415', '422', '429', '500', '503'], // prettier-ignore
    );
    const { schemas } = json['components'] as {
      schemas: Record<string, { properties: Record<string, object>; additionalProperties?: boolean }>;
    };
    expect(schemas['TargetBody']).toMatchObject({
      anyOf: [{ required: ['url'] }, { required: ['source'] }],
      additionalProperties: false,
      properties: {
        url: { type: 'string', maxLength: 2048 },
        maxEndpoints: { minimum: 1, maximum: 5000, default: 500 },
        maxErrors: { minimum: 1, maximum: 500, default: 50 },
        sampleSeconds: { type: 'integer', enum: [2, 5, 10, 15, 20, 30, 60], default: 10 },
        project: { pattern: String.raw`^[ -~\u00a0-\uffff]*$`, default: 'default' },
        tags: { maxProperties: 50, propertyNames: { maxLength: 256 } },
      },
    });
    expect(Object.keys(schemas['Target']?.properties ?? {})).not.toContain('secretsRef');
    expect(JSON.stringify(schemas['Target']?.properties['auth'])).not.toMatch(/password|"token"/);
  });
});

describe('the files of a folder', () => {
  it('become a page, without what is none', () => {
    const assets = readAssets(new URL('../../fixtures/tls/', import.meta.url));
    expect([...assets.keys()]).toEqual([]);
    expect(readAssets(new URL('./no-such-folder/', import.meta.url)).size).toBe(0);
  });
});
