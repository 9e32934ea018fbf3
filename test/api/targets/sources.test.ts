import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { problem, startAdminRig, transports } from '../../support/rigs/api-rig.ts';
import type { AdminRig } from '../../support/rigs/api-rig.ts';

const url = 'http://127.0.0.1:1';
const basic = { type: 'basic', username: 'u', password: 'hunter2' };

describe.each(transports)("a target's source, %s", (transport) => {
  let rig: AdminRig;
  beforeAll(async () => {
    rig = await startAdminRig(transport);
  });
  beforeEach(() => rig.reset());
  afterAll(() => rig.close());

  const put = (body: object) => rig.ask('PUT /v1/targets/shop', { body });
  const patch = (body: object) => rig.ask('PATCH /v1/targets/shop', { body });

  it('is fetch unless said otherwise, also for those that were made before there was another', async () => {
    await rig.registry.putTarget({ id: 'shop', url });

    expect((await rig.ask('GET /v1/targets/shop')).json).toMatchObject({ source: 'fetch', url });
    expect((await put({ url })).json).toMatchObject({ source: 'fetch', url });
  });

  it('report has no address, and nobody warns that it cannot be reached', async () => {
    const { status, json } = await put({ source: 'report', project: 'ci' });

    expect(status).toBe(201);
    expect(json).toMatchObject({ source: 'report', warnings: [] });
    expect(json).not.toHaveProperty('url');
    expect((await rig.ask('GET /v1/targets')).json['targets']).toMatchObject([{ id: 'shop', source: 'report' }]);
  });

  it.each([
    ['url', { url }],
    ['auth', { auth: basic }],
    ['headers', { headers: { 'x-key': 'hunter2' } }],
    ['tls', { tls: { verify: false } }],
  ])('report is refused with %s', async (field, more) => {
    const answer = await put({ source: 'report', ...more });

    expect(answer).toMatchObject(problem('invalid-request', 422));
    expect(answer.json['errors']).toMatchObject([{ field, in: 'body' }]);
    expect(answer.text).not.toContain('hunter2');
  });

  it('report cannot be checked', async () => {
    await put({ source: 'report' });

    const answer = await rig.ask('POST /v1/targets/shop/check');

    expect(answer).toMatchObject(problem('reports-by-itself', 409));
    expect(answer.json['detail']).toContain('reports by itself');
  });

  it('becomes report by a patch that takes away all that is about asking', async () => {
    await put({ url, auth: basic, headers: { 'x-key': 'k' }, tls: { verify: false } });

    const halfway = await patch({ source: 'report', url: null, tls: null });
    const patched = await patch({ source: 'report', url: null, tls: null, auth: null, headers: null });

    expect(halfway).toMatchObject(problem('invalid-request', 422));
    expect(halfway.json['errors']).toMatchObject([{ field: 'auth' }, { field: 'headers.x-key' }]);
    expect(patched).toMatchObject({ status: 200, json: { source: 'report', headers: [] } });
    for (const gone of ['url', 'auth', 'tls']) expect(patched.json).not.toHaveProperty(gone);
    expect(await rig.secretsText()).not.toContain('hunter2');
  });

  it('becomes fetch by a patch that says where', async () => {
    await put({ source: 'report' });

    expect((await patch({ source: 'fetch' })).json['errors']).toMatchObject([{ field: 'url' }]);
    expect(await patch({ source: 'fetch', url })).toMatchObject({ status: 200, json: { source: 'fetch', url } });
    expect(await patch({ url: null })).toMatchObject(problem('invalid-request', 422));
  });

  it('becomes another by a put, and nothing of the old one is left', async () => {
    await put({ url, auth: basic });
    await put({ source: 'report' });

    expect(await rig.registry.target('shop')).not.toHaveProperty('url');
    expect(await put({ url })).toMatchObject({ status: 200, json: { source: 'fetch', url } });
  });

  it('of an address that must not be collected from is refused in a patch too', async () => {
    await put({ source: 'report' });

    expect(await patch({ source: 'fetch', url: 'http://169.254.169.254' })).toMatchObject(
      problem('blocked-address', 422),
    );
  });

  it('takes no reports where there is nowhere to write them', async () => {
    await put({ source: 'report' });

    expect((await rig.ask('POST /v1/targets/shop/reports', { body: '{}' })).status).toBe(404);
  });
});
