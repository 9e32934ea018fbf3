import { request as send } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildConsole } from '../../../infra/build-console.ts';
import { companionFiles } from '../../../infra/companion-files.ts';
import { createFolderSpool } from '../../../infra/local/store/folder-spool.ts';
import type { ApiPorts } from '../../../lambda/api/api-ports.ts';
import { createApi } from '../../../lambda/api/app.ts';
import { answerHttpApi } from '../../../lambda/api/http/http-api.ts';
import type { HttpApiHandler } from '../../../lambda/api/http/http-api.ts';
import { toAssets } from '../../../lambda/api/http/read-assets.ts';
import { createBreaker } from '../../../lambda/influx/delivery/breaker.ts';
import { createDeadLetters } from '../../../lambda/influx/spool/dead-letters.ts';
import { startAdminRig } from '../../support/rigs/api-rig.ts';
import type { AdminRig } from '../../support/rigs/api-rig.ts';
import { patientClock } from '../../support/time/patient-clock.ts';

interface Heard {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

interface Sending {
  readonly host?: string;
  readonly origin?: string;
}

type Ask = (call: string, sending?: Sending) => Promise<Heard>;

let rig: AdminRig;
let folder: string;
let deployed: HttpApiHandler;
/** `GET /v1/targets/shop`: all that the API has, with something in place of each parameter. */
let calls: readonly string[];
let assets: ReadonlyMap<string, unknown>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'locust2influx-open-paths-'));
  const spoolStore = await createFolderSpool(folder, patientClock);
  const files = toAssets([...buildConsole(), ...companionFiles()]);
  const openInflux = (): never => {
    throw new Error('nothing is written');
  };
  let ports: ApiPorts | undefined;
  rig = await startAdminRig('over HTTP', (given) => {
    const reports = { openInflux, spoolStore, breaker: createBreaker(), observer: {} };
    ports = { ...given, assets: files, deadLetters: createDeadLetters(spoolStore), reports };
    return ports;
  });
  if (ports === undefined) throw new Error('the rig has no ports');
  const api = createApi(ports);
  deployed = answerHttpApi(api.fetch);
  assets = files;
  const documented = (await (await rig.fetch('/openapi.json')).json()) as { paths: Record<string, object> };
  calls = [
    ...Object.entries(documented.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => [method, path]),
    ),
    // What is there without being in the document.
    ...api.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => [method, path]),
  ].map(([method = '', path = '']) => `${method.toUpperCase()} ${path.replace(/\{\w+\}|:\w+(?:\{.+?\})?/g, 'shop')}`);
  await rig.registry.putTarget({ id: 'shop', url: 'http://127.0.0.1:1' });
});
afterAll(async () => {
  await rig.close();
  await rm(folder, { recursive: true });
});

/** As any client may: `fetch` would not send another `Host`. */
const askLocally: Ask = (call, { host = 'localhost', origin } = {}) => {
  const [method = '', path = ''] = call.split(' ');
  const { hostname, port } = new URL(rig.url ?? '');
  return new Promise((resolve, reject) => {
    const headers = { ...headersOf(method, origin), host };
    const sent = send({ hostname, port, method, path, headers }, (response) => {
      let text = '';
      response.on('data', (data: Buffer) => (text += String(data)));
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    sent.once('error', reject).end(hasBody(method) ? '{}' : undefined);
  });
};

/** As API Gateway hands it over. */
const askDeployed: Ask = async (call, { host, origin } = {}) => {
  const [method = '', path = ''] = call.split(' ');
  const domainName = 'abcdefghij.execute-api.us-east-1.amazonaws.com';
  const { statusCode, headers, body } = await deployed({
    rawPath: path,
    rawQueryString: '',
    headers: { ...headersOf(method, origin), host: host ?? domainName },
    ...(hasBody(method) && { body: '{}' }),
    isBase64Encoded: false,
    requestContext: { domainName, stage: '$default', http: { method } },
  });
  return { status: statusCode, headers, text: body ?? '' };
};

const hasBody = (method: string): boolean => ['POST', 'PUT', 'PATCH'].includes(method);
const headersOf = (method: string, origin: string | undefined): Record<string, string> => ({
  ...(origin !== undefined && { origin }),
  ...(hasBody(method) && { 'content-type': 'application/json', 'content-length': '2' }),
});

/** What needs no token: the page, its files and the companion, the document and health. */
const isOpen = (call: string): boolean => {
  const [method, path = ''] = call.split(' ');
  return method === 'GET' && (assets.has(path) || path === '/openapi.json' || path === '/v1/health');
};

const foreign: readonly (readonly [what: string, sending: Sending])[] = [
  ['from nowhere in particular', {}],
  ['from a page of another origin', { origin: 'https://evil.example' }],
  ['from a page without an origin', { origin: 'null' }],
  ['by a name that another page has', { host: 'evil.example', origin: 'http://evil.example' }],
];

describe.each([
  ['on one machine', askLocally],
  ['as deployed', askDeployed],
])('without a token, %s', (place, ask) => {
  it.each(foreign)('nothing is answered but what is open, %s', async (_what, sending) => {
    expect(calls.length).toBeGreaterThan(30);
    expect(calls.filter(isOpen)).toEqual(
      expect.arrayContaining(['GET /', 'GET /locust2influx.py', 'GET /openapi.json', 'GET /v1/health']),
    );
    expect(calls.some((call) => /^GET \/.*\.whl$/.test(call))).toBe(true);
    const isGuarded = place === 'on one machine' && sending.host !== undefined;
    for (const call of calls) {
      const { status, headers, text } = await ask(call, sending);

      const isOtherPages = place === 'on one machine' && sending.origin !== undefined && !call.startsWith('GET ');
      const expected = isGuarded ? 421 : isOpen(call) ? 200 : isOtherPages ? 403 : 401;
      expect([status, call]).toEqual([expected, call]);
      // Without these no browser lets a page of another origin read it.
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
      if (call === 'GET /v1/health' && expected === 200) expect(text).toBe('{"status":"ok"}');
    }
  });

  it('no browser is told that a page of another origin may call', async () => {
    for (const call of new Set(calls.map((each) => each.replace(/^\w+/, 'OPTIONS')))) {
      const { status, headers } = await ask(call, { origin: 'https://evil.example' });

      expect([401, 403, 405], call).toContain(status);
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    }
  });

  it.each([
    '/V1/targets',
    '//v1/targets',
    '/v1//targets',
    '/v1/targets/',
    '/v1/targets/shop/',
    '/%76%31/targets',
    '/v1%2ftargets',
    '/./v1/targets',
    '/x/../v1/targets',
    '/v1/health/../targets',
    '/v1/health/%2e%2e/targets',
    '/v1/targets;x',
    '/v1/targets%00',
    '/v1/healthx',
    '/v1/health/',
    '/secrets.json',
    '/..%2ftokens.json',
    '/index.html/../../tokens.json',
  ])('no other spelling of a path opens it: %s', async (path) => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const { status, text } = await ask(`${method} ${path}`);
      expect([401, 404, 405]).toContain(status);
      expect(text).not.toContain('127.0.0.1:1');
    }
  });

  it('and nothing was changed by any of it', async () => {
    expect(await rig.ask('GET /v1/targets/shop')).toMatchObject({ status: 200, json: { url: 'http://127.0.0.1:1' } });
    expect(rig.failures).toEqual([]);
  });
});
