import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../../lambda/runtime/clock.ts';
import { openBucketFiles } from './bucket-files.ts';
import { lockFolder } from './folder-lock.ts';
import { makeOwnerFolder } from './owner-only-file.ts';
import { storageProblem } from './storage-problem.ts';
import { createWriteEndpoint, type WriteAccess } from './write-endpoint.ts';
import { WriteRefused } from './write-refused.ts';

export interface InfluxStoreOptions extends WriteAccess {
  /** The data folder; lines go to `<folder>/influx/<bucket>/<YYYY-MM-DD>.lp`. Made when missing. */
  readonly folder: string;
  /** Gives lines without a timestamp theirs. */
  readonly clock: Clock;
}

export interface InfluxStore {
  /** The folder of the bucket's day files. */
  readonly path: string;
  /** Answers what comes over a connection, in HTTP. After the stop it ends it. */
  accept(connection: Duplex): void;
  /** Writes what was handed over, ends the connections, and frees the folder. */
  stop(): Promise<void>;
}

/**
 * Takes `POST /api/v2/write` as InfluxDB 2 does, checks every line strictly and keeps the lines in files that
 * `influx write` can load as they are. It answers `/health` and `/ping` too, and no queries. It listens nowhere: what
 * asks it hands it a connection.
 * @throws FolderInUse when another process writes to the same folder.
 */
export async function openInfluxStore(options: InfluxStoreOptions): Promise<InfluxStore> {
  const unlock = await lockFolder(options.folder, 'influx');
  try {
    return await open(options, unlock);
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function open(options: InfluxStoreOptions, unlock: () => Promise<void>): Promise<InfluxStore> {
  await makeOwnerFolder(join(options.folder, 'influx'));
  const path = join(options.folder, 'influx', folderName(options.bucket));
  const files = await openBucketFiles(path);
  const write = createWriteEndpoint({ ...options, files });
  const server = createServer((request, response) => {
    void answer(request, response, write);
  });
  const connections = new Set<Duplex>();
  let isOpen = true;
  return {
    path,
    accept(connection) {
      if (!isOpen) {
        connection.destroy();
        return;
      }
      connections.add(connection);
      connection.once('close', () => connections.delete(connection));
      server.emit('connection', connection);
    },
    async stop() {
      isOpen = false;
      await files.settled();
      // One turn, so that senders whose lines are stored get their answer.
      await setImmediate();
      for (const connection of connections) connection.destroy();
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
    send(response, 500, { code: 'internal error', message: storageProblem(error, 'the embedded store') });
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(body));
}
