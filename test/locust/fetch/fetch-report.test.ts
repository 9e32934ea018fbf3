import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import type { ReportRequest } from '../../../lambda/locust/fetch/report-request.ts';
import { failureOf, recordedReport, testClient, saying } from '../../support/locust/locust-client.ts';
import { patientClock } from '../../support/time/patient-clock.ts';
import { startLocustServer, type Answering, type LocustServer } from '../../support/locust/locust-server.ts';

const report: Answering = (_request, response) => response.end(recordedReport);

async function server(answer: Answering): Promise<LocustServer> {
  const started = await startLocustServer(answer);
  onTestFinished(() => started.close());
  return started;
}

test('a report is read, with its size and how long it took', async () => {
  const locust = await server(report);
  const instants = [1_000, 1_250];
  const clock = { ...patientClock, now: () => instants.shift() ?? NaN };
  const fetched = await testClient({ clock }).fetchReport({ url: locust.url });
  expect(fetched).toMatchObject({ ok: true, sizeBytes: recordedReport.length, report: { state: 'running' } });
  expect(fetched.durationMs).toBe(250);
});

test.each([
  ['', '/stats/requests'],
  ['/', '/stats/requests'],
  ['/load/eu', '/load/eu/stats/requests'],
  ['/load/eu/', '/load/eu/stats/requests'],
  ['/load?tab=1#statistics', '/load/stats/requests'],
])('a target at "%s" is asked at %s', async (base, path) => {
  const locust = await server(report);
  await testClient().fetchReport({ url: locust.url + base });
  expect(locust.requests.map(({ method, url }) => `${method ?? ''} ${url ?? ''}`)).toEqual([`GET ${path}`]);
});

test("a request says what it wants and who asks, and carries the target's own headers", async () => {
  const locust = await server(report);
  await testClient().fetchReport({ url: locust.url, headers: { 'X-Team': 'checkout', Cookie: 'session=1' } });
  expect(locust.requests[0]?.headers).toMatchObject({
    accept: 'application/json',
    'accept-encoding': 'gzip',
    'user-agent': 'locust2influx',
    'x-team': 'checkout',
    cookie: 'session=1',
  });
});

test('basic and bearer credentials are sent, before an authorization among the headers', async () => {
  const locust = await server(report);
  const client = testClient();
  const headers = { Authorization: 'other' };
  await client.fetchReport({ url: locust.url, headers, auth: { type: 'basic', username: 'zoë', password: 'p:ä' } });
  await client.fetchReport({ url: locust.url, headers, auth: { type: 'bearer', token: 'abc.def' } });
  const [basic, bearer] = locust.requests.map((request) => request.headers.authorization);
  expect(Buffer.from(basic?.replace('Basic ', '') ?? '', 'base64').toString()).toBe('zoë:p:ä');
  expect(bearer).toBe('Bearer abc.def');
});

test('headers and credentials that change between two readings of a target are sent as they are then', async () => {
  const locust = await server(report);
  const client = testClient();
  const read = (request: Partial<ReportRequest>) => client.fetchReport({ url: locust.url, ...request });
  await read({});
  await read({ headers: { 'x-team': 'checkout' } });
  await read({ headers: { 'x-team': 'search' } });
  await read({ auth: { type: 'bearer', token: 'abc.def' } });
  await read({});
  expect(locust.requests.map(({ headers }) => [headers['x-team'], headers.authorization])).toEqual([
    [undefined, undefined],
    ['checkout', undefined],
    ['search', undefined],
    [undefined, 'Bearer abc.def'],
    [undefined, undefined],
  ]);
});

test.each([
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['Identity', (body: Buffer) => body],
] as const)('an answer in %s is read', async (encoding, encode) => {
  const body = encode(recordedReport);
  const locust = await server((_request, response) => {
    response.setHeader('content-encoding', encoding).end(body);
  });
  const fetched = await testClient().fetchReport({ url: locust.url });
  expect(fetched).toMatchObject({ ok: true, sizeBytes: body.length, report: { state: 'running' } });
});

