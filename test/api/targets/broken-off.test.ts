import { afterEach, describe, expect, it } from 'vitest';
import type { ApiPorts } from '../../../lambda/api/api-ports.ts';
import { problem, startAdminRig } from '../../support/rigs/api-rig.ts';
import type { AdminRig } from '../../support/rigs/api-rig.ts';

const url = 'http://127.0.0.1:1';
const auth = (token: string): object => ({ url, auth: { type: 'bearer', token } });
const away = (): Promise<never> => Promise.reject(new Error('the part is away, and says s3cret'));

describe('an edit that breaks off in the middle', () => {
  let rig: AdminRig;
  let broken: 'write' | 'create' | 'remove' | 'read' | 'strip' | undefined;
  afterEach(() => {
    broken = undefined;
    return rig.close();
  });

  /** Ports of which one fails while `broken` names it. */
  const breaking = (ports: ApiPorts): Partial<ApiPorts> => ({
    edits: {
      ...ports.edits,
      write: (...given) => (broken === 'write' ? away() : ports.edits.write(...given)),
      strip: (...given) => (broken === 'strip' ? away() : ports.edits.strip(...given)),
    },
    secrets: {
      read: (key) => (broken === 'read' ? away() : ports.secrets.read(key)),
      create: (...given) => (broken === 'create' ? away() : ports.secrets.create(...given)),
      remove: (key) => (broken === 'remove' ? away() : ports.secrets.remove(key)),
    },
  });
  const secretsInUse = async (): Promise<unknown> => {
    const ref = String((await rig.registry.target('shop'))?.['secretsRef']);
    return rig.secrets.read({ target: 'shop', ref });
  };
  const start = async (): Promise<void> => {
    rig = await startAdminRig('in process', breaking);
    await rig.ask('PUT /v1/targets/shop', { body: auth('old') });
  };

  it.each(['create', 'write'] as const)(
    'before its item is written (%s) leaves the old URL with the old secrets',
    async (part) => {
      await start();
      broken = part;

      const answer = await rig.ask('PUT /v1/targets/shop', { body: { ...auth('new'), url: 'http://127.0.0.1:2' } });

      broken = undefined;
      expect(answer).toMatchObject(problem('internal', 500));
      expect(answer.text).not.toContain('s3cret');
      expect(rig.failures).toMatchObject([
        { instance: answer.json['instance'], method: 'PUT', path: '/v1/targets/shop' },
      ]);
      expect(await rig.registry.target('shop')).toMatchObject({ url, version: 1 });
      expect(await secretsInUse()).toEqual({ auth: { type: 'bearer', token: 'old' } });
    },
  );

  it('after its item is written is done, and the secrets left behind are logged', async () => {
    await start();
    broken = 'remove';

    const answer = await rig.ask('PUT /v1/targets/shop', { body: auth('new') });

    expect(answer.status).toBe(200);
    expect(await secretsInUse()).toEqual({ auth: { type: 'bearer', token: 'new' } });
    expect(rig.failures).toMatchObject([{ target: 'shop' }]);
  });

  it('as a DELETE before anything is done leaves the target with its secrets, and asking again removes both', async () => {
    await start();
    broken = 'strip';

    const first = await rig.ask('DELETE /v1/targets/shop');

    broken = undefined;
    expect(first).toMatchObject(problem('internal', 500));
    expect(await rig.ask('GET /v1/targets/shop')).toMatchObject({ status: 200, json: { enabled: true, version: 1 } });
    expect(await secretsInUse()).toEqual({ auth: { type: 'bearer', token: 'old' } });
    expect((await rig.ask('DELETE /v1/targets/shop')).status).toBe(204);
    expect((await rig.ask('GET /v1/targets/shop')).status).toBe(404);
    expect(await rig.secretsText()).not.toContain('old');
  });

  it.each([true, false])(
    'as a DELETE whose first answer got lost, so that it is sent twice, is done',
    async (hasAuth) => {
      rig = await startAdminRig('in process', (ports) => ({
        edits: {
          ...ports.edits,
          strip: async (...given) => {
            await ports.edits.strip(...given);
            return ports.edits.strip(...given);
          },
          remove: async (...given) => {
            await ports.edits.remove(...given);
            return ports.edits.remove(...given);
          },
        },
      }));
      const { etag } = await rig.ask('PUT /v1/targets/shop', { body: hasAuth ? auth('old') : { url } });

      expect((await rig.ask('DELETE /v1/targets/shop', { headers: { 'if-match': etag } })).status).toBe(204);

      expect((await rig.ask('GET /v1/targets/shop')).status).toBe(404);
      expect(await rig.secretsText()).not.toContain('old');
    },
  );

  it('as a PATCH of secrets that cannot be read changes nothing', async () => {
    await start();
    broken = 'read';

    expect((await rig.ask('PATCH /v1/targets/shop', { body: { headers: { 'X-A': 'a' } } })).status).toBe(500);
    const paused = await rig.ask('PATCH /v1/targets/shop', { body: { enabled: false } });

    expect(paused).toMatchObject({ status: 200, json: { warnings: [{ kind: 'no-credentials' }] } });
  });

  it('whose first answer got lost, so that it is sent twice, is no conflict and keeps its secrets', async () => {
    rig = await startAdminRig('in process', (ports) => ({
      edits: {
        ...ports.edits,
        write: async (...given) => {
          await ports.edits.write(...given);
          return ports.edits.write(...given);
        },
      },
    }));

    const answer = await rig.ask('PUT /v1/targets/shop', { body: auth('new') });

    expect(answer).toMatchObject({ json: { version: 1 } });
    expect(await secretsInUse()).toEqual({ auth: { type: 'bearer', token: 'new' } });
  });
});
