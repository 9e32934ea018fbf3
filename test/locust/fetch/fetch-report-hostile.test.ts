import { gzipSync } from 'node:zlib';
import type { Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../lambda/runtime/clock.ts';
import { failureOf, recordedReport, testClient, saying } from '../../support/locust/locust-client.ts';
import { flood, startRawServer, type RawServer } from '../../support/locust/raw-server.ts';

const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

async function hostile(answer: (socket: Socket, request: Buffer) => void): Promise<RawServer & { url: string }> {
  const server = await startRawServer(answer);
  onTestFinished(() => server.close());
  return { ...server, url: `http://127.0.0.1:${server.port}` };
}

/** Ends the waiting as soon as the server has done what it does. */
async function failureAtDeadline(answer: (socket: Socket, giveUp: () => void) => void, protocol = 'http') {
  const deadline = new AbortController();
  const server = await hostile((socket) => {
    answer(socket, () => {
      deadline.abort();
    });
  });
  const url = `${protocol}://127.0.0.1:${server.port}`;
  const fetched = await testClient({ deadline }).fetchReport({ url, timeoutMs: 700 });
  await server.firstClosed;
  return failureOf(fetched);
}

test('a target that never answers is given up, and its connection closed', async () => {
  const failure = await failureAtDeadline((_socket, giveUp) => {
    giveUp();
  });
  expect(failure.kind).toBe('timeout');
  expect(failure.message).toMatch(
    /^127\.0\.0\.1:\d+ did not answer within 700 ms \(no complete answer head had come\); its Locust may be overloaded: give it more CPU, /,
  );
});

test('headers that never end are given up, and the connection closed', async () => {
  const failure = await failureAtDeadline((socket, giveUp) => {
    socket.write(`${head}x-a: 1\r\n`, giveUp);
  });
  expect(failure).toEqual({ kind: 'timeout', isBusy: true, message: saying('no complete answer head') });
});

test('a body that trickles is given up, and the connection closed', async () => {
  const failure = await failureAtDeadline((socket, giveUp) => {
    socket.write(`${head}content-length: ${recordedReport.length}\r\n\r\n`);
    let sent = 0;
    const trickle = setInterval(() => {
      if (sent === 320) giveUp();
      socket.write(recordedReport.subarray(sent, (sent += 64)));
    }, 2);
    socket.once('close', () => {
      clearInterval(trickle);
    });
  });
  expect(failure).toEqual({ kind: 'timeout', isBusy: true, message: saying('the body was not complete') });
});

test('a TLS handshake that hangs is given up, and the connection closed', async () => {
  const failure = await failureAtDeadline((_socket, giveUp) => {
    giveUp();
  }, 'https');
  expect(failure).toEqual({ kind: 'timeout', message: saying('the TLS handshake was not over') });
});

test("a kept connection's replacement is given up at the same deadline", async () => {
  const deadline = new AbortController();
  const server = await hostile((socket) => {
    if (server.connections.length > 1) {
      deadline.abort();
      return;
    }
    socket.once('data', () => socket.resetAndDestroy());
    socket.write(`${head}content-length: ${recordedReport.length}\r\n\r\n`);
    socket.write(recordedReport);
  });
  const client = testClient({ deadline });
  await expect(client.fetchReport({ url: server.url })).resolves.toMatchObject({ ok: true });
  expect(failureOf(await client.fetchReport({ url: server.url })).kind).toBe('timeout');
});

test('a real deadline ends a reading too', async () => {
  const server = await hostile(() => undefined);
  const fetched = await testClient({ clock: systemClock }).fetchReport({ url: server.url, timeoutMs: 50 });
  expect(failureOf(fetched).kind).toBe('timeout');
  expect(failureOf(fetched).message).toContain('within 50 ms');
});

test('a body that says it is too large is not read', async () => {
  const server = await hostile((socket) => {
    socket.write(`${head}content-length: 33554433\r\n\r\n`);
  });
  const failure = failureOf(await testClient().fetchReport({ url: server.url }));
  expect(failure).toEqual({ kind: 'too-large', message: saying('larger than the 33554432 bytes') });
  await server.firstClosed;
});

test('a body without end is cut off at the limit, and the connection closed', async () => {
  const server = await hostile((socket) => {
    socket.write(`${head}\r\n`);
    flood(socket, Buffer.alloc(65_536, ' '));
  });
  const failure = failureOf(await testClient().fetchReport({ url: server.url, maxBytes: 100_000 }));
  expect(failure).toEqual({ kind: 'too-large', message: saying('larger than the 100000 bytes') });
  await server.firstClosed;
});

test('a body that is compressed and says it is too large is not read', async () => {
  const server = await hostile((socket) => {
    socket.write(`${head}content-encoding: gzip\r\ncontent-length: 8388609\r\n\r\n`);
  });
  const failure = failureOf(await testClient().fetchReport({ url: server.url }));
  expect(failure).toEqual({ kind: 'too-large', message: saying('larger than the 8388608 bytes') });
  expect(failure.message).toContain('response.text[:200]');
  await server.firstClosed;
});

test('whole pages as error texts cost the figures nothing, and little memory', async () => {
  const page = `<!DOCTYPE html><h1>Oops \\"500\\"</h1>${'<p>at com.example.Shop.pay(Shop.java:7)</p>'.repeat(600)}`;
  const errors = Array.from(
    { length: 500 },
    (_, index) => `{"name":"/pay","error":"${index} ${page}","occurrences":1}`,
  );
  const body = recordedReport.toString().replace(/"errors":\s*\[/, (start) => `${start}${errors.join(',')},`);
  expect(body.length).toBeGreaterThan(11_000_000);
  const server = await hostile((socket) => {
    socket.write(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n`);
    socket.write(body);
  });
  const client = testClient({ maxBytesAtOnce: 8 * 1024 * 1024 });
  const fetched = await client.fetchReport({ url: server.url });

  expect(fetched).toMatchObject({ ok: true, sizeBytes: Buffer.byteLength(body), report: { state: 'running' } });
  if (!fetched.ok) return;
  expect(fetched.report.total).toMatchObject({ numRequests: expect.any(Number) as unknown });
  expect(fetched.report.errors).toHaveLength(500);
  expect(fetched.report.notices.map(({ message }) => message).join()).toContain('response.text[:200]');
});

test('a body in pieces of one byte is cut off long before the size limit', async () => {
  const server = await hostile((socket) => {
    socket.write(`${head}transfer-encoding: chunked\r\n\r\n`);
    flood(socket, '1\r\n \r\n'.repeat(10_000));
  });
  const failure = failureOf(await testClient().fetchReport({ url: server.url }));
  expect(failure).toEqual({ kind: 'too-large', message: saying('too many tiny pieces') });
  await server.firstClosed;
});

test('response headers beyond 16 KiB are refused, and the connection closed', async () => {
  const server = await hostile((socket) => {
    socket.write(head);
    flood(socket, `x-a: ${'a'.repeat(1000)}\r\n`);
  });
  const failure = failureOf(await testClient().fetchReport({ url: server.url }));
  expect(failure).toEqual({ kind: 'too-large', message: saying('more response headers') });
  await server.firstClosed;
});

const bomb = gzipSync(Buffer.alloc(9 * 1024 * 1024));
test.each([
  ['a gzip bomb', 'gzip', bomb, 'too-large'],
  ['gzip that is cut off', 'gzip', gzipSync(recordedReport).subarray(0, 300), 'not-locust'],
  ['gzip that is none', 'gzip', recordedReport, 'not-locust'],
  ['an empty body called gzip', 'gzip', Buffer.alloc(0), 'not-locust'],
  ['an encoding that was not asked for', 'zstd', recordedReport, 'not-locust'],
  ['gzip in gzip', 'gzip, gzip', gzipSync(gzipSync(recordedReport)), 'not-locust'],
])('%s is refused', async (_what, encoding, body, kind) => {
  const server = await hostile((socket) => {
    socket.write(`${head}content-encoding: ${encoding}\r\ncontent-length: ${body.length}\r\n\r\n`);
    socket.write(body);
  });
  const fetched = await testClient().fetchReport({ url: server.url });
  expect(fetched).toMatchObject({ ok: false, failure: { kind }, sizeBytes: body.length });
});

test.each([
  ['something that is not HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', 'not-locust', 'use https://'],
  [
    'a switch to another protocol',
    'HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
    'not-locust',
    '',
  ],
  ['two lengths', `${head}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`, 'not-locust', 'not in proper HTTP'],
  ['a cut-off body', `${head}content-length: 9\r\n\r\n{}`, 'refused', 'broke the connection off before its answer'],
  ['a cut-off head', head, 'refused', 'without an answer'],
  ['nothing', '', 'refused', 'without an answer (ECONNRESET); if it serves HTTPS, use https://'],
])('%s, then the end of the connection, is a failure', async (_what, text, kind, words) => {
  const server = await hostile((socket) => {
    socket.end(text);
  });
  const failure = failureOf(await testClient().fetchReport({ url: server.url }));
  expect(failure).toEqual({ kind, message: saying(words) });
});

test('bytes after the answer spoil neither this reading nor the next', async () => {
  const server = await hostile((socket) => {
    const answer = `${head}content-length: ${recordedReport.length}\r\n\r\n${recordedReport.toString()}`;
    socket.write(`${answer}HTTP/1.1 500 Surprise\r\n\r\n`);
  });
  const client = testClient();
  await expect(client.fetchReport({ url: server.url })).resolves.toMatchObject({ ok: true });
  await expect(client.fetchReport({ url: server.url })).resolves.toMatchObject({ ok: true });
});
