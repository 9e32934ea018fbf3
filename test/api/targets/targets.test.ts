import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { targetBody } from '../../../lambda/api/targets/target-body.ts';
import { problem, startAdminRig, transports } from '../../support/rigs/api-rig.ts';
import type { AdminRig } from '../../support/rigs/api-rig.ts';

describe.each(transports)('targets, %s', (transport) => {
  let rig: AdminRig;
  beforeAll(async () => {
    rig = await startAdminRig(transport);
  });
  beforeEach(() => rig.reset());
  afterAll(() => rig.close());

  const url = 'http://127.0.0.1:1/base';

  it('PUT makes a target with its defaults, and tells its version', async () => {
    const made = await rig.ask('PUT /v1/targets/shop', { body: { url: 'HTTP://127.0.0.1:1/base/' } });

    expect(made).toMatchObject({
      status: 201,
      json: {
        id: 'shop',
        url,
        project: 'default',
        enabled: true,
        sampleSeconds: 10,
        states: ['spawning', 'running'],
        tags: {},
        headers: [],
        maxEndpoints: 500,
        maxErrors: 50,
        version: 1,
        owner: 'admin',
      },
    });
    expect(made.etag).toMatch(/^"1-[a-z0-9]+"$/);
    const read = await rig.ask('GET /v1/targets/shop');
    expect(read.etag).toBe(made.etag);
    expect({ ...read.json, warnings: made.json['warnings'] }).toEqual(made.json);
  });

  it('what the API made, collection reads', async () => {
    const body = { url, project: 'web', tags: { env: 'test' }, auth: { type: 'bearer', token: 't' }, sampleSeconds: 2 };
    await rig.ask('PUT /v1/targets/shop', { body });

    const { targets, invalid } = await rig.registry.targets.readWatched({ shard: 0, shards: 1 });

    expect(invalid).toEqual([]);
    expect(targets).toMatchObject([
      { id: 'shop', url, project: 'web', tags: { env: 'test' }, auth: { type: 'bearer' } },
    ]);
  });

  it('PUT twice replaces all of it: what the second leaves out is gone', async () => {
    const full = {
      url,
      tags: { a: 'b' },
      enabled: false,
      tls: { verify: false },
      expiresAt: '2099-01-01T01:00:00+01:00',
    };
    const first = await rig.ask('PUT /v1/targets/shop', { body: full });
    const again = await rig.ask('PUT /v1/targets/shop', { body: { url } });

    expect(first.json).toMatchObject({ tls: { verify: false }, expiresAt: '2099-01-01T00:00:00.000Z' });
    expect(again).toMatchObject({ status: 200, json: { version: 2, tags: {}, enabled: true } });
    expect(again.json).not.toHaveProperty('tls');
    expect(again.json).not.toHaveProperty('expiresAt');
    expect(again.json['createdAt']).toBe(first.json['createdAt']);
  });

  it('POST makes up an id and says where the target is', async () => {
    const made = await rig.ask('POST /v1/targets', { body: { url } });

    const id = String(made.json['id']);
    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toBe(`/v1/targets/${id}`);
    expect(await rig.ask(`GET /v1/targets/${id}`)).toMatchObject({ status: 200, json: { url } });
  });

  it('PATCH merges, null removes, and the rest stays', async () => {
    const body = {
      url,
      tags: { a: '1', b: '2' },
      tls: { verify: false },
      sampleSeconds: 30,
      expiresAt: '2099-01-01T00:00:00Z',
    };
    await rig.ask('PUT /v1/targets/shop', { body });

    const changed = await rig.ask('PATCH /v1/targets/shop', {
      body: { enabled: false, tags: { a: null, c: '3' }, tls: null, sampleSeconds: null },
      headers: { 'content-type': 'application/merge-patch+json' },
    });

    expect(changed).toMatchObject({
      status: 200,
      json: {
        enabled: false,
        tags: { b: '2', c: '3' },
        sampleSeconds: 10,
        version: 2,
        url,
        expiresAt: '2099-01-01T00:00:00.000Z',
      },
    });
    expect(changed.json['tags']).toEqual({ b: '2', c: '3' });
    expect(changed.json).not.toHaveProperty('tls');
  });

  it('PATCH leaves every setting as it is that it does not name', async () => {
    const body = {
      url,
      source: 'fetch',
      project: 'web',
      enabled: false,
      sampleSeconds: 30,
      states: ['running'],
      tags: { a: '1' },
      host: 'https://shop.example.com',
      auth: { type: 'bearer', token: 'secret' },
      tls: { verify: false },
      headers: { 'x-a': 'secret' },
      maxEndpoints: 20,
      maxErrors: 7,
      criteria: ['p95 < 500 ms'],
      baseline: { tags: { branch: 'main' } },
      expiresAt: '2099-01-01T00:00:00.000Z',
    };
    expect(Object.keys(body).toSorted()).toEqual(Object.keys(targetBody.shape).toSorted());
    const { json: before } = await rig.ask('PUT /v1/targets/shop', { body });
    expect(before).toMatchObject({ ...body, auth: { type: 'bearer' }, headers: ['x-a'] });

    const { json: after } = await rig.ask('PATCH /v1/targets/shop', { body: { sampleSeconds: 60 } });

    const { updatedAt, version } = after;
    expect(after).toEqual({ ...before, sampleSeconds: 60, updatedAt, version });
  });

  it('PATCH that leaves something invalid changes nothing and names the field', async () => {
    const tags = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`t${index}`, 'x']));
    await rig.ask('PUT /v1/targets/shop', { body: { url, tags } });

    const refused = await rig.ask('PATCH /v1/targets/shop', { body: { tags: { one: 'more' } } });

    expect(refused).toMatchObject(problem('invalid-request', 422));
    expect(refused.json['errors']).toEqual([{ field: 'tags', in: 'body', message: 'at most 50 tags' }]);
    expect(await rig.ask('GET /v1/targets/shop')).toMatchObject({ json: { version: 1 } });
  });

  it('editing keeps the status that collection wrote, and collection keeps the edit', async () => {
    await rig.ask('PUT /v1/targets/shop', { body: { url } });
    const status = { state: 'ready', checkedAt: '2026-11-22T14:00:00.000Z', since: '2026-11-22T14:00:00.000Z' };
    await rig.registry.targets.writeStatus('shop', status, undefined);

    const put = await rig.ask('PUT /v1/targets/shop', { body: { url, project: 'web' } });
    const patched = await rig.ask('PATCH /v1/targets/shop', { body: { enabled: false } });
    await rig.registry.targets.writeStatus('shop', { ...status, state: 'stopped' }, undefined);

    expect(put.json).toMatchObject({ status });
    expect(patched.json).toMatchObject({ status, project: 'web' });
    expect(await rig.ask('GET /v1/targets/shop')).toMatchObject({
      json: { project: 'web', enabled: false, status: { state: 'stopped' }, version: 3 },
    });
  });

  it('DELETE removes a target, and no status brings it back', async () => {
    await rig.ask('PUT /v1/targets/shop', { body: { url } });

    expect(await rig.ask('DELETE /v1/targets/shop')).toMatchObject({ status: 204, text: '' });

    const status = { checkedAt: '2026-11-22T14:00:00.000Z', since: '2026-11-22T14:00:00.000Z' };
    expect(await rig.registry.targets.writeStatus('shop', status, undefined)).toEqual({ result: 'gone' });
    expect(await rig.ask('GET /v1/targets/shop')).toMatchObject(problem('not-found', 404));
    expect(await rig.ask('DELETE /v1/targets/shop')).toMatchObject(problem('not-found', 404));
    expect(await rig.ask('PATCH /v1/targets/shop', { body: {} })).toMatchObject(problem('not-found', 404));
    expect(await rig.ask('POST /v1/targets/shop/check')).toMatchObject(problem('not-found', 404));
  });

  it('an item that is no longer a target is reported as such, and can be replaced or removed', async () => {
    await rig.registry.putTarget({ id: 'odd', url: 'ftp://x' });
    await rig.registry.putTarget({ id: 'odder', url: 'ftp://x', version: 'one' });

    const read = await rig.ask('GET /v1/targets/odd');
    expect(read).toMatchObject(problem('unfit-target', 409));
    expect(read.text).toContain('begin with http:// or https://');
    expect(await rig.ask('PUT /v1/targets/odd', { body: { url } })).toMatchObject({
      status: 200,
      json: { version: 2 },
    });
    expect(await rig.ask('DELETE /v1/targets/odder')).toMatchObject({ status: 204 });
  });

  it('a target that cannot be reached is registered, with a warning that says why', async () => {
    const refused = await rig.ask('PUT /v1/targets/shop', { body: { url } });
    const unknown = await rig.ask('PUT /v1/targets/other', { body: { url: 'http://locust.test:8089' } });
    const locust = await rig.locust();
    const good = await rig.ask('PUT /v1/targets/good', {
      body: { url: locust.url, expiresAt: '2020-01-01T00:00:00Z' },
    });
    locust.say((_request, response) => response.end('<html>secret page</html>'));
    const page = await rig.ask('PATCH /v1/targets/good', { body: { expiresAt: null } });

    expect(refused.json['warnings']).toMatchObject([{ kind: 'refused' }]);
    expect(unknown).toMatchObject({ status: 201, json: { warnings: [{ kind: 'dns' }] } });
    expect(good.json['warnings']).toMatchObject([{ kind: 'expired' }]);
    expect(page.json['warnings']).toMatchObject([{ kind: 'not-locust' }]);
    expect(page.text).not.toContain('secret page');
  });
});
