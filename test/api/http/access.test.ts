import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fixedTokens, rotatingTokens } from '../../../lambda/api/http/tokens.ts';
import { problem, startAdminRig, tokens, transports } from '../../support/rigs/api-rig.ts';
import type { AdminRig } from '../../support/rigs/api-rig.ts';
import { createHandClock } from '../../support/time/hand-clock.ts';

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

  const notOfReporters = calls.filter((call) => !call.startsWith('PUT') && call !== 'GET /v1/targets/shop');
  it.each(notOfReporters)('a reporter may not %s', async (call) => {
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

  it('a reporter may see its own target, and none that an admin made', async () => {
    await rig.ask('PUT /v1/targets/own', { token: tokens.reporter, body: { url } });
    await rig.ask('PUT /v1/targets/admins', { body: { url } });
    const see = (id: string) => rig.ask(`GET /v1/targets/${id}`, { token: tokens.reporter });

    expect(await see('own')).toMatchObject({ status: 200, json: { id: 'own', url, owner: 'reporter' } });
    const instant = '2026-11-22T14:05:00.000Z';
    const error = { kind: 'refused', message: 'port 1 is closed', at: instant };
    await rig.registry.targets.writeStatus('own', { checkedAt: instant, since: instant, error }, undefined);
    expect((await see('own')).json).toMatchObject({ status: { error: { kind: 'unread', at: instant } } });
    expect((await see('own')).text).not.toMatch(/refused|closed/);
    expect(await see('admins')).toMatchObject(problem('forbidden', 403));
    expect(await see('nobody')).toMatchObject(problem('not-found', 404));
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

  it("an admin's PUT takes a reporter's target over, which no reporter may change from then on", async () => {
    await rig.ask('PUT /v1/targets/own', { token: tokens.reporter, body: { url } });
    const taken = await rig.ask('PUT /v1/targets/own', { body: { url } });

    expect(taken).toMatchObject({ status: 200, json: { owner: 'admin', version: 2 } });
    for (const call of ['PUT /v1/targets/own', 'PATCH /v1/targets/own']) {
      const body = call.startsWith('PUT') ? { url } : { enabled: false };
      const answer = await rig.ask(call, { token: tokens.reporter, body });
      expect(answer).toMatchObject(problem('forbidden', 403));
    }
    expect(await rig.ask('GET /v1/targets/own')).toMatchObject({ json: { version: 2, enabled: true } });
  });

  it('a reporter may not put over an item that is no target', async () => {
    await rig.registry.putTarget({ id: 'odd', url: 'ftp://x', owner: 'reporter' });

    expect(await rig.ask('PUT /v1/targets/odd', { token: tokens.reporter, body: { url } })).toMatchObject({
      status: 403,
    });
  });

  it('health is open to everybody, but not to a wrong token, and says more to an admin only', async () => {
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

  it('are distinguished, and an empty one lets nobody in', async () => {
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
