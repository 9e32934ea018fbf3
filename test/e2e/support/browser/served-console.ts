import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { buildConsole } from '../../../../infra/build-console.ts';
import { startAdminServer } from '../../../../infra/local/api/api-server.ts';
import type { AdminServer } from '../../../../infra/local/api/api-server.ts';
import { startTableServer } from '../../../support/aws/table-server.ts';
import { ensureTables } from '../../../../infra/local/registry/ensure-tables.ts';
import { createFolderSpool } from '../../../../infra/local/store/folder-spool.ts';
import { createSecretsFile } from '../../../../infra/local/registry/secrets-file.ts';
import { tableDefinitions } from '../../../../infra/local/registry/table-definitions.ts';
import type { ApiPorts } from '../../../../lambda/api/api-ports.ts';
import { toAssets } from '../../../../lambda/api/http/read-assets.ts';
import { tablePorts } from '../../../../lambda/api/table-ports.ts';
import { fixedTokens } from '../../../../lambda/api/http/tokens.ts';
import { createDeadLetters } from '../../../../lambda/influx/spool/dead-letters.ts';
import type { DeadLetters } from '../../../../lambda/influx/spool/dead-letters.ts';
import { createLocustClient } from '../../../../lambda/locust/fetch/fetch-report.ts';
import { systemClock as clock } from '../../../../lambda/runtime/clock.ts';
import { npmStart } from '../../../support/rigs/typescript-program.ts';
import { freePort, startProcess, waitUntilReady } from '../part-process.ts';
import type { PartProcess } from '../part-process.ts';
import { startRefusingInflux } from '../influx/refusing-influx.ts';
import type { RefusingInflux } from '../influx/refusing-influx.ts';
import { tablesOf } from '../../../../lambda/runtime/open-tables.ts';

const tables = { targets: 'Targets', runs: 'Runs' };

/** The admin API with its page on loopback, as it is deployed; and, once it is asked for, a collector on the same registry and spool. */
export interface ServedConsole {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** The one that is let in; may be changed. */
  token: string;
  /**
   * Starts the collector: it reads the targets at once, and every minute.
   * @param influxEnv names another InfluxDB than `influx`
   */
  collect(influxEnv?: RefusingInflux['env']): Promise<void>;
  /** What the collector writes to. */
  readonly influx: RefusingInflux;
  readonly deadLetters: DeadLetters;
  /** A call of the API, past the page. @throws Error when it is refused */
  call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
  /** Puts items into the table `Targets`, past the API. */
  register(items: readonly Readonly<Record<string, unknown>>[]): Promise<void>;
  /** Nothing answers until `comeBack`. */
  goAway(): Promise<void>;
  /** Does nothing where it is there. */
  comeBack(): Promise<void>;
  stop(): Promise<void>;
}

export async function serveConsole(): Promise<ServedConsole> {
  const folder = await mkdtemp(join(tmpdir(), 'locust2influx-console-'));
  const dynamoDb = await startTableServer();
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new DynamoDBClient({ endpoint: dynamoDb.endpoint, region: 'us-east-1', credentials });
  const documents = tablesOf(client);
  await ensureTables(client, tableDefinitions(tables));
  const finishRequests = countRequests(client);
  const influx = await startRefusingInflux(folder);
  const data = join(folder, 'collector');
  const deadLetters = createDeadLetters(await createFolderSpool(join(data, 'spool'), clock));
  const served: { token: string } = { token: 'the-admin-token' };
  const ports = portsOf(documents, {
    deadLetters,
    secrets: createSecretsFile({ folder }),
    roleOf: (token) => fixedTokens({ admin: served.token, reporter: 'the-reporter-token' })(token),
  });
  let collector: PartProcess | undefined;
  let server: AdminServer | undefined = await startAdminServer(ports, await freePort());
  const { url } = server;
  return Object.assign(served, {
    url,
    async collect(influxEnv = influx.env) {
      const env = { ...influxEnv, DYNAMODB_ENDPOINT: dynamoDb.endpoint, IDLE_SECONDS: '2' };
      collector = await startCollector(data, env);
    },
    influx,
    deadLetters,
    call: (method: string, path: string, body?: unknown) => call(url, served.token, { method, path, body }),
    register: (items: readonly Readonly<Record<string, unknown>>[]) => putAll(documents, items),
    async goAway() {
      await server?.stop();
      server = undefined;
    },
    async comeBack() {
      server ??= await startAdminServer(ports, Number(new URL(url).port));
    },
    async stop() {
      await server?.stop();
      await collector?.stop();
      await influx.stop();
      await finishRequests();
      client.destroy();
      await dynamoDb.close();
      await rm(folder, { recursive: true, force: true });
    },
  });
}

/**
 * Counts what the API asks of the tables: a page that is closed does not wait for answers, but the tables cannot be closed
 * before.
 * @returns what lets no more through, and waits for what is under way
 */
function countRequests(client: DynamoDBClient): () => Promise<unknown> {
  const underWay = new Set<Promise<unknown>>();
  let isOver = false;
  client.middlewareStack.add(
    (next) => async (args) => {
      if (isOver) throw new Error('the tables are closed');
      const request = next(args);
      underWay.add(request);
      return request.finally(() => underWay.delete(request));
    },
    { step: 'initialize' },
  );
  return () => {
    isOver = true;
    return Promise.allSettled(underWay);
  };
}

async function startCollector(data: string, env: Readonly<Record<string, string>>): Promise<PartProcess> {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const args = [...variables, process.execPath, ...npmStart, '--port', '0', '--data', data];
  const collector = startProcess({ program: '/usr/bin/env', args });
  // How to stop it is the last thing that it says before it collects.
  await waitUntilReady(collector, () => Promise.resolve(collector.output().includes('Ctrl-C stops')));
  return collector;
}

type OwnPorts = Pick<ApiPorts, 'deadLetters' | 'secrets' | 'roleOf'>;

function portsOf(client: DynamoDBDocumentClient, own: OwnPorts): ApiPorts {
  const addressPolicy = { allowPrivate: true, allowLoopback: true };
  return {
    ...tablePorts(client, tables),
    ...own,
    clock,
    longestWaitMs: 60_000,
    addressPolicy,
    wakeCollector: () => Promise.resolve(),
    assets: toAssets(buildConsole()),
    resolve: () => Promise.reject(new Error('no such name')),
    openLocust: () => createLocustClient({ clock, addressPolicy }),
    failed: ({ doing, error }) => {
      process.stderr.write(`failed ${doing}: ${String(error)}\n`);
    },
  };
}

async function putAll(
  client: DynamoDBDocumentClient,
  items: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  for (let first = 0; first < items.length; first += 25) {
    const requests = items.slice(first, first + 25).map((Item) => ({ PutRequest: { Item } }));
    await client.send(new BatchWriteCommand({ RequestItems: { [tables.targets]: requests } }));
  }
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
