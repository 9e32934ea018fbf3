import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { problem, startAdminRig, tokens } from '../../support/rigs/api-rig.ts';
import type { AdminRig } from '../../support/rigs/api-rig.ts';
import { noFigures } from '../../../lambda/locust/report/rows.ts';
import type { Run } from '../../../lambda/runs/run.ts';

const id = '20261122T140100Z';
const startedAtMs = Date.UTC(2026, 10, 22, 14, 1);
const call = `/v1/targets/shop/runs/${id}`;
const owner = { target: 'shop', project: 'web' };
const key = { target: 'shop', run: id };

const underWay: Run = {
  ...{ id, startedAtMs, lastGoodAtMs: startedAtMs + 10_000, lastState: 'running' },
  ...{ total: { ...noFigures, numRequests: 5 }, peakUsers: 7, timeline: [] },
};
const ended: Run = { ...underWay, ended: { atMs: startedAtMs + 20_000, outcome: 'finished' } };

let rig: AdminRig;
beforeAll(async () => {
  rig = await startAdminRig('over HTTP');
});
beforeEach(() => rig.reset());
afterAll(() => rig.close());

const patch = (body: unknown) => rig.ask(`PATCH ${call}`, { body });
const stored = async (): Promise<Run | undefined> => (await rig.registry.runs.read([key])).get('shop');

describe('a label and a note', () => {
  it('are put on a run, shown wherever it is, and taken away', async () => {
    await rig.registry.runs.save(ended, owner);
    const words = { label: 'Release 2.31 – „neu“ 🚀', note: 'The database\nwas on the old hardware.' };

    expect(await patch(words)).toMatchObject({ status: 200, json: { run: id, outcome: 'finished', ...words } });
    expect(await rig.ask(`GET ${call}`)).toMatchObject({ json: words });
    expect(await rig.ask('GET /v1/targets/shop/runs')).toMatchObject({ json: { runs: [{ run: id, ...words }] } });
    const { json } = await patch({ label: null });
    expect(json).toMatchObject({ note: words.note });
    expect(json).not.toHaveProperty('label');
    expect(await rig.ask('PATCH /v1/targets/shop/runs/latest', { body: {} })).toMatchObject({ json });
  });

  it('stay as they are whatever windows write that read the run before', async () => {
    const before = await rig.registry.runs.save(underWay, owner);
    await patch({ label: 'mine', note: 'a remark' });
    await rig.registry.runs.save({ ...ended, revision: before?.revision }, owner);
    expect(await stored()).toMatchObject({ label: 'mine', note: 'a remark', ended: { outcome: 'finished' } });

    const labelled = await stored();
    await patch({ label: null });
    await rig.registry.runs.save({ ...ended, ...labelled, peakUsers: 9 }, owner);
    expect(await stored()).toMatchObject({ label: undefined, note: 'a remark', peakUsers: 9 });
  });

  it('are refused with what is allowed, and by whom', async () => {
    await rig.registry.runs.save(ended, owner);
    for (const [body, field, message] of [
      [{ label: 'x'.repeat(101) }, 'label', /100/],
      [{ label: 'two\nlines' }, 'label', /one line/],
      [{ label: '' }, 'label', /1/],
      [{ note: 'x'.repeat(2_001) }, 'note', /2,?000/],
      [{ note: 5 }, 'note', /text/],
      [{ outcome: 'passed' }, 'outcome', /label, note/],
    ] as const) {
      const answer = await patch(body);
      expect(answer).toMatchObject(problem('invalid-request', 422));
      expect(answer.json['errors']).toMatchObject([
        { field, in: 'body', message: expect.stringMatching(message) as string },
      ]);
    }
    const none = await rig.ask('PATCH /v1/targets/shop/runs/20261122T140200Z', { body: { label: 'x' } });
    expect(none).toMatchObject(problem('not-found', 404));
    for (const method of ['PATCH', 'DELETE']) {
      const asking = { token: tokens.reporter, ...(method === 'PATCH' && { body: { label: 'x' } }) };
      expect(await rig.ask(`${method} ${call}`, asking)).toMatchObject(problem('forbidden', 403));
    }
    expect(await stored()).not.toHaveProperty('label', 'x');
  });
});

describe('the record of a run', () => {
  it('is removed with its final figures, and nothing brings it back', async () => {
    const saved = await rig.registry.runs.save(ended, owner);
    const result = { countedMs: 10_000, truncated: false, endpoints: [], errors: [] };
    await rig.registry.runs.saveResult(key, result, { isSent: false });

    expect(await rig.ask(`DELETE ${call}`)).toMatchObject({ status: 204, text: '' });
    expect(await rig.ask(`GET ${call}`)).toMatchObject(problem('not-found', 404));
    expect(await rig.registry.runs.readResult(key)).toBeUndefined();
    expect(await rig.registry.runs.save({ ...ended, revision: saved?.revision }, owner)).toBeUndefined();
    expect(await stored()).toBeUndefined();
    expect(await rig.ask(`DELETE ${call}`)).toMatchObject(problem('not-found', 404));
  });

  it('stays while the run is under way, and only then', async () => {
    await rig.registry.runs.save(underWay, owner);
    const at = new Date(startedAtMs).toISOString();
    const status = { checkedAt: at, since: at, state: 'running', run: id };
    await rig.registry.putTarget({ id: 'shop', url: 'http://127.0.0.1:1', status });

    const answer = await rig.ask(`DELETE ${call}`);
    expect(answer).toMatchObject(problem('run-under-way', 409));
    expect(answer.json['detail']).toContain('switch its target off');
    expect(await stored()).toBeDefined();
    // Nobody can end it any more.
    await rig.registry.deleteTarget('shop');
    expect(await rig.ask(`DELETE ${call}`)).toMatchObject({ status: 204 });
  });
});
