import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../lambda/runtime/clock.ts';
import { openBucketFiles } from './bucket-files.ts';
import { lockFolder } from './folder-lock.ts';
import { createWriteEndpoint, type WriteAccess } from './write-endpoint.ts';
import { WriteRefused } from './write-refused.ts';

export interface InfluxStoreOptions extends WriteAccess {
  /** The data folder; lines go to `<folder>/influx/<bucket>/<YYYY-MM-DD>.lp`. Made when missing. */
  readonly folder: string;
  /** On loopback; 0 takes any free one. */
  readonly port: number;
  /** Gives lines without a timestamp theirs. */
  readonly clock: Clock;
}

export interface InfluxStore {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** The folder of the bucket's day files. */
  readonly path: string;
  /** Ends open connections, writes what was handed over, and frees the folder. */
  stop(): Promise<void>;
}

/**
 * A small server on loopback that takes `POST /api/v2/write` as InfluxDB 2 does, checks every line strictly and keeps
 * the lines in files that `influx write` can load as they are. It answers `/health` and `/ping` too, and no queries.
 * @throws FolderInUse when another process writes to the same folder.
 */
export async function startInfluxStore(options: InfluxStoreOptions): Promise<InfluxStore> {
  const unlock = await lockFolder(options.folder, 'influx');
  try {
    return await serve(options, unlock);
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function serve(options: InfluxStoreOptions, unlock: () => Promise<void>): Promise<InfluxStore> {
  const path = join(options.folder, 'influx', folderName(options.bucket));
  const files = await openBucketFiles(path);
  const write = createWriteEndpoint({ ...options, files });
  // Longer than a minute between two windows: a connection that closes while it is used costs a retry.
  const server = createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
    void answer(request, response, write);
  });
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    path,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      await files.settled();
      // One turn, so that those whose lines are stored are told.
      await setImmediate();
      server.closeAllConnections();
      await closed;
      await files.settled();
      await unlock();
    },
  };
}

/** A bucket's name as one folder's name. */
function folderName(bucket: string): string {
  return encodeURIComponent(bucket).replace(/^\.+$/, (dots) => dots.replaceAll('.', '%2E'));
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  write: (request: IncomingMessage) => Promise<void>,
): Promise<void> {
  const [path] = (request.url ?? '').split('?');
  try {
    if (path === '/ping') response.writeHead(204).end();
    else if (path === '/health')
      send(response, 200, { name: 'locust2influx store', status: 'pass', message: 'ready for writes' });
    else if (path !== '/api/v2/write') throw new WriteRefused(404, 'not found', 'path not found');
    else if (request.method !== 'POST') throw new WriteRefused(405, 'method not allowed', 'writes are sent with POST');
    else {
      await write(request);
      response.writeHead(204).end();
    }
  } catch (error) {
    sendError(response, error);
  }
}

function sendError(response: ServerResponse, error: unknown): void {
  if (error instanceof WriteRefused) {
    response.setHeader('x-platform-error-code', error.code);
    send(response, error.status, { code: error.code, message: error.message });
  } else {
    const message = error instanceof Error ? error.message : String(error);
    send(response, 500, { code: 'internal error', message });
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}
