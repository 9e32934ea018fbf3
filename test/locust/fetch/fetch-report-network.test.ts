import type { LookupFunction } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createLocustClient } from '../../../lambda/locust/fetch/fetch-report.ts';
import { failureOf, lookupAnswering, recordedReport, testClient, saying } from '../../support/locust/locust-client.ts';
import { patientClock } from '../../support/time/patient-clock.ts';
import {
  startLocustServer,
  tlsFixture,
  type CertificateName,
  type LocustServer,
} from '../../support/locust/locust-server.ts';
import { startRawServer } from '../../support/locust/raw-server.ts';

async function server(certificate?: CertificateName): Promise<LocustServer> {
  const started = await startLocustServer((_request, response) => response.end(recordedReport), certificate);
  onTestFinished(() => started.close());
  return started;
}

const ca = tlsFixture('ca.pem');

test('a private CA is trusted when given, and connections are kept over TLS too', async () => {
  const locust = await server('server');
  const client = testClient();
  for (const url of [locust.url, locust.url]) {
    await expect(client.fetchReport({ url, tls: { ca } })).resolves.toMatchObject({ ok: true });
  }
  expect(locust.connections).toHaveLength(1);
});

test.each(['server', 'other-name', 'expired'] as const)('any certificate is taken unverified: %s', async (name) => {
  const locust = await server(name);
  const fetched = await testClient().fetchReport({ url: locust.url, tls: { verify: false } });
  expect(fetched).toMatchObject({ ok: true });
});

test.each([
  ['server', {}, 'not signed by a trusted CA'],
  ['other-name', { ca }, 'is for another name'],
  ['expired', { ca }, 'has expired'],
] as const)('the certificate %s is refused with %j', async (name, tls, words) => {
  const locust = await server(name);
  const failure = failureOf(await testClient().fetchReport({ url: locust.url, tls }));
  expect(failure).toEqual({ kind: 'tls', message: saying(words) });
  expect(locust.requests).toHaveLength(0);
});

test('an unverified connection is never used for a reading that verifies', async () => {
  const locust = await server('server');
  const client = testClient();
  await client.fetchReport({ url: locust.url, tls: { verify: false } });
  expect(failureOf(await client.fetchReport({ url: locust.url })).kind).toBe('tls');
  expect(locust.requests).toHaveLength(1);
});

test.each(['hush', '', '-----BEGIN CERTIFICATE-----\nhush\n-----END CERTIFICATE-----'])(
  'a CA that is no certificate fails without a request: "%s"',
  async (notCa) => {
    const locust = await server('server');
    const failure = failureOf(await testClient().fetchReport({ url: locust.url, tls: { ca: notCa } }));
    expect(failure).toEqual({ kind: 'tls', message: "The target's tls.ca holds no certificate in PEM." });
    expect(locust.connections).toHaveLength(0);
  },
);

test('https:// to a server that speaks plain HTTP says so', async () => {
  const raw = await startRawServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  onTestFinished(() => raw.close());
  const failure = failureOf(await testClient().fetchReport({ url: `https://127.0.0.1:${raw.port}` }));
  expect(failure).toEqual({ kind: 'tls', message: saying('use http://') });
});

test('a connection closed during the TLS handshake is a TLS failure', async () => {
  const raw = await startRawServer((socket) => socket.destroy());
  onTestFinished(() => raw.close());
  const failure = failureOf(await testClient().fetchReport({ url: `https://127.0.0.1:${raw.port}` }));
  expect(failure).toEqual({ kind: 'tls', message: saying('during the TLS handshake') });
});

test('a port where nothing listens refuses', async () => {
  const failure = failureOf(await testClient().fetchReport({ url: 'http://127.0.0.1:1' }));
  expect(failure).toEqual({ kind: 'refused', message: saying('(ECONNREFUSED)'), isGone: true });
});

