import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { problem, startAdminRig, tokens, transports } from '../../support/rigs/api-rig.ts';
import type { AdminRig, Answer } from '../../support/rigs/api-rig.ts';

const url = 'http://127.0.0.1:1';
const [soon, later] = ['2099-01-01T00:00:00.000Z', '2099-01-01T00:03:00.000Z'];

describe.each(transports)("a reporter's patches, %s", (transport) => {
  let rig: AdminRig;
  beforeAll(async () => {
    rig = await startAdminRig(transport);
  });
  beforeEach(async () => {
    await rig.reset();
    await asReporter('PUT', { url, tags: { team: 'a' }, expiresAt: soon });
  });
  afterAll(() => rig.close());

  const asReporter = (method: string, body: object, headers: Record<string, string> = {}): Promise<Answer> =>
    rig.ask(`${method} /v1/targets/shop`, { token: tokens.reporter, body, headers });
  const asAdmin = (body: object): Promise<Answer> => rig.ask('PATCH /v1/targets/shop', { body });

  it('renew a target and leave as it is what a person has changed since: a pause, its tags, its credentials', async () => {
    const changes = { enabled: false, sampleSeconds: 2, tags: { team: 'b', by: 'hand' }, headers: { 'x-key': 'kept' } };
    await asAdmin(changes);

    const renewed = await asReporter('PATCH', { expiresAt: later });

    expect(renewed.status).toBe(200);
    const left = { enabled: false, sampleSeconds: 2, headers: ['x-key'], url, owner: 'reporter' };
    expect(renewed.json).toMatchObject({ ...left, expiresAt: later, version: 3 });
    expect(renewed.json['tags']).toEqual({ team: 'b', by: 'hand' });
    expect(await rig.secretsText()).toContain('kept');
  });

  it('switch a target off, with its next PUT it is on again', async () => {
    expect(await asReporter('PATCH', { enabled: false })).toMatchObject({ status: 200, json: { enabled: false } });
    expect(await asReporter('PUT', { url })).toMatchObject({ status: 200, json: { enabled: true } });
  });

  it.each([
    ['enabled', { enabled: true }],
    ['enabled', { enabled: null }],
    ['expiresAt', { expiresAt: null }],
    ['url', { url: 'http://169.254.169.254' }],
    ['tags', { tags: { team: 'c' } }],
    ['auth', { expiresAt: later, auth: null }],
    ['sampleSeconds', { sampleSeconds: null, enabled: false }],
  ])('are refused with %s in %j, and change nothing', async (field, body) => {
    const answer = await asReporter('PATCH', body);

    expect(answer).toMatchObject(problem('forbidden', 403));
    expect(answer.json).toMatchObject({
      detail: expect.stringMatching(`^${field}: .*expiresAt.*enabled, to false`) as string,
      errors: [{ field, in: 'body' }],
    });
    expect((await rig.ask('GET /v1/targets/shop')).json).toMatchObject({ version: 1, enabled: true, expiresAt: soon });
  });

  it('name every field that is refused; an unknown field or an invalid instant is refused as well', async () => {
    expect((await asReporter('PATCH', { project: 'x', enabled: true })).json['errors']).toMatchObject([
      { field: 'project' },
      { field: 'enabled' },
    ]);
    expect(await asReporter('PATCH', { owner: 'admin' })).toMatchObject(problem('invalid-request', 422));
    expect(await asReporter('PATCH', { expiresAt: 'soon' })).toMatchObject(problem('invalid-request', 422));
  });

  it.each([{ expiresAt: later }, { enabled: false }, {}])(
    'of a target that an admin made are refused: %j',
    async (body) => {
      await rig.ask('PUT /v1/targets/admins', { body: { url } });

      const answer = await rig.ask('PATCH /v1/targets/admins', { token: tokens.reporter, body });

      expect(answer).toMatchObject(problem('forbidden', 403));
      expect(answer.json['detail']).toContain('not made with the reporter token');
      expect(await rig.ask('GET /v1/targets/admins')).toMatchObject({ json: { version: 1, enabled: true } });
    },
  );

  it('of a target that is not there, or has been removed, are 404 and make none', async () => {
    await rig.ask('DELETE /v1/targets/shop');

    expect(await asReporter('PATCH', { expiresAt: later })).toMatchObject(problem('not-found', 404));
    expect((await rig.ask('GET /v1/targets/shop')).status).toBe(404);
  });

  it('can be sent on the condition that nobody else has changed the target since', async () => {
    const { etag } = await asReporter('PATCH', { expiresAt: later });
    await asReporter('PUT', { url });

    const stale = await asReporter('PATCH', { enabled: false }, { 'if-match': etag });

    expect(stale).toMatchObject(problem('precondition-failed', 412));
    expect(await rig.ask('GET /v1/targets/shop')).toMatchObject({ json: { enabled: true } });
  });
});
