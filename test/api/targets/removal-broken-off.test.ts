import { afterEach, describe, expect, it } from 'vitest';
import { problem, startAdminRig, tokens } from '../../support/rigs/api-rig.ts';
import type { AdminRig, Answer } from '../../support/rigs/api-rig.ts';

const url = 'http://127.0.0.1:1';
const away = (): Promise<never> => Promise.reject(new Error('the part is away'));
const parts = ['the secrets', 'the item'] as const;

describe.each(parts)('a DELETE that breaks off before %s', (part) => {
  let rig: AdminRig;
  let broken: typeof part | undefined;
  afterEach(() => {
    broken = undefined;
    return rig.close();
  });

  const start = async (): Promise<string> => {
    rig = await startAdminRig('in process', ({ edits, secrets }) => ({
      edits: { ...edits, remove: (...given) => (broken === 'the item' ? away() : edits.remove(...given)) },
      secrets: { ...secrets, remove: (key) => (broken === 'the secrets' ? away() : secrets.remove(key)) },
    }));
    return (await rig.ask('PUT /v1/targets/shop', { body: { url, auth: { type: 'bearer', token: 'old' } } })).etag;
  };
  const breakOff = async (): Promise<void> => {
    await start();
    broken = part;
    expect(await rig.ask('DELETE /v1/targets/shop')).toMatchObject(problem('internal', 500));
    broken = undefined;
  };

  it('leaves no target, says so in the list, and asking again ends it', async () => {
    await breakOff();

    expect((await rig.registry.targets.readWatched({ shard: 0, shards: 1 })).targets).toEqual([]);
    expect(await rig.registry.target('shop')).not.toHaveProperty('url');
    for (const call of ['GET /v1/targets/shop', 'POST /v1/targets/shop/check', 'PATCH /v1/targets/shop']) {
      const answer = await rig.ask(call, call.startsWith('PATCH') ? { body: { enabled: true } } : {});
      expect(answer).toMatchObject(problem('not-found', 404));
      expect(answer.json['detail']).toMatch(/is being removed.*DELETE/);
    }
    const { json } = await rig.ask('GET /v1/targets');
    const removed = { id: 'shop', problem: expect.stringMatching(/^it is being removed.*again/) as string };
    expect(json).toEqual({ targets: [], unfit: [removed] });
    expect((await rig.ask('DELETE /v1/targets/shop')).status).toBe(204);
    expect(await rig.ask('GET /v1/targets')).toMatchObject({ json: { targets: [], unfit: [] } });
    expect(await rig.secretsText()).not.toContain('old');
  });

  it('is ended by the same request sent again, with the ETag that it had', async () => {
    const etag = await start();
    const remove = (): Promise<Answer> => rig.ask('DELETE /v1/targets/shop', { headers: { 'if-match': etag } });
    broken = part;
    expect((await remove()).status).toBe(500);
    broken = undefined;

    expect((await remove()).status).toBe(204);

    expect(await rig.registry.target('shop')).toBeUndefined();
    expect(await rig.secretsText()).not.toContain('old');
  });

  it('leaves room for a new target, which gets none of the old secrets and removes them', async () => {
    await breakOff();

    const again = await rig.ask('PUT /v1/targets/shop', { body: { url }, headers: { 'if-none-match': '*' } });

    expect(again.status).toBe(201);
    expect(again.json).not.toHaveProperty('auth');
    expect(await rig.secretsText()).not.toContain('old');
  });

  it('leaves nothing that If-Match on a PUT could mean', async () => {
    await breakOff();

    const again = await rig.ask('PUT /v1/targets/shop', { body: { url }, headers: { 'if-match': '*' } });

    expect(again).toMatchObject(problem('precondition-failed', 412));
  });

  it('leaves its id to a reporter, who then has the target', async () => {
    await breakOff();
    const put = (): Promise<Answer> => rig.ask('PUT /v1/targets/shop', { body: { url }, token: tokens.reporter });

    expect(await put()).toMatchObject({ status: 201, json: { owner: 'reporter' } });
    expect(await put()).toMatchObject({ status: 200, json: { owner: 'reporter' } });
  });

  it('is no target either when a window that was under way wrote a status after it', async () => {
    await breakOff();
    const at = '2026-11-22T14:05:00.000Z';
    const status = { state: 'running', run: '20261122T140500Z', checkedAt: at, since: at };
    await rig.registry.targets.writeStatus('shop', status, undefined);

    expect(await rig.ask('GET /v1/targets/shop')).toMatchObject(problem('not-found', 404));
    const again = await rig.ask('PUT /v1/targets/shop', { body: { url } });

    expect(again.status).toBe(201);
    expect(again.json).not.toHaveProperty('status');
  });
});
