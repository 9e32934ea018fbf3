import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { problem, startAdminRig } from '../../support/rigs/api-rig.ts';
import type { AdminRig } from '../../support/rigs/api-rig.ts';

const url = 'http://127.0.0.1:1';
const fields = [
  'source',
  'url',
  'project',
  'enabled',
  'sampleSeconds',
  'states',
  'tags',
  'auth',
  'tls',
  'headers',
  'maxEndpoints',
  'maxErrors',
  'expiresAt',
] as const;
const values = {
  text: 'x y',
  number: 1.5,
  huge: 1e300,
  true: true,
  list: [1, {}],
  object: { a: {} },
  empty: {},
  null: null,
};
/** Words of a validator, of types and of code. */
const notPlain = /expected|received|invalid|ZodError|undefined|NaN|\[object|discriminator|record\b|\(\)|: ?$|: ?;/i;

let rig: AdminRig;
beforeAll(async () => {
  rig = await startAdminRig('in process');
});
afterAll(() => rig.close());

describe('what is wrong with a target is said plainly', () => {
  const cases = fields.flatMap((field) => Object.entries(values).map(([kind, value]) => ({ field, kind, value })));

  it.each(cases)('$field with $kind', async ({ field, value }) => {
    for (const [method, path] of [
      ['PUT', 'new-one'],
      ['PATCH', 'shop'],
    ] as const) {
      await rig.ask('PUT /v1/targets/shop', { body: { url } });
      const answer = await rig.ask(`${method} /v1/targets/${path}`, { body: { url, [field]: value } });
      if (answer.status < 300) continue;

      expect(answer).toMatchObject(problem('invalid-request', 422));
      expect(answer.json['detail']).not.toMatch(notPlain);
      expect(answer.json['detail']).toContain(field);
    }
  });

  it.each([
    [{ url, tags: ['a'] }, 'tags: an object of key and value is needed, such as {"env": "test"}'],
    [{ url, sampleSeconds: 3 }, 'sampleSeconds: allowed are 2, 5, 10, 15, 20, 30, 60'],
    [{ url, enabled: 'yes' }, 'enabled: true or false is needed'],
    [{ url, states: [] }, 'states: at least 1 entry'],
    [{ url, maxEndpoints: 0 }, 'maxEndpoints: at least 1'],
    [{ url, maxErrors: 0 }, 'maxErrors: at least 1'],
    [{ url, auth: { type: 'digest' } }, 'auth.type: allowed are "basic", "bearer", "form"'],
    [
      {},
      'url: is missing: a text in quotes is needed, such as "http://host:8089"; a target without one needs source "report"',
    ],
    [[], 'the body: an object of key and value is needed'],
    ['"text"', 'the body: an object of key and value is needed'],
  ])('%j: %s', async (body, detail) => {
    expect((await rig.ask('PUT /v1/targets/shop', { body })).json['detail']).toBe(detail);
  });

  it.each(['limit=x', 'limit=0', 'limit=1000', 'limit=1.5', 'enabled=maybe', 'cursor=?', 'project=', 'nothing=1'])(
    'and so it is with a query: %s',
    async (query) => {
      const answer = await rig.ask(`GET /v1/targets?${query}`);

      expect(answer).toMatchObject(problem('invalid-request', 422));
      expect(answer.json['detail']).not.toMatch(notPlain);
    },
  );
});
