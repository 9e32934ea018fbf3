import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fixedTokens, rotatingTokens } from '../../lambda/admin/tokens.ts';
import { problem, startAdminRig, tokens, transports } from '../support/admin-rig.ts';
import type { AdminRig } from '../support/admin-rig.ts';
import { createHandClock } from '../support/hand-clock.ts';

const url = 'http://127.0.0.1:1';
const calls = [
  'GET /v1/targets',
  'POST /v1/targets',
  'GET /v1/targets/shop',
  'PUT /v1/targets/shop',
  'PATCH /v1/targets/shop',
  'DELETE /v1/targets/shop',
  'POST /v1/targets/shop/check',
  'GET /v1/targets/shop/runs',
  'GET /v1/targets/shop/runs/20261122T140500Z',
];

describe.each(transports)('who may call what, %s', (transport) => {
  let rig: AdminRig;
  beforeAll(async () => {
    rig = await startAdminRig(transport);
  });
  beforeEach(() => rig.reset());
  afterAll(() => rig.close());

  const withBody = (call: string): object => (/^(POST|PUT|PATCH)/.test(call) ? { body: { url } } : {});

  it.each([...calls, 'GET /v1/nothing', 'DELETE /v1/targets'])(
    '%s without a token, or with a wrong one, is 401 and says how',
    async (call) => {
      for (const token of [null, 'wrong', `${tokens.admin}x`, tokens.admin.slice(0, -1), '', 'two words']) {
        const answer = await rig.ask(call, { token, ...withBody(call) });
        expect(answer).toMatchObject(problem('unauthorized', 401));
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
      }
    },
  );

  it.each(['Basic dXNlcjpwdw==', tokens.admin, 'Bearer', `Token ${tokens.admin}`])(
    'the header %s is no bearer token',
    async (authorization) => {
      expect(await rig.ask('GET /v1/targets', { token: null, headers: { authorization } })).toMatchObject({
        status: 401,
      });
    },
  );

  it.each(calls.filter((call) => !call.startsWith('PUT')))('a reporter may not %s', async (call) => {
    await rig.ask('PUT /v1/targets/shop', { token: tokens.reporter, body: { url } });

    const answer = await rig.ask(call, { token: tokens.reporter, ...withBody(call) });

    expect(answer).toMatchObject(problem('forbidden', 403));
  });

  it.each(['PUT /v1/v1/targets/shop', 'GET /v1/nothing', 'POST /v1/v1/targets/shop/reports'])(
    '%s, which is not there, is 404 for a reporter too: no other token would help',
    async (call) => {
      expect(await rig.ask(call, { token: tokens.reporter, ...withBody(call) })).toMatchObject(
        problem('not-found', 404),
      );
    },
  );

  it('a method that a path does not take is 405 for a reporter too', async () => {
    const answer = await rig.ask('DELETE /v1/targets', { token: tokens.reporter });

    expect(answer).toMatchObject(problem('method-not-allowed', 405));
    expect(answer.headers.get('allow')?.split(', ').sort()).toEqual(['GET', 'HEAD', 'POST']);
  });

  it('a reporter may put a new target, and again, but none that an admin made', async () => {
    await rig.ask('PUT /v1/targets/admins', { body: { url } });

    const asReporter = { token: tokens.reporter, body: { url, project: 'load' } };
    expect(await rig.ask('PUT /v1/targets/own', asReporter)).toMatchObject({
      status: 201,
      json: { owner: 'reporter' },
    });
    expect(await rig.ask('PUT /v1/targets/own', asReporter)).toMatchObject({ status: 200 });
    expect(await rig.ask('PUT /v1/targets/admins', asReporter)).toMatchObject(problem('forbidden', 403));
    expect(await rig.ask('GET /v1/targets/admins')).toMatchObject({ json: { project: 'default', version: 1 } });
  });

  it("an admin's PUT leaves a reporter's target the reporter's own", async () => {
    await rig.ask('PUT /v1/targets/own', { token: tokens.reporter, body: { url } });
    await rig.ask('PUT /v1/targets/own', { body: { url } });

    const again = await rig.ask('PUT /v1/targets/own', { token: tokens.reporter, body: { url } });

    expect(again).toMatchObject({ status: 200, json: { owner: 'reporter', version: 3 } });
  });

  it('a reporter may not put over an item that is no target', async () => {
    await rig.registry.putTarget({ id: 'odd', url: 'ftp://x', owner: 'reporter' });

    expect(await rig.ask('PUT /v1/targets/odd', { token: tokens.reporter, body: { url } })).toMatchObject({
      status: 403,
    });
  });

  it('health is open to everybody, but not to a wrong token, and tells others than an admin no more', async () => {
    expect(await rig.ask('GET /v1/health', { token: null })).toMatchObject({ status: 200, text: '{"status":"ok"}' });
    expect(await rig.ask('GET /v1/health', { token: tokens.reporter })).toMatchObject({ text: '{"status":"ok"}' });
    expect(await rig.ask('GET /v1/health', { token: 'wrong' })).toMatchObject({ status: 401 });
  });

  it('the page and the document need no token', async () => {
    expect(await rig.ask('GET /', { token: null })).toMatchObject({ status: 200 });
    expect(await rig.ask('GET /openapi.json', { token: null })).toMatchObject({ status: 200 });
  });
});

describe('tokens', () => {
  const pair = { admin: 'a', reporter: 'r' };

  it('are told apart, and an empty one lets nobody in', async () => {
    expect(await fixedTokens(pair)('a')).toBe('admin');
    expect(await fixedTokens(pair)('r')).toBe('reporter');
    expect(await fixedTokens(pair)('')).toBeUndefined();
    expect(() => fixedTokens({ ...pair, admin: '' })('')).toThrow('empty');
  });

  it('that were rotated count after the first unknown one, which has them read again at most once a minute', async () => {
    const clock = createHandClock(0);
    let current = pair;
    let reads = 0;
    const roleOf = rotatingTokens(() => {
      reads += 1;
      return Promise.resolve(current);
    }, clock);

    expect(await roleOf('a')).toBe('admin');
    current = { admin: 'new', reporter: 'r' };
    expect(await roleOf('new')).toBeUndefined();
    clock.jumpTo(59_999);
    expect(await roleOf('new')).toBeUndefined();
    expect(reads).toBe(1);
    clock.jumpTo(60_000);
    expect(await roleOf('new')).toBe('admin');
    expect(await roleOf('a')).toBeUndefined();
    expect(reads).toBe(2);
  });

  it('that could not be read are read again by the next request', async () => {
    let fails = true;
    const roleOf = rotatingTokens(
      () => (fails ? Promise.reject(new Error('away')) : Promise.resolve(pair)),
      createHandClock(0),
    );

    await expect(roleOf('a')).rejects.toThrow('away');
    fails = false;

    expect(await roleOf('a')).toBe('admin');
  });
});
