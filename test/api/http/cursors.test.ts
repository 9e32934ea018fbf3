import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { toCursor } from '../../../lambda/api/http/cursor.ts';
import { problem, startAdminRig, transports } from '../../support/rigs/api-rig.ts';
import type { AdminRig } from '../../support/rigs/api-rig.ts';

describe.each(transports)('cursors, %s', (transport) => {
  let rig: AdminRig;
  beforeAll(async () => {
    rig = await startAdminRig(transport);
  });
  beforeEach(() => rig.reset());
  afterAll(() => rig.close());

  const url = 'http://127.0.0.1:1';
  const idsOf = (json: Record<string, unknown>): string[] => (json['targets'] as { id: string }[]).map(({ id }) => id);
  const putMany = (count: number): Promise<unknown> =>
    Promise.all(Array.from({ length: count }, (_, index) => rig.registry.putTarget({ id: `t-${index}`, url })));

  it('a cursor that was changed, made up, or taken from another walk is 422', async () => {
    await putMany(3);
    const { json } = await rig.ask('GET /v1/targets?limit=1');
    const cursor = String(json['cursor']);
    const madeUp = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const bad = [
      `limit=1&cursor=${cursor.slice(0, -4)}`,
      `limit=1&cursor=${cursor.startsWith('A') ? 'B' : 'A'}${cursor.slice(1)}`,
      `limit=1&cursor=${madeUp(['t-1', 1, 'x'])}`,
      `cursor=${madeUp({ id: { $gt: '' } })}`,
      `cursor=${madeUp(null)}`,
      'cursor=',
      "cursor=';--",
      `cursor=${'A'.repeat(2000)}`,
      `project=shop&limit=1&cursor=${cursor}`,
    ];
    for (const query of bad) {
      const answer = await rig.ask(`GET /v1/targets?${query}`);
      expect(answer, query).toMatchObject(problem('invalid-request', 422));
      expect(answer.json['errors'], query).toMatchObject([{ field: 'cursor', in: 'query' }]);
    }
    expect((await rig.ask(`GET /v1/targets/t-0/runs?cursor=${cursor}`)).status).toBe(422);
  });

  it.each([
    { last: '', seen: 1 },
    { last: 't-0', seen: -1 },
    { last: 't-0', seen: 0.5 },
    { last: 't-0', seen: 1e300 },
    { last: 5 as unknown as string, seen: 1 },
    { last: ['t-0'] as unknown as string, seen: 1 },
    { last: 't-0', seen: '1' as unknown as number },
  ])('a cursor forged with the right checksum is 422 where no walk could have come to (%j)', async (place) => {
    await putMany(3);

    const targets = await rig.ask(`GET /v1/targets?cursor=${toCursor(place, ['targets', undefined, undefined])}`);
    const runs = await rig.ask(`GET /v1/targets/t-0/runs?cursor=${toCursor(place, ['runs', 't-0'])}`);

    for (const answer of [targets, runs]) expect(answer).toMatchObject(problem('invalid-request', 422));
  });

  it.each(['no-such-target', '\ud800', '\0', '"}', '_windows', '💥'.repeat(100)])(
    'a cursor forged with the right checksum (%j) opens nothing that a list does not show',
    async (last) => {
      await putMany(3);

      const targets = await rig.ask(
        `GET /v1/targets?cursor=${toCursor({ last, seen: 1 }, ['targets', undefined, undefined])}`,
      );
      const runs = await rig.ask(`GET /v1/targets/t-0/runs?cursor=${toCursor({ last, seen: 1 }, ['runs', 't-0'])}`);

      expect(targets.status).toBe(200);
      expect(idsOf(targets.json).every((id) => /^t-[012]$/.test(id))).toBe(true);
      expect(runs).toMatchObject({ status: 200, json: { runs: [] } });
    },
  );

  it('a walk ends after 5,000 targets, and says so', async () => {
    await putMany(3);
    const place = (seen: number): string => toCursor({ last: 't-0', seen }, ['targets', undefined, undefined]);

    const last = await rig.ask(`GET /v1/targets?cursor=${place(4_999)}`);
    const beyond = await rig.ask(`GET /v1/targets?cursor=${place(5_000)}`);

    expect(idsOf(last.json).length).toBeLessThanOrEqual(1);
    expect(beyond).toMatchObject(problem('limit-reached', 422));
    expect(beyond.json['detail']).toContain('5000');
  });
});
