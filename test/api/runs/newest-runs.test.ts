import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { problem, startAdminRig, tokens } from '../../support/rigs/api-rig.ts';
import type { AdminRig } from '../../support/rigs/api-rig.ts';
import { noFigures } from '../../../lambda/locust/report/rows.ts';
import { runIdAt } from '../../../lambda/runs/run.ts';
import type { Run } from '../../../lambda/runs/run.ts';

const noonMs = Date.UTC(2026, 10, 22, 12);
const minuteMs = 60_000;

function runAt(minute: number, more: Partial<Run> = {}): Run {
  const startedAtMs = noonMs + minute * minuteMs;
  return {
    ...{ id: runIdAt(startedAtMs), startedAtMs, lastGoodAtMs: startedAtMs, lastState: 'stopped' },
    ...{ total: noFigures, peakUsers: 1, timeline: [] },
    ...more,
  };
}

let rig: AdminRig;
beforeAll(async () => {
  rig = await startAdminRig('in process');
});
beforeEach(() => rig.reset());
afterAll(() => rig.close());

/** Targets, each with runs that began at these minutes after noon. */
async function store(runs: Readonly<Record<string, readonly Run[]>>): Promise<void> {
  await rig.registry.putTargets(Object.keys(runs).map((id) => ({ id, url: 'http://127.0.0.1:1', project: `p-${id}` })));
  for (const [target, all] of Object.entries(runs)) {
    for (const run of all) await rig.registry.runs.save(run, { target, project: 'web' });
  }
}

/** All pages: of each run its target and its minute. */
async function walk(query: string, limit = 100): Promise<readonly (readonly string[])[]> {
  const pages: string[][] = [];
  let cursor: unknown;
  do {
    const from = typeof cursor === 'string' ? `&cursor=${cursor}` : '';
    const { status, json } = await rig.ask(`GET /v1/runs?limit=${limit}${query}${from}`);
    expect(status).toBe(200);
    const runs = json['runs'] as readonly { readonly target: string; readonly startedAt: string }[];
    pages.push(runs.map((run) => `${run.target} ${(Date.parse(run.startedAt) - noonMs) / minuteMs}`));
    cursor = json['cursor'];
  } while (cursor !== undefined);
  return pages;
}

describe('the runs of all targets', () => {
  it('come newest first, in pages that leave none out and repeat none', async () => {
    const shop = Array.from({ length: 30 }, (_, index) => index * 2);
    const minutes = { shop, cart: [1, 2, 57, 58, 90], till: [2, 2.5], idle: [] };
    await store(Object.fromEntries(Object.entries(minutes).map(([id, all]) => [id, all.map((each) => runAt(each))])));
    const expected = Object.entries(minutes)
      .flatMap(([id, all]) => all.map((each) => ({ id, each })))
      .sort((one, other) => other.each - one.each || (one.id < other.id ? -1 : 1))
      .map(({ id, each }) => `${id} ${each}`);

    for (const limit of [7, 100]) {
      const pages = await walk('', limit);
      expect(pages.flat()).toEqual(expected);
      expect(Math.max(...pages.map(({ length }) => length))).toBe(Math.min(limit, expected.length));
    }
  });

  it('are those that are asked for', async () => {
    const end = { atMs: noonMs, outcome: 'finished' as const };
    const verdict = { result: 'failed' as const, rules: [], doubts: [] };
    await store({
      shop: [runAt(0), runAt(10, { ended: { ...end, verdict }, tags: { branch: 'main', 'a=b': 'c' } })],
      cart: [runAt(5, { ended: { ...end, outcome: 'lost' }, tags: { branch: 'next' } }), runAt(15)],
    });
    await rig.registry.deleteTarget('cart');
    await rig.registry.putTarget({ id: 'cart', url: 'http://127.0.0.1:1', project: 'p-cart' });
    const at = (minute: number): string => new Date(noonMs + minute * minuteMs).toISOString();
    for (const [query, expected] of [
      [`from=${at(5)}`, ['cart 15', 'shop 10', 'cart 5']],
      [`to=${at(10)}&from=${at(5)}`, ['shop 10', 'cart 5']],
      [`from=${at(10)}&to=${at(5)}`, []],
      ['target=shop', ['shop 10', 'shop 0']],
      ['project=p-cart', ['cart 15', 'cart 5']],
      ['project=p-cart&target=shop', []],
      ['outcome=lost', ['cart 5']],
      ['verdict=failed', ['shop 10']],
      ['tag=branch%3Dmain', ['shop 10']],
      ['tag=a%3Db%3Dc', ['shop 10']],
      ['tag=branch%3Dmain&outcome=lost', []],
    ] as const) {
      expect((await walk(`&${query}`)).flat(), query).toEqual(expected);
      expect((await walk(`&${query}`, 1)).flat(), query).toEqual(expected);
    }
    await rig.registry.deleteTarget('shop');
    expect((await walk('')).flat()).toEqual(['cart 15', 'cart 5']);
    expect((await walk('&target=shop')).flat()).toEqual(['shop 10', 'shop 0']);
  });

  it('are listed for an admin, of so many targets, and by what there is', async () => {
    await store({ shop: [runAt(0), runAt(1)] });
    expect(await rig.ask('GET /v1/runs', { token: tokens.reporter })).toMatchObject(problem('forbidden', 403));
    for (const query of ['from=yesterday', 'verdict=good', 'outcome=passed', 'tag=main', 'limit=101', 'runs=1']) {
      expect(await rig.ask(`GET /v1/runs?${query}`), query).toMatchObject(problem('invalid-request', 422));
    }
    const { json } = await rig.ask('GET /v1/runs?limit=1');
    const other = await rig.ask(`GET /v1/runs?limit=1&verdict=failed&cursor=${String(json['cursor'])}`);
    expect(other).toMatchObject(problem('invalid-request', 422));
    await rig.registry.putTargets(Array.from({ length: 500 }, (_, index) => ({ id: `t-${index}`, url: 'http://a' })));
    const many = await rig.ask('GET /v1/runs');
    expect(many).toMatchObject(problem('limit-reached', 422));
    expect(many.json['detail']).toContain('500 targets at most');
    expect((await walk('&target=shop')).flat()).toEqual(['shop 1', 'shop 0']);
  });
});
