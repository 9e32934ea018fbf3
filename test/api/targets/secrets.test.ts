import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { problem, startAdminRig, tokens, transports } from '../../support/rigs/api-rig.ts';
import type { AdminRig } from '../../support/rigs/api-rig.ts';

const url = 'http://127.0.0.1:1';
const words = ['pa55-word', 'bear3r-t0ken', 'head3r-value'] as const;
const [password, token, value] = words;
const basic = { type: 'basic', username: 'locust', password } as const;

describe.each(transports)('secrets, %s', (transport) => {
  let rig: AdminRig;
  let everything: string[];
  beforeAll(async () => {
    rig = await startAdminRig(transport);
  });
  beforeEach(() => {
    everything = [];
    return rig.reset();
  });
  afterAll(() => rig.close());

  const ask: AdminRig['ask'] = async (call, asking) => {
    const answer = await rig.ask(call, asking);
    everything.push(answer.text, JSON.stringify([...answer.headers]));
    return answer;
  };
  const storedSecrets = async (): Promise<unknown> => {
    const item = await rig.registry.target('shop');
    const ref = item?.['secretsRef'];
    return typeof ref === 'string' ? rig.secrets.read({ target: 'shop', ref }) : 'none';
  };
  const kept = async (): Promise<number> => Object.keys(JSON.parse((await rig.secretsText()) || '{}') as object).length;

  it('are kept with the target, and never in an answer, the table or a log', async () => {
    const locust = await rig.locust({ state: 'running' });
    locust.say((request, response) => response.writeHead(401).end(`${request.headers.authorization ?? ''} ${value}`));
    const body = { url: locust.url, auth: basic, headers: { 'X-Key': value } };

    const made = await ask('PUT /v1/targets/shop', { body });
    await ask('GET /v1/targets/shop');
    await ask('GET /v1/targets');
    await ask('POST /v1/targets/shop/check');
    await ask('PATCH /v1/targets/shop', { body: { auth: { type: 'bearer', token } } });
    await ask('PATCH /v1/targets/shop', { body: { auth: { token: 1 } } });
    await ask('PUT /v1/targets/shop', { body: { ...body, auth: { ...basic, extra: password } } });
    await ask('PUT /v1/targets/shop', { body: { ...body, headers: { 'X-Key': `${value}\n` } } });
    await ask('PUT /v1/targets/shop', { body: `{"url":"${url}","auth":{"password":"${password}"`, headers: {} });

    expect(made.json).toMatchObject({ auth: { type: 'basic', username: 'locust' }, headers: ['X-Key'] });
    expect(made.json['auth']).toEqual({ type: 'basic', username: 'locust' });
    expect(made.json).not.toHaveProperty('secretsRef');
    const seen = [...everything, await rig.tables(), JSON.stringify(rig.failures)].join('\n');
    for (const word of [...words, Buffer.from(`locust:${password}`).toString('base64')])
      expect(seen).not.toContain(word);
    expect(await storedSecrets()).toEqual({ auth: { type: 'bearer', token }, headers: { 'X-Key': value } });
  });

  it('are sent to the Locust when it is checked', async () => {
    const locust = await rig.locust({ state: 'ready' });
    const seen: unknown[] = [];
    locust.say((request, response) => {
      seen.push(request.headers.authorization, request.headers['x-key']);
      response.end('{}');
    });
    await rig.ask('PUT /v1/targets/shop', { body: { url: locust.url, auth: basic, headers: { 'X-Key': value } } });
    seen.length = 0;

    await rig.ask('POST /v1/targets/shop/check');

    expect(seen).toEqual([`Basic ${Buffer.from(`locust:${password}`).toString('base64')}`, value]);
  });

  it('PUT replaces them, and without any removes them: one version is kept, or none', async () => {
    await rig.ask('PUT /v1/targets/shop', { body: { url, auth: basic } });
    await rig.ask('PUT /v1/targets/shop', { body: { url, auth: { type: 'bearer', token } } });
    expect(await storedSecrets()).toEqual({ auth: { type: 'bearer', token } });
    expect(await kept()).toBe(1);
    expect(await rig.secretsText()).not.toContain(password);

    const bare = await rig.ask('PUT /v1/targets/shop', { body: { url } });

    expect(bare.json).not.toHaveProperty('auth');
    expect(await storedSecrets()).toBe('none');
    expect(await kept()).toBe(0);
  });

  it('PATCH keeps them unless it has auth or headers, and merges what it has', async () => {
    await rig.ask('PUT /v1/targets/shop', { body: { url, auth: basic, headers: { 'X-A': value, 'X-B': 'b' } } });

    const paused = await rig.ask('PATCH /v1/targets/shop', { body: { enabled: false, url: `${url}/base` } });
    expect(paused.json).toMatchObject({ auth: { username: 'locust' }, headers: ['X-A', 'X-B'], enabled: false });
    expect(await storedSecrets()).toMatchObject({ auth: basic, headers: { 'X-A': value, 'X-B': 'b' } });

    await rig.ask('PATCH /v1/targets/shop', {
      body: { auth: { username: 'other' }, headers: { 'X-A': null, 'X-C': 'c' } },
    });
    expect(await storedSecrets()).toEqual({
      auth: { ...basic, username: 'other' },
      headers: { 'X-B': 'b', 'X-C': 'c' },
    });

    const bare = await rig.ask('PATCH /v1/targets/shop', { body: { auth: null, headers: null } });
    expect(bare).toMatchObject({ status: 200, json: { headers: [] } });
    expect(await kept()).toBe(0);
  });

  it.each([
    ['auth', { auth: basic }],
    ['headers.X-Key', { headers: { 'X-Key': value } }],
  ])('do not follow a URL that is patched to another host: %s has to be entered again', async (field, secrets) => {
    await rig.ask('PUT /v1/targets/shop', { body: { url, ...secrets } });
    const locust = await rig.locust({ state: 'ready' });

    const refused = await rig.ask('PATCH /v1/targets/shop', { body: { url: locust.url } });

    expect(refused).toMatchObject(problem('invalid-request', 422));
    expect(refused.json['errors']).toMatchObject([{ field }]);
    const half = await rig.ask('PATCH /v1/targets/shop', {
      body: { url: locust.url, auth: { username: 'x' }, headers: {} },
    });
    expect(half.status).toBe(422);
    expect(locust.asked).toBe(0);
    expect((await rig.ask('PATCH /v1/targets/shop', { body: { url: locust.url, ...secrets } })).status).toBe(200);
    expect((await rig.ask('PATCH /v1/targets/shop', { body: { url, auth: null, headers: null } })).status).toBe(200);
  });

  it('of a login form are the values of its fields: merged by name, shown by name', async () => {
    const form = { type: 'form', url: `${url}/login`, fields: { username: 'locust', password } };
    const made = await ask('PUT /v1/targets/shop', { body: { url, auth: form } });
    await ask('POST /v1/targets/shop/check');
    await ask('GET /v1/targets/shop');

    const body = { auth: { url: `${url}/in?a=b`, fields: { username: null, otp: token } } };
    const changed = await ask('PATCH /v1/targets/shop', { body });

    expect(made.json['auth']).toEqual({ ...form, fields: ['username', 'password'] });
    expect(changed.json['auth']).toEqual({ type: 'form', url: `${url}/in?a=b`, fields: ['password', 'otp'] });
    expect(await storedSecrets()).toEqual({
      auth: { type: 'form', url: `${url}/in?a=b`, fields: { password, otp: token } },
    });
    const seen = [...everything, await rig.tables(), JSON.stringify(rig.failures)].join('\n');
    for (const word of words) expect(seen).not.toContain(word);
    const paused = await rig.ask('PATCH /v1/targets/shop', { body: { enabled: false } });
    expect(paused.json).toMatchObject({ auth: { fields: ['password', 'otp'] }, enabled: false });
  });

  it.each([
    ['at another host', { url: 'http://127.0.0.1:2/login' }, 'auth.url'],
    ['without an address', { url: undefined }, 'auth.url'],
    ['with a fragment', { url: `${url}/#login` }, 'auth.url'],
    ['without fields', { fields: {} }, 'auth.fields'],
    [
      'with 21 fields',
      { fields: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`f${i}`, 'v'])) },
      'auth.fields',
    ],
    ['with a line break', { fields: { password: `${password}\n` } }, 'auth.fields.password'],
  ])('of a login form %s are refused', async (_what, change, field) => {
    const auth = { type: 'form', url: `${url}/login`, fields: { password }, ...change };

    const refused = await ask('PUT /v1/targets/shop', { body: { url, auth } });

    expect(refused).toMatchObject({ ...problem('invalid-request', 422), json: { errors: [{ field }] } });
    expect(refused.text).not.toContain(password);
  });

  it('of a login form are entered anew where they got lost, or the URL moves', async () => {
    const form = { type: 'form', url: `${url}/login`, fields: { username: 'locust', password } };
    await rig.ask('PUT /v1/targets/shop', { body: { url, auth: form } });
    const moved = { url: 'http://127.0.0.1:2', auth: { fields: { username: 'x', password: 'y' } } };
    expect(await rig.ask('PATCH /v1/targets/shop', { body: moved })).toMatchObject({
      ...problem('invalid-request', 422),
      json: { errors: [{ field: 'auth.url' }] },
    });
    const ref = String((await rig.registry.target('shop'))?.['secretsRef']);
    await rig.secrets.remove({ target: 'shop', ref });

    const patch = await rig.ask('PATCH /v1/targets/shop', { body: { headers: { 'X-Key': value } } });

    expect(patch.json['errors']).toMatchObject([{ field: 'auth.fields' }]);
  });

  it('of a login form are not taken from a reporter, who could send forms anywhere with them', async () => {
    const auth = { type: 'form', url: `${url}/login`, fields: { password } };

    const refused = await rig.ask('PUT /v1/targets/own', { token: tokens.reporter, body: { url, auth } });

    expect(refused).toMatchObject(problem('forbidden', 403));
    expect(refused.json['errors']).toMatchObject([{ field: 'auth' }]);
  });

  it('go with the target', async () => {
    await rig.ask('PUT /v1/targets/shop', { body: { url, auth: basic } });

    expect((await rig.ask('DELETE /v1/targets/shop')).status).toBe(204);

    expect(await kept()).toBe(0);
  });

  it('of edits that did not come through are not left behind', async () => {
    const { etag } = await rig.ask('PUT /v1/targets/shop', { body: { url, auth: basic } });

    await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        rig.ask('PUT /v1/targets/shop', {
          body: { url, auth: { type: 'bearer', token: `t${index}` } },
          headers: { 'if-match': etag },
        }),
      ),
    );

    expect(await kept()).toBe(1);
    expect(await storedSecrets()).toMatchObject({ auth: { type: 'bearer' } });
  });

  it('that got lost are reported by a check, and asked for by a PATCH of the others', async () => {
    await rig.ask('PUT /v1/targets/shop', { body: { url, auth: basic } });
    const ref = String((await rig.registry.target('shop'))?.['secretsRef']);
    await rig.secrets.remove({ target: 'shop', ref });

    const check = await rig.ask('POST /v1/targets/shop/check');
    const patch = await rig.ask('PATCH /v1/targets/shop', { body: { headers: { 'X-Key': value } } });

    expect(check).toMatchObject({ status: 200, json: { reachable: false, failure: { kind: 'no-credentials' } } });
    expect(patch.json['errors']).toMatchObject([{ field: 'auth.password' }]);
    expect((await rig.ask('PATCH /v1/targets/shop', { body: { enabled: false } })).status).toBe(200);
  });
});
