import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { problem, startAdminRig, tokens, transports } from '../../support/rigs/api-rig.ts';
import type { AdminRig } from '../../support/rigs/api-rig.ts';

const url = 'http://127.0.0.1:1';
const allFields =
  'source, url, project, enabled, sampleSeconds, states, tags, host, auth, tls, headers, maxEndpoints, maxErrors, criteria, baseline, expiresAt';
const long = (length: number): string => 'x'.repeat(length);
const tagsOf = (count: number): object =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index}`, 'x']));
const basic = (more: object): object => ({ url, auth: { type: 'basic', username: 'u', password: 'p', ...more } });

describe.each(transports)('what is refused, %s', (transport) => {
  let rig: AdminRig;
  beforeAll(async () => {
    rig = await startAdminRig(transport);
  });
  beforeEach(() => rig.reset());
  afterAll(() => rig.close());

  it.each<[string, object, string, string]>([
    ['a body without url', {}, 'url', 'is missing: a text'],
    ['an unknown field', { url, ulr: 1 }, 'ulr', `not known; allowed are ${allFields}`],
    ['an id in the body', { url, id: 'shop' }, 'id', 'not known'],
    ['a version in the body', { url, version: 7 }, 'version', 'not known'],
    ['a status in the body', { url, status: {} }, 'status', 'not known'],
    ['an owner in the body', { url, owner: 'admin' }, 'owner', 'not known'],
    ['a reference of secrets in the body', { url, secretsRef: 'x' }, 'secretsRef', 'not known'],
    ['an unknown field inside', basic({ pasword: 'x' }), 'auth.pasword', 'allowed are type, username, password'],
    ['an unknown field of tls', { url, tls: { verfy: false } }, 'tls.verfy', 'allowed are ca, verify'],
    ['another scheme', { url: 'ftp://host/' }, 'url', 'begin with http:// or https://'],
    ['a file', { url: 'file:///etc/passwd' }, 'url', 'begin with http:// or https://'],
    ['credentials in the URL', { url: 'http://u:p@127.0.0.1/' }, 'url', 'credentials belong in auth'],
    ['a query', { url: 'http://127.0.0.1/?a' }, 'url', 'query'],
    ['a fragment', { url: 'http://127.0.0.1/#a' }, 'url', 'fragment'],
    ['no URL', { url: 'localhost:8089' }, 'url', 'begin with http:// or https://'],
    ['a URL beyond 2,048', { url: `${url}/${long(2048)}` }, 'url', '2048'],
    ['an interval that is none', { url, sampleSeconds: 7 }, 'sampleSeconds', '2, 5, 10, 15, 20, 30, 60'],
    ['no state', { url, states: [] }, 'states', '1'],
    ['an unknown state', { url, states: ['stopped'] }, 'states.0', '"spawning", "running"'],
    ['too many endpoints', { url, maxEndpoints: 5001 }, 'maxEndpoints', '5000'],
    ['no endpoint', { url, maxEndpoints: 0 }, 'maxEndpoints', '1'],
    ['too many errors', { url, maxErrors: 501 }, 'maxErrors', '500'],
    ['half an endpoint', { url, maxEndpoints: 1.5 }, 'maxEndpoints', 'a whole number'],
    ['51 tags', { url, tags: tagsOf(51) }, 'tags', 'at most 50 tags'],
    ['a tag value of 257 characters', { url, tags: { env: long(257) } }, 'tags.env', '256'],
    ['an empty tag value', { url, tags: { env: '' } }, 'tags.env', '1'],
    ['a tag key of 257 characters', { url, tags: { [long(257)]: 'x' } }, `tags.${long(257)}`, '256'],
    ['a reserved tag key', { url, tags: { run: 'x' } }, 'tags.run', 'taken'],
    ['a tag key of InfluxDB', { url, tags: { _field: 'x' } }, 'tags._field', 'underscore'],
    ['a tag key with a line break', { url, tags: { 'a\nb': 'x' } }, 'tags.a\nb', 'control character'],
    ['a project with a line break', { url, project: 'a\nb' }, 'project', 'control characters'],
    ['an empty project', { url, project: '' }, 'project', '1'],
    ['an instant without a zone', { url, expiresAt: '2026-11-22T14:05:00' }, 'expiresAt', 'time zone'],
    [
      'an instant before the year 0 in UTC',
      { url, expiresAt: '0000-01-01T00:00:00+14:00' },
      'expiresAt',
      '0000 to 9999',
    ],
    [
      'an instant after the year 9999 in UTC',
      { url, expiresAt: '9999-12-31T23:00:00-02:00' },
      'expiresAt',
      '0000 to 9999',
    ],
    [
      'a URL beyond 2,048 once encoded',
      { url: `${url}/${'ü'.repeat(400)}` },
      'url',
      '2048 characters once percent-encoded',
    ],
    ['an instant that is none', { url, expiresAt: 'tomorrow' }, 'expiresAt', 'ISO 8601'],
    ['auth of another type', { url, auth: { type: 'digest' } }, 'auth.type', 'basic'],
    ['basic auth without a password', { url, auth: { type: 'basic', username: 'u' } }, 'auth.password', 'is missing'],
    ['a colon in the user name', basic({ username: 'a:b' }), 'auth.username', 'colon'],
    ['a line break in the token', { url, auth: { type: 'bearer', token: 'a\r\nx: y' } }, 'auth.token', 'printable'],
    ['a line break in a header', { url, headers: { 'X-Key': 'a\r\nHost: b' } }, 'headers.X-Key', 'line breaks'],
    ['a header name that is none', { url, headers: { 'a b': 'x' } }, 'headers.a b', 'not a header name'],
    ['a header of the connection', { url, headers: { Connection: 'close' } }, 'headers.Connection', 'connection'],
    ['a header twice', { url, headers: { 'X-Key': 'a', 'x-key': 'b' } }, 'headers', 'twice'],
    ['21 headers', { url, headers: tagsOf(21) }, 'headers', 'at most 20'],
    ['a CA that is none', { url, tls: { ca: 'x' } }, 'tls.ca', 'PEM'],
    ['a private key as CA', { url, tls: { ca: '-----BEGIN PRIVATE KEY-----' } }, 'tls.ca', 'private key'],
  ])('%s is 422 and names the field and what is allowed', async (_what, body, field, allowed) => {
    const answer = await rig.ask('PUT /v1/targets/shop', { body });

    expect(answer).toMatchObject(problem('invalid-request', 422));
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.json['errors']).toEqual([{ field, in: 'body', message: expect.stringContaining(allowed) as string }]);
    expect((await rig.ask('POST /v1/targets', { body })).status).toBe(422);
    expect((await rig.ask('GET /v1/targets/shop')).status).toBe(404);
    expect(await rig.secretsText()).not.toContain('"p');
  });

  it('everything that is wrong is listed at once, up to a limit', async () => {
    const two = await rig.ask('PUT /v1/targets/shop', { body: { url: 1, enabled: 'yes' } });
    const unknown = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`f${index}`, 1]));
    const many = await rig.ask('PUT /v1/targets/shop', { body: { url, ...unknown } });

    expect((two.json['errors'] as { field: string }[]).map(({ field }) => field)).toEqual(['url', 'enabled']);
    expect(many.json['errors']).toHaveLength(20);
    expect(many.json['detail']).toMatch(
      /^f0, f1, [f\d, ]+, f19: this field is not known; allowed are source, url, [^:]+$/,
    );
  });

  it.each(['PUT /v1/targets/shop', 'POST /v1/targets', 'PATCH /v1/targets/shop'])(
    '%s takes JSON only',
    async (call) => {
      const refused = (body: string, type: string) => rig.ask(call, { body, headers: { 'content-type': type } });

      expect(await refused('{"url":', 'application/json')).toMatchObject(problem('malformed-json', 400));
      expect(await refused('', 'application/json')).toMatchObject(problem('malformed-json', 400));
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'application/jsonp',
        'multipart/form-data',
      ]) {
        expect(await refused('{}', type)).toMatchObject(problem('unsupported-media-type', 415));
      }
      for (const body of ['[]', '"x"', 'null', '7']) {
        expect(await refused(body, 'application/json')).toMatchObject(problem('invalid-request', 422));
      }
    },
  );

  it('a body of 64 KiB is read, one byte more is 413 and names the limit', async () => {
    const filled = (bytes: number): string => `{"url":"${url}"${' '.repeat(bytes - url.length - 10)}}`;
    const fits = filled(65_536);
    expect(Buffer.byteLength(fits)).toBe(65_536);

    expect(await rig.ask('PUT /v1/targets/shop', { body: fits })).toMatchObject({ status: 201 });
    for (const bytes of [65_537, 3_000_000]) {
      const tooLarge = await rig.ask('PUT /v1/targets/shop', { body: filled(bytes) });
      expect(tooLarge).toMatchObject(problem('too-large', 413));
      expect(tooLarge.json['detail']).toContain('64 KiB');
    }
  });

  it('a stream beyond 64 KiB is 413 too, without a length to tell', async () => {
    const pieces = function* (): Generator<Uint8Array> {
      for (let sent = 0; sent < 20; sent += 1) yield Buffer.alloc(10_000, 32);
    };
    const response = await rig.fetch('/v1/targets/shop', {
      method: 'PUT',
      headers: { authorization: `Bearer ${tokens.admin}`, 'content-type': 'application/json' },
      body: ReadableStream.from(pieces()),
      duplex: 'half',
    });

    expect(response.status).toBe(413);
  });

  it('secrets beyond what Parameter Store takes are 422 and name the limit', async () => {
    const headers = { 'X-A': long(2000), 'X-B': long(2000), 'X-C': long(200) };

    const answer = await rig.ask('PUT /v1/targets/shop', { body: { url, headers } });

    expect(answer).toMatchObject(problem('limit-reached', 422));
    expect(answer.json['detail']).toContain('4096');
  });

  it.each([
    'limit=0',
    'limit=101',
    'limit=x',
    'limit=1.5',
    'limit=',
    'enabled=maybe',
    'project=',
    'projct=web',
    'limit=5&limit=6',
  ])('the query %s is 422', async (query) => {
    const answer = await rig.ask(`GET /v1/targets?${query}`);

    expect(answer).toMatchObject(problem('invalid-request', 422));
    expect(answer.json['errors']).toMatchObject([{ field: query.split('=')[0], in: 'query' }]);
  });

  it('a patch and a query with an unknown field are 422 and name those that are allowed', async () => {
    await rig.ask('PUT /v1/targets/shop', { body: { url } });
    const patch = await rig.ask('PATCH /v1/targets/shop', { body: { auth: { pasword: 'x' }, ulr: url } });
    const query = await rig.ask('GET /v1/targets?projct=web');

    expect(patch.json['errors']).toEqual([
      {
        field: 'auth.pasword',
        in: 'body',
        message: expect.stringContaining('type, username, password, token') as string,
      },
      { field: 'ulr', in: 'body', message: expect.stringContaining(allFields) as string },
    ]);
    expect(query.json['detail']).toMatch(/^projct: .*allowed are .*project.*limit/);
  });

  it('a limit beyond 100 names the limit', async () => {
    expect((await rig.ask('GET /v1/targets?limit=101')).text).toContain('100');
  });

  it('a path that is none is 404, and a method that is none is 405 and names those that are', async () => {
    expect(await rig.ask('GET /v1/nothing')).toMatchObject(problem('not-found', 404));
    expect(await rig.ask('GET /nothing', { token: null })).toMatchObject(problem('not-found', 404));
    const wrong = await rig.ask('POST /v1/targets/shop', { body: {} });
    expect(wrong).toMatchObject(problem('method-not-allowed', 405));
    expect(wrong.headers.get('allow')?.split(', ').sort()).toEqual(['DELETE', 'GET', 'HEAD', 'PATCH', 'PUT']);
  });
});
