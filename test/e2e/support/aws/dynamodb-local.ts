import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dynamoDbLocalFolder } from '../parts.ts';
import { freePort, startProcess, waitUntilReady } from '../part-process.ts';
import { runner } from '../../../support/rigs/typescript-program.ts';

/** Amazon's DynamoDB Local with an empty store in memory. It takes any credentials. */
export interface DynamoDbLocal {
  /** What to give as DYNAMODB_ENDPOINT. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts DynamoDB Local so that only this machine can reach it. It listens on every interface and has no option against
 * that, so it runs in a network namespace of its own, which has loopback only; a Unix socket leads out of there, and a
 * port of this machine's loopback leads to the socket.
 */
export async function startDynamoDbLocal(): Promise<DynamoDbLocal> {
  const jarFolder = dynamoDbLocalFolder();
  if (jarFolder === undefined) throw new Error('DynamoDB Local is missing: run test/e2e/install.sh');
  const folder = await mkdtemp(join(tmpdir(), 'dynamodb-local-'));
  const socketPath = join(folder, 'socket');
  const process = startProcess({
    before: ['unshare', '--map-root-user', '--net'],
    program: globalThis.process.execPath,
    args: [runner, join(import.meta.dirname, 'dynamodb-local-namespace.ts'), socketPath, jarFolder],
    cwd: folder,
  });
  const port = await freePort();
  const sockets = new Set<Socket>();
  const gate = await listen(port, socketPath, sockets);
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    gate.close();
    for (const socket of sockets) socket.destroy();
    await process.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await waitUntilReady(process, () => isDynamoDb(url));
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}

async function listen(port: number, socketPath: string, sockets: Set<Socket>): Promise<Server> {
  const server = createServer((client) => {
    const inside = connect(socketPath);
    for (const [from, to] of [
      [client, inside],
      [inside, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => sockets.delete(from));
      from.pipe(to);
    }
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** It refuses a bare GET with 400, which is an answer of its own. */
async function isDynamoDb(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  await response.body?.cancel();
  return response.status === 400;
}
