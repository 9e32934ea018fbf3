import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProcess, waitUntilReady } from '../part-process.ts';
import { runner } from '../../../support/rigs/typescript-program.ts';

/**
 * A network namespace of its own in which one private address is at home, as a Locust master's in a VPC. Nothing in it
 * reaches this machine or anything else but through the ports that are named.
 */
export interface PrivateNetwork {
  /** The address inside. */
  readonly address: string;
  /** What has to stand before a program that runs inside. */
  readonly before: readonly string[];
  stop(): Promise<void>;
}

export interface PrivateNetworkInput {
  /** Ports of this machine's loopback that are loopback's inside, too. */
  readonly outside: readonly number[];
  /** Ports of the address inside that are this machine's loopback's, too. */
  readonly inside: readonly number[];
}

export const privateAddress = '10.77.0.1';

/** Starts the network: Unix sockets lead into it and out of it. */
export async function startPrivateNetwork({ outside, inside }: PrivateNetworkInput): Promise<PrivateNetwork> {
  const folder = await mkdtemp(join(tmpdir(), 'private-network-'));
  const process = startProcess({
    before: ['unshare', '--map-root-user', '--net'],
    program: globalThis.process.execPath,
    args: [
      runner,
      join(import.meta.dirname, 'private-network-namespace.ts'),
      folder,
      outside.join(','),
      inside.join(','),
    ],
  });
  const relays = await Promise.all([
    ...outside.map((port) => relay({ path: join(folder, `out-${port}`) }, { host: '127.0.0.1', port })),
    ...inside.map((port) => relay({ host: '127.0.0.1', port }, { path: join(folder, `in-${port}`) })),
  ]);
  const stop = async (): Promise<void> => {
    for (const close of relays) close();
    await process.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await waitUntilReady(process, () => Promise.resolve(process.output().includes('ready')));
  } catch (error) {
    await stop();
    throw error;
  }
  // `unshare` and `setpriv` become the program, so the namespace is that of the process itself.
  const target = ['--target', String(process.pid), '--net', '--user', '--preserve-credentials'];
  return { address: privateAddress, before: ['nsenter', ...target], stop };
}

type Place = { readonly path: string } | { readonly host: string; readonly port: number };

/** Passes connections on from one place to another; the answer ends it. */
export async function relay(from: Place, to: Place): Promise<() => void> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((client) => {
    const far = connect(to);
    for (const [one, other] of [
      [client, far],
      [far, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => sockets.delete(one));
      one.pipe(other);
    }
  });
  server.listen(from);
  await once(server, 'listening');
  return () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
}
