import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseAdminEnv } from '../../../lambda/api/env.ts';
import { answerHttpApi, maxAnswerBytes } from '../../../lambda/api/http/http-api.ts';
import type { HttpApiEvent } from '../../../lambda/api/http/http-api.ts';

function eventOf(more: Partial<HttpApiEvent> & { method?: string; stage?: string }): HttpApiEvent {
  const { method = 'GET', stage = '$default', ...rest } = more;
  const domainName = 'a.execute-api.eu-central-1.amazonaws.com';
  const requestContext = { domainName, stage, http: { method } };
  return { rawPath: '/v1/targets', rawQueryString: '', headers: {}, isBase64Encoded: false, requestContext, ...rest };
}

describe('an HTTP API', () => {
  it('hands a request over as it was sent', async () => {
    let seen: Request | undefined;
    const handler = answerHttpApi((request) => {
      seen = request;
      return new Response(null, { status: 204, headers: { etag: '"1"' } });
    });

    const result = await handler(
      eventOf({
        method: 'PUT',
        stage: 'prod',
        rawPath: '/prod/v1/targets/a%2Fb',
        rawQueryString: 'project=a%20b&x=1',
        headers: { authorization: 'Bearer t', 'if-match': '"1"' },
        body: Buffer.from('{"a":"ü"}').toString('base64'),
        isBase64Encoded: true,
      }),
    );

    expect(seen?.method).toBe('PUT');
    expect(seen?.url).toBe('https://a.execute-api.eu-central-1.amazonaws.com/v1/targets/a%2Fb?project=a%20b&x=1');
    expect(seen?.headers.get('if-match')).toBe('"1"');
    expect(await seen?.text()).toBe('{"a":"ü"}');
    expect(result).toEqual({ statusCode: 204, headers: { etag: '"1"' }, isBase64Encoded: false });
  });

  it('hands a compressed text over as bytes, which API Gateway takes as Base64', async () => {
    const packed = gzipSync('<!doctype html>');
    const headers = { 'content-type': 'text/html', 'content-encoding': 'gzip' };
    const handler = answerHttpApi(() => new Response(packed, { headers }));

    const { body, isBase64Encoded } = await handler(eventOf({ rawPath: '/' }));

    expect(isBase64Encoded).toBe(true);
    expect(Buffer.from(body ?? '', 'base64')).toEqual(packed);
  });

  it.each([
    ['TRACE', { method: 'TRACE' }],
    ['a method that is no word', { method: 'GET X' }],
    ['a header with a line break', { headers: { 'x-key': 'a\r\nb: c' } }],
    ['a header beyond Latin-1', { headers: { 'if-match': '"💥"' } }],
    ['a header name that is none', { headers: { 'x y': 'a' } }],
    [
      'a host that is none',
      { headers: {}, requestContext: { domainName: 'a b', stage: 'x', http: { method: 'GET' } } },
    ],
  ])('answers %s, of which no request can be made, as what it is: 422', async (_what, more) => {
    const handler = answerHttpApi(() => {
      throw new Error('nothing is asked');
    });

    const result = await handler(eventOf(more));

    expect(result).toMatchObject({ statusCode: 422, headers: { 'content-type': 'application/problem+json' } });
    expect(JSON.parse(result.body ?? '')).toMatchObject({ type: 'urn:locust2influx:problem:invalid-request' });
  });

  it('stays on its own host, whatever the path looks like', async () => {
    const seen: string[] = [];
    const handler = answerHttpApi((request) => {
      seen.push(new URL(request.url).host);
      return new Response();
    });

    for (const rawPath of ['//evil.example/v1/targets', '/\\evil.example', '@evil.example/', '.evil.example', ':1/']) {
      await handler(eventOf({ rawPath }));
    }

    expect(new Set(seen)).toEqual(new Set(['a.execute-api.eu-central-1.amazonaws.com']));
  });

  it.each([
    ['shop?', 'shop%3F'],
    ['shop?project=x', 'shop%3Fproject=x'],
    ['shop#x', 'shop%23x'],
    ['sh\nop', 'sh%0Aop'],
    ['\tshop ', '%09shop%20'],
    ['shop\\runs', 'shop%5Cruns'],
    ['shöp', 'sh%C3%B6p'],
    ['a%2Fb', 'a%2Fb'],
    ['100%', '100%'],
  ])('takes %j in a path, which AWS decodes, for no other target', async (decoded, encoded) => {
    let seen = '';
    const handler = answerHttpApi((request) => {
      seen = request.url;
      return new Response();
    });

    await handler(eventOf({ rawPath: `/v1/targets/${decoded}`, rawQueryString: 'limit=1' }));

    expect(seen).toBe(`https://a.execute-api.eu-central-1.amazonaws.com/v1/targets/${encoded}?limit=1`);
  });

  it('answers text as text and other bytes in base64', async () => {
    const text = answerHttpApi(
      () => new Response('{"é":1}', { headers: { 'content-type': 'application/problem+json' } }),
    );
    const image = answerHttpApi(
      () => new Response(new Uint8Array([137, 255]), { headers: { 'content-type': 'image/png' } }),
    );

    expect(await text(eventOf({ body: 'ignored' }))).toMatchObject({ body: '{"é":1}', isBase64Encoded: false });
    expect(await image(eventOf({}))).toMatchObject({ body: 'if8=', isBase64Encoded: true });
  });
});

