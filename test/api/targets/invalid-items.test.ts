import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { problem, startAdminRig, tokens, transports } from '../../support/rigs/api-rig.ts';
import type { AdminRig } from '../../support/rigs/api-rig.ts';

const url = 'http://127.0.0.1:1';
/** What somebody may have written past the API. */
const odd: readonly (readonly [string, object])[] = [
  ['a URL that is none', { url: 'ftp://x' }],
  ['a version that is text', { version: 'seven' }],
  ['a version below 1', { version: -3 }],
  ['half a version', { version: 1.5 }],
  ['a version beyond what can be counted', { version: 9_007_199_254_740_991 }],
  ['a version that no number holds', { version: 9_007_199_254_740_993n }],
  ['a version that is a list', { version: [1] }],
  ['no version', { version: undefined }],
  ['a day of creation that is a number', { createdAt: 5 }],
  ['a day of creation that is none', { createdAt: 'once' }],
  ['no day of creation', { createdAt: undefined }],
  ['a reference of secrets that is none', { url: 'ftp://x', secretsRef: { no: 'text' } }],
  ['a reference of secrets that are gone', { url: 'ftp://x', secretsRef: 'gone' }],
];

describe.each(transports)('an item that is no target, %s', (transport) => {
  let rig: AdminRig;
  beforeAll(async () => {
    rig = await startAdminRig(transport);
  });
  beforeEach(() => rig.reset());
  afterAll(() => rig.close());

  it.each(odd)('(%s) is reported, and PUT makes a target of it that can be changed', async (_what, more) => {
    await rig.registry.putTarget({ id: 'shop', url, ...more });

    const found = await rig.ask('GET /v1/targets/shop');
    const put = await rig.ask('PUT /v1/targets/shop', { body: { url } });

    if (found.status !== 200) expect(found).toMatchObject(problem('unfit-target', 409));
    expect(put).toMatchObject({ status: 200, json: { url } });
    expect(await rig.ask('GET /v1/targets/shop')).toMatchObject({ status: 200, etag: put.etag });
    const patched = await rig.ask('PATCH /v1/targets/shop', {
      body: { enabled: false },
      headers: { 'if-match': put.etag },
    });
    expect(patched).toMatchObject({ status: 200, json: { version: Number(put.json['version']) + 1 } });
  });

  it.each(odd)('(%s) can be removed', async (_what, more) => {
    await rig.registry.putTarget({ id: 'shop', url, ...more });

    expect((await rig.ask('DELETE /v1/targets/shop')).status).toBe(204);

    expect(await rig.registry.target('shop')).toBeUndefined();
  });

  it('takes its secrets along when it is replaced or removed', async () => {
    for (const call of ['PUT /v1/targets/shop', 'DELETE /v1/targets/shop']) {
      await rig.secrets.create({ target: 'shop', ref: 'old' }, { auth: { type: 'bearer', token: 'hush' } });
      await rig.registry.putTarget({ id: 'shop', url: 'ftp://x', secretsRef: 'old' });

      await rig.ask(call, call.startsWith('PUT') ? { body: { url } } : {});

      expect(await rig.secretsText()).not.toContain('hush');
    }
  });

  it("is nobody's: a reporter may not replace it", async () => {
    await rig.registry.putTarget({ id: 'shop', url: 'ftp://x', owner: 'reporter' });

    const answer = await rig.ask('PUT /v1/targets/shop', { body: { url }, token: tokens.reporter });

    expect(answer).toMatchObject(problem('forbidden', 403));
  });
});
