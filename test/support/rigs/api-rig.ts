import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { expect } from 'vitest';
import { startAdminServer } from '../../../infra/local/api/api-server.ts';
import { createSecretsFile } from '../../../infra/local/registry/secrets-file.ts';
import type { ApiFailure, ApiPorts } from '../../../lambda/api/api-ports.ts';
import { createApi } from '../../../lambda/api/app.ts';
import { tablePorts } from '../../../lambda/api/table-ports.ts';
import { fixedTokens } from '../../../lambda/api/http/tokens.ts';
import { createLocustClient } from '../../../lambda/locust/fetch/fetch-report.ts';
import type { TargetSecretsStore } from '../../../lambda/runtime/target-secrets.ts';
import { patientClock } from '../time/patient-clock.ts';
import { startRegistry } from './registry.ts';
import type { TestRegistry } from './registry.ts';
import { startScriptedLocust } from '../locust/scripted-locust.ts';
import type { Saying, ScriptedLocust } from '../locust/scripted-locust.ts';

/** How the suite reaches the API. */
export type Transport = 'in process' | 'over HTTP';
export const transports: readonly Transport[] = ['in process', 'over HTTP'];

export const tokens = { admin: 'the-admin-token', reporter: 'the-reporter-token' } as const;

interface Asking {
  /** Sent as JSON; a string or bytes as they are. */
  readonly body?: unknown;
  /** Default the admin's; null for none. */
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer, read. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON, where it is some. */
  readonly json: Record<string, unknown>;
  readonly etag: string;
}

