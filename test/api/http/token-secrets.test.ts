import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readTokenSecrets } from '../../../lambda/api/http/tokens.ts';

let server: Server;
let client: SecretsManagerClient;
/** By the secret's name. */
const held: Record<string, string> = {
  admin: 'a'.repeat(16),
  reporter: 'r'.repeat(32),
  short: 'q'.repeat(15),
  odd: 'two words of a token',
};
beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { SecretId } = JSON.parse(Buffer.concat(chunks).toString()) as { SecretId: string };
      response.end(JSON.stringify({ Name: SecretId, SecretString: held[SecretId] }));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = new SecretsManagerClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
});
afterAll(() => {
  client.destroy();
  server.closeAllConnections();
  server.close();
});

it('tokens are read from their secrets', async () => {
  expect(await readTokenSecrets(client, { admin: 'admin', reporter: 'reporter' })()).toEqual({
    admin: held['admin'],
    reporter: held['reporter'],
  });
});

it.each([
  ['short', 'at least 16 characters'],
  ['odd', 'printable ASCII'],
])('a secret that holds a %s token lets nobody in, is named and not shown', async (name, why) => {
  const failure = await readTokenSecrets(client, { admin: 'admin', reporter: name })().catch(String);

  expect(failure).toContain(`secret ${name}`);
  expect(failure).toContain(why);
  expect(failure).not.toContain(held[name]);
});
