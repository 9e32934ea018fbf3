import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { problem, startAdminRig, tokens, transports } from '../../support/rigs/api-rig.ts';
import type { AdminRig } from '../../support/rigs/api-rig.ts';

const url = 'http://127.0.0.1:1';
const half = '\ud83d';
const basic = (more: object): object => ({ url, auth: { type: 'basic', username: 'u', password: 'p', ...more } });

describe.each(transports)('text that would come out another than it went in, %s', (transport) => {
  let rig: AdminRig;
  beforeAll(async () => {
    rig = await startAdminRig(transport);
  });
  beforeEach(() => rig.reset());
  afterAll(() => rig.close());

  it.each<[string, object, string, string]>([
    ['half a character in the project', { url, project: `web${half}` }, 'project', 'half'],
    ['half a character in a tag', { url, tags: { env: `${half}a` } }, 'tags.env', 'half'],
    ['half a character in a tag key', { url, tags: { [half]: 'a' } }, `tags.${half}`, 'half'],
    ['half a character in a user name', basic({ username: half }), 'auth.username', 'half'],
    ['half a character in a password', basic({ password: `p${half}` }), 'auth.password', 'half'],
    ['a project of blanks', { url, project: '  ' }, 'project', 'can be seen'],
    ['a project that nobody can see', { url, project: '\ufeff\u200b\u3164' }, 'project', 'can be seen'],
    ['a project with a line separator', { url, project: 'a\u2028b' }, 'project', 'U+2028'],
    ['a tag of blanks', { url, tags: { env: ' \u00a0\u3000' } }, 'tags.env', 'can be seen'],
    ['a tag key of blanks', { url, tags: { ' ': 'a' } }, 'tags. ', 'can be seen'],
    ['a tag with a line separator', { url, tags: { env: 'a\u2029' } }, 'tags.env', 'U+2028'],
    ['a tag with a NUL', { url, tags: { env: 'a\u0000' } }, 'tags.env', 'control characters'],
    ['a tag with a line break', { url, tags: { env: 'a\nb' } }, 'tags.env', 'control characters'],
  ])('%s is 422 and names the field', async (_what, body, field, allowed) => {
    await rig.ask('PUT /v1/targets/there', { body: { url } });

    for (const call of ['PUT /v1/targets/shop', 'POST /v1/targets', 'PATCH /v1/targets/there']) {
      const answer = await rig.ask(call, { body });
      expect(answer, call).toMatchObject(problem('invalid-request', 422));
      expect(answer.json['errors']).toEqual([
        { field, in: 'body', message: expect.stringContaining(allowed) as string },
      ]);
    }

    expect(await rig.ask('GET /v1/targets')).toMatchObject({ json: { targets: [{ id: 'there', version: 1 }] } });
  });

  it('other letters, whole emoji and blanks between them are taken as they are', async () => {
    const body = { url, project: ' Läden 🛒 店', tags: { 'größe 📏': '🛒 x', a: '\ue000' } };

    expect(await rig.ask('PUT /v1/targets/shop', { body })).toMatchObject({ status: 201, json: body });
  });

  it.each(['PUT', 'PATCH'])('%s: bytes that are no UTF-8 are 400, and nothing is taken for them', async (method) => {
    const bytes = Buffer.from(`{"url":"${url}","project":"caf?"}`);
    bytes[bytes.indexOf('?')] = 0xe9; // Latin-1's é.
    await rig.ask('PUT /v1/targets/shop', { body: { url, project: 'tea' } });

    const answer = await rig.ask(`${method} /v1/targets/shop`, { body: new Uint8Array(bytes) });

    expect(answer).toMatchObject(problem('malformed-json', 400));
    expect(answer.json['detail']).toContain('UTF-8');
    expect(await rig.ask('GET /v1/targets/shop')).toMatchObject({ json: { project: 'tea', version: 1 } });
  });

  it('a byte order mark before a body is no harm', async () => {
    expect((await rig.ask('PUT /v1/targets/shop', { body: `\ufeff{"url":"${url}"}` })).status).toBe(201);
  });

  it.each(['PUT /v1/targets/shop', 'POST /v1/targets', 'PATCH /v1/targets/shop'])(
    '%s without a body, or without saying what it is, is 415 and changes nothing',
    async (call) => {
      await rig.ask('PUT /v1/targets/shop', { body: { url } });
      const [method = '', path = ''] = call.split(' ');
      const authorization = `Bearer ${tokens.admin}`;
      const body = Buffer.from('{"enabled":false}');

      for (const init of [{}, { body }, { headers: { 'content-type': ' ' } }]) {
        const response = await rig.fetch(path, { method, ...init, headers: { authorization, ...init.headers } });
        expect(response.status).toBe(415);
        expect(((await response.json()) as { detail: string }).detail).toContain('application/json');
      }

      expect(await rig.ask('GET /v1/targets/shop')).toMatchObject({ json: { enabled: true, version: 1 } });
    },
  );
});