test.each([
  [401, 'unauthorized', 'HTTP 401'],
  [403, 'unauthorized', 'HTTP 403'],
  [404, 'http-status', "HTTP 404 instead of a report; check the URL's base path."],
  [204, 'http-status', 'HTTP 204'],
  [500, 'http-status', 'HTTP 500 instead of a report; the error is in Locust: its own log says which.'],
  [400, 'http-status', 'if it serves HTTPS, use https://'],
  [407, 'http-status', 'a proxy in between wants credentials'],
  [502, 'http-status', 'a proxy in between does not reach Locust; check that Locust runs'],
  [503, 'http-status', 'a proxy in between does not reach Locust'],
  [504, 'http-status', 'a proxy in between got no answer from Locust in time'],
  [304, 'redirected', 'without saying where'],
])('an answer with status %i is a failure: %s', async (status, kind, words) => {
  const locust = await server((_request, response) => {
    response.writeHead(status).end('<body of the target>');
  });
  const failure = failureOf(await testClient().fetchReport({ url: locust.url }));
  expect(failure).toMatchObject({ kind, message: saying(words) });
  expect(failure.message).not.toContain('body of the target');
});

test.each([
  ['/login?next=hush', 'to a login page, which is not followed: give the address, names and values of its form'],
  ['/hush/login/', 'to a login page'],
  ['/hush?x=hush#hush', 'to another path of its own, which is not followed: it may be a login page'],
  ['stats/requests/', 'to another path of its own'],
  ['https://127.0.0.1/hush', 'to https, which is not followed: give the URL with https://.'],
  ['http://127.0.0.1:9/hush', 'to another port of its own'],
  ['//hush.test/hush', 'to another host, which is not followed: give the URL that answers by itself.'],
  ['https://hush:hush@other.test:8443/login', 'to another host'],
  [
    'https://hush.auth.test/oauth2/authorize?client_id=hush&scope=openid',
    'to a sign-in page, which is not followed: some',
  ],
  ['https://hush.test/saml2?SAMLRequest=hush', 'to a sign-in page'],
  ['https://hush.test/v1/authorize/', 'a load balancer, asks people to sign in; let the collector past it.'],
  ['http://[hush/', 'without saying where'],
  ['javascript:hush', 'to something that is no web page'],
])('a redirect to %s is described in our words, and not followed', async (location, words) => {
  const locust = await server((_request, response) => {
    response.writeHead(302, { location }).end();
  });
  const failure = failureOf(await testClient().fetchReport({ url: locust.url }));
  expect(failure).toMatchObject({ kind: 'redirected', message: saying(words) });
  // What the target says is not repeated: anyone may have put anything there.
  expect(failure.message).not.toMatch(/hush|other\.test|8443/);
  expect(failure.message).toContain(`${new URL(locust.url).host} redirects (HTTP 302)`);
  expect(locust.requests).toHaveLength(1);
});

test.each([
  ['a login page', '<!doctype html><title>Login hush</title>'],
  ['another JSON', '{"hush": 1}'],
  ['an empty body', ''],
  ['cut-off JSON', recordedReport.subarray(0, 200)],
  ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00])],
])('%s is not Locust', async (_what, body) => {
  const locust = await server((_request, response) => response.end(body));
  const fetched = await testClient().fetchReport({ url: locust.url });
  expect(fetched).toMatchObject({ ok: false, failure: { kind: 'not-locust' }, sizeBytes: body.length });
  expect(failureOf(fetched).message).not.toContain('hush');
});

test.each([
  ['a line break in a value', { 'x-team': 'hush\r\nx-evil: 1' }, 'The header x-team holds a character'],
  ['a character beyond Latin-1', { 'x-team': 'hush 🦗' }, 'The header x-team holds a character'],
  ['an illegal name', { 'hush:': 'hush' }, 'a name that HTTP does not allow'],
  ['a header about the connection', { 'Content-Length': '5' }, 'The header Content-Length belongs to the connection'],
])('%s fails without a request', async (_what, headers, words) => {
  const locust = await server(report);
  const failure = failureOf(await testClient().fetchReport({ url: locust.url, headers }));
  expect(failure).toEqual({ kind: 'refused', message: saying(words) });
  expect(failure.message).not.toContain('hush');
  expect(locust.connections).toHaveLength(0);
});

test('a token that no header can carry fails without showing it', async () => {
  const failure = failureOf(
    await testClient().fetchReport({ url: 'http://127.0.0.1:9', auth: { type: 'bearer', token: 'hush\n' } }),
  );
  expect(failure).toEqual({ kind: 'refused', message: saying('The header authorization holds') });
  expect(failure.message).not.toContain('hush');
});

test.each([
  '',
  'no url',
  'ftp://127.0.0.1/',
  'http://me:hush@127.0.0.1/',
  'http://[fe80::1%25eth0]/',
  'file:///etc/passwd',
])('the URL "%s" fails without a request', async (url) => {
  const failure = failureOf(await testClient().fetchReport({ url }));
  expect(failure.kind).toBe('refused');
  expect(failure.message).not.toContain('hush');
});
