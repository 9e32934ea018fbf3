import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseAdminEnv } from '../../../lambda/api/env.ts';
import { answerHttpApi } from '../../../lambda/api/http/http-api.ts';
import { tokens } from '../../support/rigs/api-rig.ts';
import { instant, startReportRig } from '../../support/rigs/report-rig.ts';
import type { ReportRig } from '../../support/rigs/report-rig.ts';
import { bodyOf } from '../../support/locust/scripted-locust.ts';

let rig: ReportRig;
beforeAll(async () => {
  rig = await startReportRig('in process');
  await rig.register('ci-shop');
});
afterAll(() => rig.close());

/** As API Gateway hands a body over: as text where its type says so, whatever it is; else as Base64. */
function post(body: Buffer, contentType: string) {
  const isText = contentType.includes('json');
  const handler = answerHttpApi(({ url, method, headers, body: stream }) =>
    rig.admin.fetch(url.replace('https://api.example', ''), {
      method,
      headers,
      body: stream,
      ...{ duplex: 'half' },
    }),
  );
  return handler({
    rawPath: '/v1/targets/ci-shop/reports',
    rawQueryString: `at=${instant(0)}`,
    headers: { authorization: `Bearer ${tokens.reporter}`, 'content-type': contentType, 'content-encoding': 'gzip' },
    body: body.toString(isText ? 'utf8' : 'base64'),
    isBase64Encoded: !isText,
    requestContext: { domainName: 'api.example', stage: '$default', http: { method: 'POST' } },
  });
}

const gzipped = gzipSync(bodyOf({ state: 'running', requests: 3 }));

it('a gzipped report comes through an HTTP API of API Gateway as application/gzip', async () => {
  expect(await post(gzipped, 'application/gzip')).toMatchObject({ statusCode: 202 });
});

it('a gzipped report that API Gateway has taken for text is refused, and the answer says how to send it', async () => {
  const { statusCode, body } = await post(gzipped, 'application/json');

  expect(statusCode).toBe(422);
  expect(body).toContain('Send it as application/gzip');
});

const variables = {
  TARGETS_TABLE: 'T',
  RUNS_TABLE: 'R',
  TARGET_SECRETS_PREFIX: '/locust2influx/targets',
  ADMIN_TOKEN_SECRET: 'admin',
  REPORTER_TOKEN_SECRET: 'reporter',
};
const influx = { INFLUX_URL: 'https://influx.example', INFLUX_ORG: 'o', INFLUX_BUCKET: 'b', INFLUX_TOKEN_SECRET: 's' };

it('the environment says where reports go, under the names that the collector has', () => {
  expect(parseAdminEnv(variables).influx).toBeUndefined();
  expect(parseAdminEnv({ ...variables, ...influx }).influx).toEqual({
    influx: { url: 'https://influx.example', org: 'o', bucket: 'b' },
    influxToken: { secretId: 's' },
  });
});

it.each([
  ['a URL without a token', { ...influx, INFLUX_TOKEN_SECRET: undefined }, /INFLUX_TOKEN_SECRET: exactly one/],
  ['a URL without a bucket', { ...influx, INFLUX_BUCKET: undefined }, /INFLUX_BUCKET: INFLUX_URL and/],
  ['two tokens', { ...influx, INFLUX_TOKEN: 'x' }, /INFLUX_TOKEN_SECRET: exactly one/],
])('an environment with %s is refused', (_, given, message) => {
  expect(() => parseAdminEnv({ ...variables, ...given })).toThrow(message);
});
