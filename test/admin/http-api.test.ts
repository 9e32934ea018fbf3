import { describe, expect, it } from 'vitest';
import { parseAdminEnv } from '../../lambda/admin/env.ts';
import { answerHttpApi } from '../../lambda/admin/http-api.ts';
import type { HttpApiEvent } from '../../lambda/admin/http-api.ts';

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