describe('an answer that Lambda could not give', () => {
  const answering = (body: string) =>
    answerHttpApi(() => new Response(body, { headers: { 'content-type': 'application/json' } }))(eventOf({}));
  const sizeOf = (result: object): number => Buffer.byteLength(JSON.stringify(result));

  it.each([
    ['is too long as it is', 'x'.repeat(maxAnswerBytes)],
    ['is too long in bytes', 'ü'.repeat(maxAnswerBytes / 2)],
    ['is too long once Lambda has escaped it', '"'.repeat(maxAnswerBytes / 2)],
    ['holds control characters', '\u0001'.repeat(maxAnswerBytes / 6)],
  ])('because it %s, is a problem that names the limit', async (_what, body) => {
    const result = await answering(body);

    expect(result.statusCode).toBe(500);
    expect(JSON.parse(result.body ?? '')).toMatchObject({
      type: 'urn:locust2influx:problem:answer-too-large',
      detail: expect.stringContaining(`${maxAnswerBytes} bytes`) as string,
    });
  });

  it('is none just below the limit', async () => {
    const body = 'x'.repeat(maxAnswerBytes - 1_000);
    const result = await answering(body);

    expect(result.body).toBe(body);
    expect(sizeOf(result)).toBeLessThanOrEqual(maxAnswerBytes);
  });
});

describe("the admin API's environment", () => {
  const good = {
    TARGETS_TABLE: 'T',
    RUNS_TABLE: 'R',
    TARGET_SECRETS_PREFIX: '/locust2influx/targets',
    ADMIN_TOKEN_SECRET: 'admin',
    REPORTER_TOKEN_SECRET: 'reporter',
  };

  it('is read, with private addresses closed unless they are opened', () => {
    expect(parseAdminEnv(good)).toEqual({
      tables: { targets: 'T', runs: 'R' },
      secretsPrefix: '/locust2influx/targets',
      tokenSecrets: { admin: 'admin', reporter: 'reporter' },
      allowPrivateAddresses: false,
    });
    expect(parseAdminEnv({ ...good, ALLOW_PRIVATE_ADDRESSES: 'true' }).allowPrivateAddresses).toBe(true);
  });

  it.each(Object.keys(good))('names %s when it is missing', (name) => {
    expect(() => parseAdminEnv({ ...good, [name]: undefined })).toThrow(name);
  });

  it('names what is wrong and what is allowed', () => {
    expect(() => parseAdminEnv({ ...good, TARGET_SECRETS_PREFIX: 'x' })).toThrow('/locust2influx/targets');
    expect(() => parseAdminEnv({ ...good, ALLOW_PRIVATE_ADDRESSES: 'yes' })).toThrow('ALLOW_PRIVATE_ADDRESSES');
  });
});
