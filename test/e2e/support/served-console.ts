import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { buildConsole } from '../../../infra/build-console.ts';
import { startAdminServer } from '../../../infra/local/admin-server.ts';
import type { AdminServer } from '../../../infra/local/admin-server.ts';
import { startEmbeddedDynamoDb } from '../../../infra/local/embedded-dynamodb.ts';
import { ensureTables } from '../../../infra/local/ensure-tables.ts';
import { createSecretsFile } from '../../../infra/local/secrets-file.ts';
import { tableDefinitions } from '../../../infra/local/table-definitions.ts';
import type { AdminPorts } from '../../../lambda/admin/admin-ports.ts';
import { readAssets } from '../../../lambda/admin/read-assets.ts';
import { tablePorts } from '../../../lambda/admin/table-ports.ts';
import { fixedTokens } from '../../../lambda/admin/tokens.ts';
import { createLocustClient } from '../../../lambda/locust/fetch-report.ts';
import { systemClock as clock } from '../../../lambda/runtime/clock.ts';
import { startProcess } from './part-process.ts';

const tables = { targets: 'Targets', runs: 'Runs' };
const sources = new URL('../../../lambda/admin/console/', import.meta.url);
const main = new URL('../../../infra/local/main.ts', import.meta.url).pathname;

/** The admin API with its page on loopback, and a collector on the same registry. */
export interface ServedConsole {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** The one that is let in; may be changed. */
  token: string;
  /** A call of the API, past the page. @throws Error when it is refused */
  call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
  /** Nothing answers until `comeBack`. */
  goAway(): Promise<void>;
  /** Does nothing where it is there. */
  comeBack(): Promise<void>;
  stop(): Promise<void>;
}

/** The page's files as they lie in the project, or bundled, as they are deployed. */
export type PageFiles = 'as written' | 'as deployed';

export async function serveConsole(files: PageFiles): Promise<ServedConsole> {
  const folder = await mkdtemp(join(tmpdir(), 'locust2influx-console-'));
  const dynamoDb = await startEmbeddedDynamoDb({ folder });
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new DynamoDBClient({ endpoint: dynamoDb.endpoint, region: 'us-east-1', credentials });
  await ensureTables(client, tableDefinitions(tables));
  const collector = startProcess({
    program: '/usr/bin/env',
    args: [
      `DYNAMODB_ENDPOINT=${dynamoDb.endpoint}`,
      'IDLE_SECONDS=2',
      process.execPath,
      ...[main, '--port', '0', '--data', join(folder, 'collector')],
    ],
  });
  const served: { token: string } = { token: 'the-admin-token' };
  const ports = portsOf(DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }), {
    assets: readAssets(await pageFolder(files, folder)),
    secrets: createSecretsFile({ folder }),
    roleOf: (token) => fixedTokens({ admin: served.token, reporter: 'the-reporter-token' })(token),
  });
  let server: AdminServer | undefined = await startAdminServer(ports, 0);
  const { url } = server;
  return Object.assign(served, {
    url,
    call: (method: string, path: string, body?: unknown) => call(url, served.token, { method, path, body }),
    async goAway() {
      await server?.stop();
      server = undefined;
    },
    async comeBack() {
      server ??= await startAdminServer(ports, Number(new URL(url).port));
    },
    async stop() {
      await server?.stop();
      await collector.stop();
      client.destroy();
      await dynamoDb.stop();
      await rm(folder, { recursive: true, force: true });
    },
  });
}

async function pageFolder(files: PageFiles, folder: string): Promise<URL> {
  if (files === 'as written') return sources;
  const built = join(folder, 'page');
  await buildConsole(built);
  return pathToFileURL(`${built}/`);
}

function portsOf(client: DynamoDBDocumentClient, own: Pick<AdminPorts, 'assets' | 'secrets' | 'roleOf'>): AdminPorts {
  const addressPolicy = { allowPrivate: true, allowLoopback: true };
  return {
    ...tablePorts(client, tables),
    ...own,
    clock,
    addressPolicy,
    resolve: () => Promise.reject(new Error('no such name')),
    openLocust: () => createLocustClient({ clock, addressPolicy }),
    failed: ({ doing, error }) => {
      process.stderr.write(`failed ${doing}: ${String(error)}\n`);
    },
  };
}

async function call(
  url: string,
  token: string,
  { method, path, body }: { method: string; path: string; body?: unknown },
): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}