test.each(['ENOTFOUND', 'EAI_AGAIN'])('a name that does not resolve is a DNS failure: %s', async (code) => {
  const lookup: LookupFunction = (_name, _options, callback) => {
    process.nextTick(callback, Object.assign(new Error('hush'), { code }), []);
  };
  const failure = failureOf(await testClient({ lookup }).fetchReport({ url: 'http://shop.test' }));
  expect(failure).toMatchObject({ kind: 'dns' });
  expect(failure.isGone).toBe(code === 'ENOTFOUND' ? true : undefined);
  expect(failure.message).toBe(`The name shop.test cannot be resolved (${code}); check its spelling.`);
});

test('a name resolution that hangs is given up', async () => {
  const deadline = new AbortController();
  const lookup: LookupFunction = () => {
    deadline.abort();
  };
  const fetched = await testClient({ lookup, deadline }).fetchReport({ url: 'http://shop.test' });
  expect(failureOf(fetched)).toEqual({ kind: 'timeout', message: saying('still being looked up') });
});

test.each(['http', 'https'])('a literal address is checked as well as a name, over %s', async (protocol) => {
  const locust = await server();
  const { port } = new URL(locust.url);
  const addressPolicy = { allowPrivate: true, allowLoopback: false };
  const client = createLocustClient({ clock: patientClock, addressPolicy, lookup: lookupAnswering('127.0.0.1') });
  for (const host of [
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '127.1',
    '[::ffff:127.0.0.1]',
    '0',
    'localhost',
    'localhost.',
  ]) {
    const failure = failureOf(
      await client.fetchReport({ url: `${protocol}://${host}:${port}`, tls: { verify: false } }),
    );
    expect(failure.kind, host).toBe('blocked-address');
    expect(failure.message).toMatch(/is (a loopback|an unspecified) address, and this collector is not allowed/);
  }
  expect(locust.connections).toHaveLength(0);
});

test('the metadata service stays out of reach where loopback and private addresses are allowed', async () => {
  const addressPolicy = { allowPrivate: true, allowLoopback: true };
  const client = createLocustClient({ clock: patientClock, addressPolicy });
  for (const host of ['169.254.169.254', '[::ffff:a9fe:a9fe]', '[fd00:ec2::254]', '2852039166']) {
    expect(failureOf(await client.fetchReport({ url: `http://${host}` })).message).toContain(
      'a cloud metadata address',
    );
  }
});

test('a name that resolves to the metadata address the second time is refused then', async () => {
  const locust = await startLocustServer((_request, response) => {
    response.setHeader('connection', 'close').end(recordedReport);
  });
  onTestFinished(() => locust.close());
  const client = testClient({ lookup: lookupAnswering('127.0.0.1', '169.254.169.254') });
  const url = `http://rebinding.test:${new URL(locust.url).port}`;
  await expect(client.fetchReport({ url })).resolves.toMatchObject({ ok: true });
  expect(failureOf(await client.fetchReport({ url }))).toEqual({
    kind: 'blocked-address',
    message: saying('rebinding.test resolves to 169.254.169.254, which is a cloud metadata address'),
  });
  expect(locust.connections).toHaveLength(1);
});

test('a kept connection goes on to the address that was checked', async () => {
  const locust = await server();
  const client = testClient({ lookup: lookupAnswering('127.0.0.1', '169.254.169.254') });
  const url = `http://rebinding.test:${new URL(locust.url).port}`;
  await client.fetchReport({ url });
  await expect(client.fetchReport({ url })).resolves.toMatchObject({ ok: true });
  expect(locust.requests[0]?.headers.host).toBe(new URL(url).host);
});

test('a name with several addresses is read at the one that answers', async () => {
  const locust = await server();
  const lookup: LookupFunction = (_name, _options, callback) => {
    process.nextTick(callback, null, [
      { address: '::1', family: 6 },
      { address: '127.0.0.1', family: 4 },
    ]);
  };
  const url = `http://shop.test:${new URL(locust.url).port}`;
  await expect(testClient({ lookup }).fetchReport({ url })).resolves.toMatchObject({ ok: true });
});
