import { expect, onTestFinished, test } from 'vitest';
import { failureOf, recordedReport, saying, testClient } from '../../support/locust/locust-client.ts';
import { startHostile } from '../../support/locust/hostile-locusts.ts';
import { flood } from '../../support/locust/raw-server.ts';

const interim = 'HTTP/1.1 103 Early Hints\r\n\r\n';

test('interim answers without end are refused, and the connection closed', async () => {
  const { url, server } = await startHostile({
    answer: (socket) => {
      flood(socket, interim.repeat(1_000));
    },
  });
  onTestFinished(() => server.close());

  const failure = failureOf(await testClient().fetchReport({ url }));

  expect(failure).toEqual({ kind: 'too-large', message: saying('8 interim answers') });
  await server.firstClosed;
});

test('a few, as proxies send them, are skipped', async () => {
  const { url, server } = await startHostile({
    answer: (socket) => {
      socket.write(`${interim.repeat(8)}HTTP/1.1 200 OK\r\ncontent-length: ${recordedReport.length}\r\n\r\n`);
      socket.write(recordedReport);
    },
  });
  onTestFinished(() => server.close());

  await expect(testClient().fetchReport({ url })).resolves.toMatchObject({ ok: true });
});
