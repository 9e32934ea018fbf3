import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { problem, startAdminRig, transports } from '../../support/rigs/api-rig.ts';
import type { AdminRig } from '../../support/rigs/api-rig.ts';

const status = (more: object): object => ({
  checkedAt: '2026-11-22T14:00:00.000Z',
  since: '2026-11-22T14:00:00.000Z',
  ...more,
});

describe.each(transports)('lists and runs, %s', (transport) => {
  let rig: AdminRig;
  beforeAll(async () => {
    rig = await startAdminRig(transport);
  });
  beforeEach(() => rig.reset());
  afterAll(() => rig.close());

  const url = 'http://127.0.0.1:1';
  const idsOf = (json: Record<string, unknown>): string[] => (json['targets'] as { id: string }[]).map(({ id }) => id);
  const walk = async (query: string): Promise<{ ids: string[]; pages: number[] }> => {
    const [ids, pages]: [string[], number[]] = [[], []];
    for (let cursor = ''; ;) {
      const { json } = await rig.ask(`GET /v1/targets?${query}${cursor}`);
      ids.push(...idsOf(json));
      pages.push(idsOf(json).length);
      if (json['cursor'] === undefined) return { ids, pages };
      cursor = `&cursor=${json['cursor'] as string}`;
    }
  };
  const putMany = (count: number, more: (index: number) => object = () => ({})): Promise<unknown> =>
    Promise.all(
      Array.from({ length: count }, (_, index) => rig.registry.putTarget({ id: `t-${index}`, url, ...more(index) })),
    );

  it('a walk over pages gives every target once, with its status', async () => {
    await putMany(25, () => ({ status: status({ state: 'ready' }) }));

    expect((await walk('limit=10')).pages).toEqual([10, 10, 5]);
    expect((await walk('limit=25')).pages).toEqual([25]);
    expect(new Set((await walk('limit=7')).ids).size).toBe(25);
    const { json } = await rig.ask('GET /v1/targets');
    expect(json['targets']).toHaveLength(25);
    expect(json).toMatchObject({
      unfit: [],
      targets: Array.from({ length: 25 }, () => ({ status: { state: 'ready' } })),
    });
  });

  it('filters by project and by enabled, over pages as well', async () => {
    await putMany(24, (index) => ({ project: index % 2 === 0 ? 'even' : 'odd', enabled: index < 12 }));

    expect((await walk('limit=5&project=even')).pages).toEqual([5, 5, 2]);
    expect((await walk('limit=6&project=even')).pages).toEqual([6, 6]);
    expect((await walk('limit=6&project=odd')).pages).toEqual([6, 6]);
    const { ids } = await walk('limit=4&project=odd&enabled=false');
    expect(ids.sort()).toEqual(['t-13', 't-15', 't-17', 't-19', 't-21', 't-23']);
    expect((await walk('project=none')).ids).toEqual([]);
    expect((await walk('enabled=true')).ids).toHaveLength(12);
  });

  it('items that are no targets are listed and hide nothing', async () => {
    await putMany(3);
    await rig.registry.putTarget({ id: 'odd', url: 'ftp://x' });

    const { json } = await rig.ask('GET /v1/targets');

    expect(idsOf(json)).toHaveLength(3);
    expect(json['unfit']).toMatchObject([{ id: 'odd' }]);
  });

  const saveRun = (minute: number, ended = true): Promise<unknown> => {
    const startedAtMs = Date.UTC(2026, 10, 22, 14, minute);
    return rig.registry.runs.save(
      {
        id: `20261122T14${String(minute).padStart(2, '0')}00Z`,
        startedAtMs,
        lastGoodAtMs: startedAtMs + 10_000,
        lastState: 'running',
        total: { numRequests: 5, percentiles: [{ label: '95', value: 30 }] } as never,
        peakUsers: 7,
        timeline: [[0, 7, 1.5, 0, null, 31]],
        ...(ended && { ended: { atMs: startedAtMs + 20_000, outcome: 'finished' as const } }),
      },
      { target: 'shop', project: 'web' },
    );
  };

  it('runs come newest first, page by page, and one with its timeline', async () => {
    await rig.registry.putTarget({ id: 'shop', url });
    for (const minute of [1, 2, 3, 4, 5]) await saveRun(minute);

    const first = await rig.ask('GET /v1/targets/shop/runs?limit=3');
    const second = await rig.ask(`GET /v1/targets/shop/runs?limit=3&cursor=${String(first.json['cursor'])}`);
    const one = await rig.ask('GET /v1/targets/shop/runs/20261122T140300Z');

    const runs = [first, second].map(({ json }) =>
      (json['runs'] as { run: string }[]).map(({ run }) => run.slice(11, 13)),
    );
    expect(runs).toEqual([
      ['05', '04', '03'],
      ['02', '01'],
    ]);
    expect(second.json).not.toHaveProperty('cursor');
    expect(first.json['runs']).toMatchObject([{ outcome: 'finished', peakUsers: 7, project: 'web' }, {}, {}]);
    expect(first.text).not.toContain('timeline');
    expect(one).toMatchObject({
      status: 200,
      json: { total: { numRequests: 5 }, timeline: [[0, 7, 1.5, 0, null, 31]] },
    });
  });

  it('runs that are none are 404: a target without runs has an empty list', async () => {
    await rig.registry.putTarget({ id: 'shop', url });

    expect(await rig.ask('GET /v1/targets/shop/runs')).toMatchObject({ status: 200, json: { runs: [] } });
    expect(await rig.ask('GET /v1/targets/shop/runs/20261122T140300Z')).toMatchObject(problem('not-found', 404));
    expect(await rig.ask('GET /v1/targets/other/runs')).toMatchObject(problem('not-found', 404));
    expect(await rig.ask('GET /v1/targets/shop/runs/x%23y')).toMatchObject(problem('invalid-request', 422));
  });

  it('a target that is removed in a run ends it as lost, and its history stays', async () => {
    await rig.registry.putTarget({ id: 'shop', url, status: status({ state: 'running', run: '20261122T140300Z' }) });
    await saveRun(2);
    await saveRun(3, false);

    await rig.ask('DELETE /v1/targets/shop');

    expect(await rig.ask('GET /v1/targets/shop/runs')).toMatchObject({
      json: {
        runs: [
          { run: '20261122T140300Z', outcome: 'lost', endedAt: '2026-11-22T14:03:10.000Z' },
          { outcome: 'finished' },
        ],
      },
    });
    // A window that still watches it cannot open the run again.
    await saveRun(3, false);
    expect(await rig.registry.runsOf('shop')).toMatchObject([{}, { outcome: 'lost' }]);
  });

  it('a target that is removed before its run is on record leaves it as lost too', async () => {
    await rig.registry.putTarget({
      id: 'shop',
      url,
      status: status({ state: 'running', userCount: 3, run: '20261122T135900Z' }),
    });

    await rig.ask('DELETE /v1/targets/shop');

    expect(await rig.registry.runsOf('shop')).toMatchObject([
      { startedAt: '2026-11-22T13:59:00.000Z', outcome: 'lost', peakUsers: 3 },
    ]);
  });
});
