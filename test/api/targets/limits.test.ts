import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { maxAnswerBytes } from '../../../lambda/api/http/http-api.ts';
import { problem, startAdminRig } from '../../support/rigs/api-rig.ts';
import type { AdminRig } from '../../support/rigs/api-rig.ts';

const url = 'http://127.0.0.1:1';
let rig: AdminRig;
beforeAll(async () => {
  rig = await startAdminRig('in process');
});
beforeEach(() => rig.reset());
afterAll(() => rig.close());

describe('a target is refused', () => {
  it.each(['PUT', 'PATCH'])('with the same state twice, in a %s', async (method) => {
    if (method === 'PATCH') await rig.ask('PUT /v1/targets/shop', { body: { url } });

    const answer = await rig.ask(`${method} /v1/targets/shop`, { body: { url, states: ['running', 'running'] } });

    expect(answer).toMatchObject(problem('invalid-request', 422));
    expect(answer.json['errors']).toMatchObject([{ field: 'states', in: 'body', message: 'each state once at most' }]);
  });

  it.each([
    'Host',
    'HOST',
    'Connection',
    'Content-Length',
    'Transfer-Encoding',
    'Keep-Alive',
    'TE',
    'Trailer',
    'Upgrade',
    'Expect',
    'Proxy-Connection',
    'Proxy-Authorization',
    'HTTP2-Settings',
    'Accept-Encoding',
  ])('with the header %s, which is none of its own', async (name) => {
    const answer = await rig.ask('PUT /v1/targets/shop', {
      body: { url, headers: { 'X-Key': 'k', [name]: 'hunter2' } },
    });

    expect(answer).toMatchObject(problem('invalid-request', 422));
    expect(answer.json['errors']).toMatchObject([{ field: `headers.${name}`, in: 'body' }]);
    expect(answer.text).not.toContain('hunter2');
  });

  it('with the header Authorization beside auth; with one of them it is taken', async () => {
    const auth = { type: 'bearer', token: 'hunter2' };
    const headers = { AUTHORIZATION: 'Basic hunter3' };

    const both = await rig.ask('PUT /v1/targets/shop', { body: { url, auth, headers } });

    expect(both).toMatchObject(problem('invalid-request', 422));
    expect(both.json['errors']).toMatchObject([{ field: 'headers.AUTHORIZATION' }]);
    expect(both.text).not.toMatch(/hunter/);
    expect((await rig.ask('PUT /v1/targets/shop', { body: { url, headers } })).status).toBe(201);
    expect(await rig.ask('PATCH /v1/targets/shop', { body: { auth } })).toMatchObject(problem('invalid-request', 422));
    expect((await rig.ask('PATCH /v1/targets/shop', { body: { auth, headers: null } })).status).toBe(200);
  });
});

describe('a list of targets', () => {
  it.each([
    ['letters', 'x', 350_000],
    ['quotes', '"', 350_000],
    ['backslashes', '\\', 350_000],
    ['control characters', '\u0001', 350_000],
    ['characters of three bytes', '商', 120_000],
  ])(
    'stays below what Lambda answers with, whatever the table holds, and leaves none out: %s',
    async (_what, text, times) => {
      const at = '2026-11-22T14:05:00.000Z';
      // What a Locust said, as it stood in the table before such texts had a limit.
      const status = { state: text.repeat(times), checkedAt: at, since: at };
      const ids = Array.from({ length: 24 }, (_, index) => `shop-${index}`);
      for (const id of ids) await rig.registry.putTarget({ id, url, status });

      const seen: unknown[] = [];
      for (let cursor = ''; ;) {
        const page = await rig.ask(`GET /v1/targets?limit=100${cursor}`);
        expect(page.status).toBe(200);
        expect(Buffer.byteLength(JSON.stringify({ body: page.text }))).toBeLessThan(maxAnswerBytes);
        seen.push(...(page.json['targets'] as { id: string }[]).map(({ id }) => id));
        if (page.json['cursor'] === undefined) break;
        cursor = `&cursor=${page.json['cursor'] as string}`;
      }

      expect(seen.toSorted()).toEqual(ids.toSorted());
    },
  );

  it('says of an item with ten thousand faults the first of them', async () => {
    const tags = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`_${index}`, 'v']));
    await rig.registry.putTarget({ id: 'odd', url, tags });

    const [list, one] = [await rig.ask('GET /v1/targets'), await rig.ask('GET /v1/targets/odd')];

    expect(list.json['unfit']).toMatchObject([{ id: 'odd' }]);
    for (const { text } of [list, one]) expect(text.length).toBeLessThan(2_000);
  });
});
