import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { problem, startAdminRig, transports } from '../../support/rigs/api-rig.ts';
import type { AdminRig, Answer } from '../../support/rigs/api-rig.ts';

const url = 'http://127.0.0.1:1';

describe.each(transports)('two people at once, %s', (transport) => {
  let rig: AdminRig;
  beforeAll(async () => {
    rig = await startAdminRig(transport);
  });
  beforeEach(() => rig.reset());
  afterAll(() => rig.close());

  const put = (headers: Record<string, string> = {}): Promise<Answer> =>
    rig.ask('PUT /v1/targets/shop', { body: { url }, headers });
  const version = async (): Promise<unknown> => (await rig.ask('GET /v1/targets/shop')).json['version'];

  it.each(['PUT', 'PATCH', 'DELETE'])('%s with a stale If-Match is 412 and changes nothing', async (method) => {
    const first = await put();
    await put();
    const body = method === 'DELETE' ? {} : { body: { url, enabled: false } };

    const stale = await rig.ask(`${method} /v1/targets/shop`, { ...body, headers: { 'if-match': first.etag } });

    expect(stale).toMatchObject(problem('precondition-failed', 412));
    expect(await rig.ask('GET /v1/targets/shop')).toMatchObject({ status: 200, json: { version: 2, enabled: true } });
  });

  it.each([
    ['PUT', 200],
    ['PATCH', 200],
    ['DELETE', 204],
  ])('%s with the present ETag is done', async (method, status) => {
    const { etag } = await put();
    const body = method === 'DELETE' ? {} : { body: { url } };

    const answer = await rig.ask(`${method} /v1/targets/shop`, { ...body, headers: { 'if-match': etag } });

    expect(answer.status).toBe(status);
    if (method !== 'DELETE') expect(answer.etag).not.toBe(etag);
  });

  it('If-Match takes a list and *, but no weak tag and nothing that is none', async () => {
    const { etag } = await put();

    expect((await put({ 'if-match': `"other", ${etag}` })).status).toBe(200);
    expect((await put({ 'if-match': '*' })).status).toBe(200);
    const present = (await put()).etag;
    for (const bad of [`W/${present}`, present.slice(1, -1), '', '""', '4']) {
      expect((await put({ 'if-match': bad })).status).toBe(412);
    }
  });

  it('If-Match on a target that is not there is 412 for PUT, and makes none', async () => {
    expect(await put({ 'if-match': '*' })).toMatchObject(problem('precondition-failed', 412));
    expect((await rig.ask('GET /v1/targets/shop')).status).toBe(404);
  });

  it('If-None-Match: * makes a target, and never replaces one', async () => {
    expect((await put({ 'if-none-match': '*' })).status).toBe(201);
    expect(await put({ 'if-none-match': '*' })).toMatchObject(problem('precondition-failed', 412));
    expect(await version()).toBe(1);
  });

  it.each(['PATCH', 'DELETE'])(
    '%s with If-None-Match: * is 412 where the target is, and changes nothing',
    async (method) => {
      const { etag } = await put();
      const body = method === 'DELETE' ? {} : { body: { enabled: false } };
      const ask = (ifNoneMatch: string): Promise<Answer> =>
        rig.ask(`${method} /v1/targets/shop`, { ...body, headers: { 'if-none-match': ifNoneMatch } });

      expect(await ask('*')).toMatchObject(problem('precondition-failed', 412));
      expect(await ask(`"other", ${etag}`)).toMatchObject(problem('precondition-failed', 412));
      expect(await rig.ask('GET /v1/targets/shop')).toMatchObject({ json: { enabled: true, version: 1 } });
      expect((await ask('"other"')).status).toBe(method === 'DELETE' ? 204 : 200);
    },
  );

  it('an ETag of a target that was removed does not match a new one under its id', async () => {
    const { etag } = await put();
    await rig.ask('DELETE /v1/targets/shop');
    await put();

    expect((await put({ 'if-match': etag })).status).toBe(412);
  });

  it('50 PATCHes at once with the same If-Match: one is done, and the others know that they are not', async () => {
    const { etag } = await put();

    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        rig.ask('PATCH /v1/targets/shop', { body: { tags: { [`t${index}`]: 'x' } }, headers: { 'if-match': etag } }),
      ),
    );

    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 412)).toHaveLength(49);
    expect(await version()).toBe(2);
  });

  it('15 people who read, PATCH with If-Match and start over on 412: nothing of anybody gets lost', async () => {
    await put();
    const patchUntilDone = async (index: number): Promise<void> => {
      for (;;) {
        const { etag } = await rig.ask('GET /v1/targets/shop');
        const body = { tags: { [`t${index}`]: String(index) } };
        const { status } = await rig.ask('PATCH /v1/targets/shop', { body, headers: { 'if-match': etag } });
        if (status === 200) return;
        expect(status).toBe(412);
      }
    };

    await Promise.all(Array.from({ length: 15 }, (_, index) => patchUntilDone(index)));

    const { json } = await rig.ask('GET /v1/targets/shop');
    expect(Object.keys(json['tags'] as object)).toHaveLength(15);
    expect(json['version']).toBe(16);
  });

  it('PATCHes at once without If-Match are all done, or answered as not done', async () => {
    await put();

    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        rig.ask('PATCH /v1/targets/shop', { body: { tags: { [`t${index}`]: 'x' } } }),
      ),
    );

    const done = answers.filter(({ status }) => status === 200).length;
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
    const { json } = await rig.ask('GET /v1/targets/shop');
    expect(Object.keys(json['tags'] as object)).toHaveLength(done);
    expect(json['version']).toBe(1 + done);
  });

  it('of 20 that make the same target at once with If-None-Match: *, one does', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => put({ 'if-none-match': '*' })));

    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 412)).toHaveLength(19);
  });

  it('edits and statuses at once lose neither', async () => {
    await put();
    const status = (index: number) => ({
      state: `state-${index}`,
      checkedAt: '2026-11-22T14:00:00.000Z',
      since: '2026-11-22T14:00:00.000Z',
    });

    const [writes, edits] = await Promise.all([
      Promise.all(
        Array.from({ length: 10 }, (_, index) => rig.registry.targets.writeStatus('shop', status(index), undefined)),
      ),
      Promise.all(Array.from({ length: 10 }, () => rig.ask('PATCH /v1/targets/shop', { body: { enabled: false } }))),
    ]);

    expect(writes.every(({ result }) => result === 'written')).toBe(true);
    expect(edits.every((edit) => edit.status === 200)).toBe(true);
    const { json } = await rig.ask('GET /v1/targets/shop');
    expect(json).toMatchObject({ enabled: false, version: 11 });
    expect((json['status'] as { state: string }).state).toMatch(/^state-\d$/);
  });
});