/** The admin API among real parts: a registry, a file of secrets, Locusts that answer as set. */
export interface AdminRig {
  /** Where it listens; undefined in process. */
  readonly url: string | undefined;
  readonly registry: TestRegistry;
  readonly secrets: TargetSecretsStore;
  /** What the API has logged. */
  readonly failures: readonly ApiFailure[];
  /** `GET /v1/targets` */
  ask(call: string, asking?: Asking): Promise<Answer>;
  /** The same request on any path, untouched: for what a client would normalise. */
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>;
  locust(saying?: Saying): Promise<ScriptedLocust>;
  /** The text of the secrets file; empty when there is none. */
  secretsText(): Promise<string>;
  /** Everything in the two tables. */
  tables(): Promise<string>;
  /** Empties tables, secrets and log, and closes the Locusts. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** @param replaced ports other than those of one machine */
export async function startAdminRig(
  transport: Transport,
  replaced: (ports: ApiPorts) => Partial<ApiPorts> = () => ({}),
): Promise<AdminRig> {
  const [registry, folder] = [await startRegistry(), await mkdtemp(join(tmpdir(), 'locust2influx-admin-'))];
  const [failures, locusts]: [ApiFailure[], ScriptedLocust[]] = [[], []];
  const ports = localPorts({ registry, folder, failures });
  const all = { ...ports, ...replaced(ports) };
  const { url, fetch, stop } = await reach(transport, all);
  const documented = (await (await fetch('/openapi.json')).json()) as ApiDocument;
  return {
    url,
    registry,
    secrets: all.secrets,
    failures,
    fetch,
    ask: async (call, asking) => {
      const answer = await ask(fetch, call, asking);
      expectDocumented(documented, call, answer);
      return answer;
    },
    async locust(saying) {
      const locust = await startScriptedLocust(saying);
      locusts.push(locust);
      return locust;
    },
    secretsText: () => readFile(join(folder, 'secrets.json'), 'utf8').catch(() => ''),
    async tables() {
      const scans = ['Targets', 'Runs'].map((TableName) => registry.client.send(new ScanCommand({ TableName })));
      return JSON.stringify((await Promise.all(scans)).map(({ Items }) => Items));
    },
    async reset() {
      await emptyTables(registry);
      await rm(join(folder, 'secrets.json'), { force: true });
      failures.length = 0;
      await closeAll(locusts.splice(0));
    },
    async close() {
      await stop();
      await closeAll(locusts);
      await registry.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const closeAll = (locusts: readonly ScriptedLocust[]): Promise<unknown> =>
  Promise.all(locusts.map((locust) => locust.close()));

async function emptyTables({ client }: TestRegistry): Promise<void> {
  for (const [TableName, keys] of Object.entries({ Targets: ['id'], Runs: ['target', 'run'] })) {
    const keyOf = (item: Record<string, unknown>) => Object.fromEntries(keys.map((key) => [key, item[key]]));
    for (let isEmpty = false; !isEmpty;) {
      // One page is at most 1 MB.
      const { Items: items = [], LastEvaluatedKey: last } = await client.send(new ScanCommand({ TableName }));
      await Promise.all(items.map((item) => client.send(new DeleteCommand({ TableName, Key: keyOf(item) }))));
      isEmpty = last === undefined;
    }
  }
}

function localPorts(rig: { registry: TestRegistry; folder: string; failures: ApiFailure[] }): ApiPorts {
  const addressPolicy = { allowPrivate: false, allowLoopback: true };
  return {
    ...tablePorts(rig.registry.client, { targets: 'Targets', runs: 'Runs' }),
    clock: patientClock,
    longestWaitMs: 60_000,
    addressPolicy,
    secrets: createSecretsFile({ folder: rig.folder }),
    wakeCollector: () => Promise.resolve(),
    roleOf: fixedTokens(tokens),
    // No test asks a real resolver; connections then fail as this says too.
    resolve: () => Promise.reject(new Error('no such name')),
    openLocust: () =>
      createLocustClient({
        clock: patientClock,
        addressPolicy,
        lookup: (_name, _options, callback) => {
          callback(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), []);
        },
      }),
    assets: new Map([
      ['/', { contentType: 'text/html; charset=utf-8', body: '<!doctype html><title>Targets</title>' }],
      ['/icon.png', { contentType: 'image/png', body: new Uint8Array([137, 80, 78, 71, 0, 255]) }],
    ]),
    failed: (failure) => rig.failures.push(failure),
  };
}

async function reach(
  transport: Transport,
  ports: ApiPorts,
): Promise<Pick<AdminRig, 'url' | 'fetch'> & { stop: () => Promise<void> }> {
  if (transport === 'in process') {
    const app = createApi(ports);
    return { url: undefined, fetch: async (path, init) => app.request(path, init), stop: () => Promise.resolve() };
  }
  const server = await startAdminServer(ports, 0);
  const { url } = server;
  return { url, fetch: (path, init) => fetch(`${url}${path}`, init), stop: () => server.stop() };
}

async function ask(fetch: AdminRig['fetch'], call: string, asking: Asking = {}): Promise<Answer> {
  const { body, token = tokens.admin, headers = {} } = asking;
  const [method = '', path = ''] = call.split(' ');
  const response = await fetch(path, {
    method,
    headers: {
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: isRaw(body) ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  const json = isJson ? (JSON.parse(text) as Record<string, unknown>) : {};
  return { status: response.status, headers: response.headers, text, json, etag: response.headers.get('etag') ?? '' };
}

function isRaw(body: unknown): body is string | Uint8Array<ArrayBuffer> {
  return typeof body === 'string' || body instanceof Uint8Array;
}

interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: object }>>>>;
}

/** No answer to a call that the document describes is one that it does not. */
function expectDocumented({ paths }: ApiDocument, call: string, { status, headers }: Answer): void {
  const [method = '', path = ''] = call.replace(/\?.*$/, '').split(' ');
  const [template] = Object.keys(paths).filter((each) => new RegExp(`^${each.replace(/{.+?}/g, '[^/]+')}$`).test(path));
  const responses = paths[template ?? '']?.[method.toLowerCase()]?.responses;
  if (responses === undefined) return;
  expect(Object.keys(responses), `${call} is documented with its answers`).toContain(String(status));
  if (status >= 400) expect(headers.get('content-type')).toBe('application/problem+json');
}

/** What every answer about something wrong has to be. */
export function problem(kind: string, status: number): object {
  return { status, json: { type: `urn:locust2influx:problem:${kind}`, status } };
}
