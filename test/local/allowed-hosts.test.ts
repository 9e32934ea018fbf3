import { request as send } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { guardHosts } from '../../infra/local/api/allowed-hosts.ts';
import { startAdminRig, tokens } from '../support/rigs/api-rig.ts';
import type { AdminRig } from '../support/rigs/api-rig.ts';

let rig: AdminRig;
beforeAll(async () => {
  rig = await startAdminRig('over HTTP');
});
afterAll(() => rig.close());

interface Heard {
  readonly status: number;
  readonly body: string;
}

const contentOf = (body: string): Record<string, string> =>
  body === '' ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };

/** As a browser sends it, with the name of the page in `Host`, wherever that name leads. */
function ask(path: string, headers: Readonly<Record<string, string>>, method = 'GET', body = ''): Promise<Heard> {
  const { hostname, port } = new URL(rig.url ?? '');
  return new Promise((resolve, reject) => {
    const authorization = `Bearer ${tokens.admin}`;
    const sent = send(
      { hostname, port, path, method, headers: { authorization, ...contentOf(body), ...headers } },
      (response) => {
        let text = '';
        response.on('data', (data: Buffer) => (text += String(data)));
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, body: text });
        });
      },
    );
    sent.once('error', reject).end(body);
  });
}

const target = '{"url":"http://127.0.0.1:1"}';

it.each(['localhost', 'LOCALHOST:8787', '127.0.0.1', '127.0.0.1:1', '192.0.2.7:8787', '[::1]:8787', 'localhost.'])(
  'a request to %s is answered',
  async (host) => {
    expect((await ask('/v1/targets', { host })).status).toBe(200);
  },
);

it.each([
  'evil.example',
  'evil.example:8787',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  'localhost@evil.example',
  'localhost, evil.example',
  'localhost:8787:8787',
  '[localhost]',
  '[::1].evil.example',
  '2130706433.example',
  ' ',
])('a page whose name %j leads here gets nothing, with a token too', async (host) => {
  for (const path of ['/', '/openapi.json', '/v1/targets', '/v1/health', '/nothing']) {
    const { status, body } = await ask(path, { host });
    expect([status, path]).toEqual([421, path]);
    expect(JSON.parse(body)).toMatchObject({ type: 'urn:locust2influx:problem:unknown-host', status: 421 });
    expect(body).toContain('--allow-host');
  }
  expect((await ask('/v1/targets/evil', { host }, 'PUT', target)).status).toBe(421);
  expect((await ask('/v1/targets/evil', { host: 'localhost' })).status).toBe(404);
});

it.each(['http://evil.example', 'null', 'http://localhost:1234', 'https://evil.example:8787', 'file://', ''])(
  'a page of the origin %j changes nothing',
  async (origin) => {
    for (const method of ['PUT', 'PATCH', 'DELETE', 'POST']) {
      const { status } = await ask('/v1/targets/evil', { host: 'localhost:8787', origin }, method, target);
      expect([method, status]).toEqual([method, 403]);
    }
    expect((await ask('/v1/targets/evil', { host: 'localhost' })).status).toBe(404);
  },
);

it('the page of this server changes what it likes, also behind a proxy whose name is allowed', async () => {
  const own = { host: 'localhost:8787', origin: 'http://localhost:8787' };
  expect((await ask('/v1/targets/shop', own, 'PUT', target)).status).toBe(201);

  const seen: string[] = [];
  const guarded = guardHosts(
    ({ headers }) => {
      seen.push(headers.get('host') ?? '');
      return new Response();
    },
    ['load.example.com', 'collector'],
  );
  const put = async (host: string, origin: string): Promise<number> =>
    (await guarded(new Request('http://localhost/', { method: 'PUT', headers: { host, origin } }))).status;
  expect(await put('collector:8787', 'https://load.example.com')).toBe(200);
  expect(await put('Load.Example.com', 'https://load.example.com')).toBe(200);
  expect(await put('load.example.com', 'https://other.example.com')).toBe(403);
  expect(seen).toEqual(['collector:8787', 'Load.Example.com']);
});
