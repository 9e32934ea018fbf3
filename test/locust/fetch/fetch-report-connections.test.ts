import { expect, onTestFinished, test } from 'vitest';
import { failureOf, recordedReport, saying, testClient } from '../../support/locust/locust-client.ts';
import { startLocustServer, type Answering, type LocustServer } from '../../support/locust/locust-server.ts';

/** The server learns of a connection's end a moment later: soon, on a machine that is not too busy. */
const soon = { timeout: 25_000 };

const report: Answering = (_request, response) => response.end(recordedReport);

async function server(answer: Answering, certificate?: 'server'): Promise<LocustServer> {
  const started = await startLocustServer(answer, certificate);
  onTestFinished(() => started.close());
  return started;
}

test('readings one after the other use one connection', async () => {
  const locust = await server(report);
  const client = testClient();
  for (let reading = 0; reading < 3; reading += 1) await client.fetchReport({ url: locust.url });
  expect(locust.requests).toHaveLength(3);
  expect(locust.connections).toHaveLength(1);
});

test.each([undefined, 'server'] as const)(
  'a kept connection that died meanwhile is replaced by another one (certificate: %s)',
  async (certificate) => {
    const locust = await server((request, response, index) => {
      if (index === 1) request.socket.destroy();
      else response.end(recordedReport);
    }, certificate);
    const client = testClient();
    const request = { url: locust.url, tls: { verify: false } };
    await client.fetchReport(request);
    await expect(client.fetchReport(request)).resolves.toMatchObject({ ok: true });
    expect(locust.connections).toHaveLength(2);
  },
);

test.each([
  [2, 2],
  [3, 3],
])('with room for %i connections, no more are kept than that', async (maxKeptSockets, kept) => {
  const waiting: (() => void)[] = [];
  const locust = await server((_request, response) => {
    waiting.push(() => response.end(recordedReport));
    if (waiting.length === 3) for (const release of waiting) release();
  });
  const client = testClient({ maxKeptSockets });
  await Promise.all([1, 2, 3].map(() => client.fetchReport({ url: locust.url })));
  const open = (): number => locust.connections.filter(({ destroyed }) => !destroyed).length;
  await expect.poll(open, soon).toBeLessThanOrEqual(kept);
  if (kept === 3) expect(open()).toBe(3);
});

test('a new connection that is reset is not tried again', async () => {
  const locust = await server((request) => request.socket.resetAndDestroy());
  const failure = failureOf(await testClient().fetchReport({ url: locust.url }));
  expect(failure).toMatchObject({
    kind: 'refused',
    message: saying('without an answer (ECONNRESET)'),
  });
  expect(locust.connections).toHaveLength(1);
});

test('connections that ended make room for others', async () => {
  const locust = await server((_request, response, index) => {
    if (index < 2) response.setHeader('connection', 'close');
    response.end(recordedReport);
  });
  const client = testClient({ maxKeptSockets: 1 });
  const open = (): number => locust.connections.filter(({ destroyed }) => !destroyed).length;
  for (let reading = 0; reading < 4; reading += 1) {
    await client.fetchReport({ url: locust.url });
    await expect.poll(open, soon).toBe(reading < 2 ? 0 : 1);
  }
  expect(locust.connections).toHaveLength(3);
});

test('closing a client ends its connections, busy ones too, and it makes no more', async () => {
  const client = testClient();
  const locust = await server((_request, response, index) => {
    if (index === 0) response.end(recordedReport);
    else client.close();
  });
  await client.fetchReport({ url: locust.url });
  for (let reading = 0; reading < 2; reading += 1) {
    expect(failureOf(await client.fetchReport({ url: locust.url })).kind).toBe('refused');
  }
  expect(locust.connections).toHaveLength(1);
  await expect.poll(() => locust.connections[0]?.destroyed, soon).toBe(true);
});
