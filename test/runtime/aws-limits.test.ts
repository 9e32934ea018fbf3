import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openTargetSecrets } from '../../lambda/collector/targets/open-target-secrets.ts';
import { createS3Spool } from '../../lambda/influx/spool/s3-spool.ts';
import { openTables } from '../../lambda/runtime/open-tables.ts';
import { readSecretText } from '../../lambda/runtime/secret-text.ts';

/** Accepts every connection, and never says a word. */
let silent: Server;
const sockets = new Set<Socket>();
beforeAll(async () => {
  silent = createServer((socket) => sockets.add(socket.on('error', () => undefined))).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${port}`);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  vi.stubEnv('AWS_MAX_ATTEMPTS', '1');
});
afterAll(() => {
  vi.unstubAllEnvs();
  for (const socket of sockets) socket.destroy();
  silent.close();
});

// Each would wait for ever without its limits, and the test with it.
it.concurrent.each([
  ['DynamoDB', () => openTables().send(new ScanCommand({ TableName: 'Targets' })), /TimeoutError/],
  ['S3', () => createS3Spool({ bucket: 'lines' }).get('some/key'), /TimeoutError/],
  ['SSM', () => openTargetSecrets('/prefix').read({ target: 'shop', ref: 'one' }), /TimeoutError/],
  ['Secrets Manager', () => readSecretText('token'), /TimeoutError/],
] as const)(
  'a call to %s that is accepted and never answered fails',
  async (_service, call, why) => {
    const failure: unknown = await call().then(
      () => 'answered',
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(Error);
    expect(String(failure)).toMatch(why);
  },
  30_000,
);
