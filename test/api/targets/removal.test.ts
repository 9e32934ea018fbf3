import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { withResolvers } from '../../../lambda/runtime/with-resolvers.ts';
import { problem, startAdminRig, transports } from '../../support/rigs/api-rig.ts';
import type { AdminRig, Answer } from '../../support/rigs/api-rig.ts';

const url = 'http://127.0.0.1:1';
const withAuth = (token: string): object => ({ url, auth: { type: 'bearer', token } });
const bodies = [
  ['without credentials', { url }],
  ['with credentials', withAuth('old')],
] as const;

describe.each(transports)('a DELETE while others work on the same target, %s', (transport) => {
  let rig: AdminRig;
  /** What is done just before the DELETE changes the item for the first or for the last time, or an edit writes it. */
  let before: { first?: () => Promise<unknown>; last?: () => Promise<unknown>; write?: () => Promise<unknown> };
  beforeAll(async () => {
    rig = await startAdminRig(transport, ({ edits }) => ({
      edits: {
        ...edits,
        write: async (...given) => {
          await takeOut('write');
          return edits.write(...given);
        },
        strip: async (...given) => {
          await takeOut('first');
          return edits.strip(...given);
        },
        remove: async (...given) => {
          await takeOut('first');
          await takeOut('last');
          return edits.remove(...given);
        },
      },
    }));
  });
  beforeEach(() => {
    before = {};
    return rig.reset();
  });
  afterAll(() => rig.close());

  const takeOut = async (moment: keyof typeof before): Promise<void> => {
    const { [moment]: act, ...others } = before;
    if (act === undefined) return;
    before = others;
    await act();
  };
  const remove = (headers: Record<string, string> = {}): Promise<Answer> =>
    rig.ask('DELETE /v1/targets/shop', { headers });
  const put = (body: object): Promise<Answer> => rig.ask('PUT /v1/targets/shop', { body });
  const patch = (body: object): Promise<Answer> => rig.ask('PATCH /v1/targets/shop', { body });
  const kept = async (): Promise<number> => Object.keys(JSON.parse((await rig.secretsText()) || '{}') as object).length;
  const secretsInUse = async (): Promise<unknown> => {
    const ref = (await rig.registry.target('shop'))?.['secretsRef'];
    return typeof ref === 'string' ? rig.secrets.read({ target: 'shop', ref }) : 'none';
  };

  it.each(bodies)(
    '%s: with If-Match, an edit that comes in between stays and the DELETE gets a 412',
    async (_what, body) => {
      const { etag } = await put(body);
      before.first = () => patch({ project: 'kept' });

      expect(await remove({ 'if-match': etag })).toMatchObject(problem('precondition-failed', 412));

      expect(await rig.ask('GET /v1/targets/shop')).toMatchObject({
        status: 200,
        json: { project: 'kept', enabled: true },
      });
      expect(await kept()).toBe('auth' in body ? 1 : 0);
    },
  );

  it.each(bodies)(
    '%s: without If-Match, an edit that comes in between is removed with the rest',
    async (_what, body) => {
      await put(body);
      before.first = () => put(withAuth('newer'));

      expect((await remove()).status).toBe(204);

      expect((await rig.ask('GET /v1/targets/shop')).status).toBe(404);
      expect(await kept()).toBe(0);
    },
  );

  it.each(bodies)('%s: a new target under the same id is not the one that was meant', async (_what, body) => {
    await put(body);
    before.first = async () => {
      expect((await remove()).status).toBe(204);
      expect((await put({ ...withAuth('new'), project: 'again' })).status).toBe(201);
    };

    expect((await remove()).status).toBe(204);

    expect(await rig.ask('GET /v1/targets/shop')).toMatchObject({
      status: 200,
      json: { project: 'again', version: 1 },
    });
    expect(await secretsInUse()).toEqual({ auth: { type: 'bearer', token: 'new' } });
    expect(await kept()).toBe(1);
  });

  it('an edit that comes while credentials are deleted finds no target', async () => {
    await put(withAuth('old'));
    let late: Answer | undefined;
    before.last = async () => (late = await patch({ enabled: true }));

    expect((await remove()).status).toBe(204);

    expect(late).toMatchObject(problem('not-found', 404));
    expect((await rig.ask('GET /v1/targets/shop')).status).toBe(404);
  });

  it('an edit that had read the target before, and writes while credentials are deleted, brings nothing back', async () => {
    await put(withAuth('old'));
    const [reached, released] = [withResolvers<undefined>(), withResolvers<undefined>()];
    before.write = () => {
      reached.resolve(undefined);
      return released.promise;
    };
    const patching = patch({ project: 'late' });
    await reached.promise;
    before.last = async () => {
      released.resolve(undefined);
      expect(await patching).toMatchObject(problem('not-found', 404));
    };

    expect((await remove()).status).toBe(204);

    expect((await rig.ask('GET /v1/targets/shop')).status).toBe(404);
    expect(await kept()).toBe(0);
  });

  it('a new target made while credentials are deleted stays, with its own', async () => {
    await put(withAuth('old'));
    before.last = () => put({ ...withAuth('new'), project: 'again' });

    expect((await remove()).status).toBe(204);

    expect(await rig.ask('GET /v1/targets/shop')).toMatchObject({ status: 200, json: { project: 'again' } });
    expect(await secretsInUse()).toEqual({ auth: { type: 'bearer', token: 'new' } });
    expect(await kept()).toBe(1);
  });

  it('18 who put, patch and remove at once leave a target with its credentials, or neither', async () => {
    const calls = Array.from({ length: 18 }, (_, index) => {
      if (index % 3 === 0) return put(withAuth(`t${index}`));
      return index % 3 === 1 ? patch({ tags: { [`t${index}`]: 'x' } }) : remove();
    });

    const statuses = (await Promise.all(calls)).map(({ status }) => status);

    for (const status of statuses) expect([200, 201, 204, 404, 409]).toContain(status);
    const item = await rig.registry.target('shop');
    expect(await kept()).toBe(item === undefined ? 0 : 1);
    if (item !== undefined) expect(await secretsInUse()).toMatchObject({ auth: { type: 'bearer' } });
    expect(rig.failures).toEqual([]);
  });
});
