import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { problem, startAdminRig, tokens, transports } from '../../support/rigs/api-rig.ts';
import type { AdminRig } from '../../support/rigs/api-rig.ts';

const url = 'http://127.0.0.1:1';
const long = (length: number): string => 'x'.repeat(length);
describe.each(transports)('what is meant badly, %s', (transport) => {
  let rig: AdminRig;
  beforeAll(async () => {
    rig = await startAdminRig(transport);
  });
  beforeEach(() => rig.reset());
  afterAll(() => rig.close());

  it.each([
    'a',
    'ab',
    'Shop',
    'sh_op',
    '-shop',
    'shop-',
    'sh op',
    'sh%2Fop',
    '..%2f..',
    long(65),
    'shop%00',
    "shop';--",
    '%F0%9F%92%A5',
  ])('the id %s is 422 wherever it stands', async (id) => {
    const path = id.includes('%') ? id : encodeURIComponent(id);
    for (const call of [`GET /v1/targets/${path}`, `DELETE /v1/targets/${path}`, `GET /v1/targets/${path}/runs`]) {
      const answer = await rig.ask(call);
      expect(answer).toMatchObject(problem('invalid-request', 422));
      expect(answer.json['errors']).toMatchObject([{ field: 'id', in: 'path' }]);
    }
    expect((await rig.ask(`PUT /v1/targets/${path}`, { body: { url } })).status).toBe(422);
  });

  it('ids of 3 and of 64 characters are taken', async () => {
    for (const id of ['a-1', long(64)]) {
      expect((await rig.ask(`PUT /v1/targets/${id}`, { body: { url } })).status).toBe(201);
    }
  });

  it.each(['%', '%zz', '%c0%af', '__proto__', 'constructor'])(
    'the path /v1/targets/%s breaks nothing',
    async (path) => {
      const response = await rig.fetch(`/v1/targets/${path}`, { headers: { authorization: `Bearer ${tokens.admin}` } });

      expect([404, 422]).toContain(response.status);
    },
  );

  it('names that would reach into prototypes do nothing', async () => {
    const body = `{"url":"${url}","tags":{"constructor":"a","toString":"b","__proto__":"c"},"headers":{"__proto__":"x"}}`;
    const answer = await rig.ask('PUT /v1/targets/shop', { body });
    const patched = await rig.ask('PATCH /v1/targets/shop', {
      body: '{"__proto__":{"enabled":false},"tags":{"constructor":null}}',
    });
    const merged = await rig.ask('PATCH /v1/targets/shop', {
      body: '{"tags":{"__proto__":{"polluted":"yes"},"constructor":null}}',
    });

    expect(answer).toMatchObject({ status: 201, json: { headers: [] } });
    expect(answer.json['tags']).toEqual({ constructor: 'a', toString: 'b' });
    expect(patched.status).toBe(422);
    expect(merged.json['tags']).toEqual({ toString: 'b' });
    expect({}).not.toHaveProperty('polluted');
    expect({}).not.toHaveProperty('enabled');
  });

  it('names that mean something to DynamoDB, InfluxDB or HTML are kept as they are', async () => {
    const tags = { 'a,b=c d': '"; DROP TABLE', '#status': ':v0', '${x}': '{{7*7}}', 'b<script>': '<img onerror=x>' };
    const body = { url, project: "web' OR '1'='1", tags };

    await rig.ask('PUT /v1/targets/shop', { body });

    expect(await rig.ask('GET /v1/targets/shop')).toMatchObject({ json: { project: body.project, tags } });
    const found = await rig.ask(`GET /v1/targets?project=${encodeURIComponent(body.project)}`);
    expect(found.json['targets']).toHaveLength(1);
    expect((await rig.ask("GET /v1/targets?project=web'%20OR%20'2'='2")).json['targets']).toEqual([]);
  });
});
