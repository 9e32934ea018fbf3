import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { problem, tokens, transports } from '../../support/rigs/api-rig.ts';
import { instant, startReportRig } from '../../support/rigs/report-rig.ts';
import type { ReportRig } from '../../support/rigs/report-rig.ts';
import { bodyOf } from '../../support/locust/scripted-locust.ts';

const running = { state: 'running', requests: 10 };

describe.each(transports)('a report that a test sends, %s', (transport) => {
  let rig: ReportRig;
  beforeAll(async () => {
    rig = await startReportRig(transport);
  });
  beforeEach(async () => {
    await rig.reset();
    await rig.register('ci-shop');
  });
  afterAll(() => rig.close());

  it('begins a run, goes on with it and ends it, and every answer says what became of it', async () => {
    const first = await rig.report('ci-shop', 0, { state: 'spawning', requests: 1 });
    rig.setSeconds(10);
    const second = await rig.report('ci-shop', 10, { state: 'running', requests: 40, users: 9 });
    rig.setSeconds(15.5);
    const last = await rig.report('ci-shop', 15.25, { state: 'stopped', requests: 55, users: 0 });

    const run = '20261122T140500Z';
    // One of the start, total, endpoint, scrape; then one of the stop.
    expect(first).toMatchObject({ status: 202, json: { run, state: 'spawning', points: 4, delivery: 'stored' } });
    expect(second).toMatchObject({ status: 202, json: { run, state: 'running', points: 3, delivery: 'stored' } });
    expect(last).toMatchObject({ status: 202, json: { run, state: 'stopped', points: 6, delivery: 'stored' } });
    expect(await rig.runs('ci-shop')).toMatchObject([
      {
        run,
        startedAt: instant(0),
        endedAt: instant(15.25),
        outcome: 'finished',
        total: { numRequests: 55 },
        peakUsers: 9,
        timeline: [
          [0, 5, 4.2, 0, 9, 31],
          [10, 9, 4.2, 0, 9, 31],
        ],
      },
    ]);
    expect((await rig.admin.ask('GET /v1/targets/ci-shop')).json['status']).toMatchObject({
      state: 'stopped',
      checkedAt: instant(15.5),
    });
    expect(rig.admin.failures).toEqual([]);
  });

  it.each(['admin', 'reporter'] as const)('leaves a run that says whose its target was: %s', async (role) => {
    const asking = { token: tokens[role], body: { source: 'report' } };
    await rig.admin.ask('PUT /v1/targets/whose', asking);
    const call = `POST /v1/targets/whose/reports?at=${instant(0)}`;
    await rig.admin.ask(call, { token: tokens.admin, body: bodyOf(running) });
    await rig.admin.ask('DELETE /v1/targets/whose');

    expect(await rig.runs('whose')).toMatchObject([{ owner: role }]);
    // Nobody but the same may write on its past.
    const again = await rig.admin.ask('PUT /v1/targets/whose', { ...asking, token: tokens.reporter });
    expect(again.status).toBe(role === 'reporter' ? 201 : 403);
  });

  it('leaves a run that began as a reporter’s its owner, though an admin takes the target over meanwhile', async () => {
    await rig.report('ci-shop', 0, running);
    await rig.admin.ask('PUT /v1/targets/ci-shop', { body: { source: 'report' } });
    const call = `POST /v1/targets/ci-shop/reports?at=${instant(10)}`;
    expect((await rig.admin.ask(call, { body: bodyOf({ state: 'stopped', requests: 20 }) })).status).toBe(202);
    expect(await rig.runs('ci-shop')).toMatchObject([{ owner: 'reporter', endedAt: instant(10) }]);
  });

  it('that ends a run is written though its state is not wanted, for it holds the final numbers', async () => {
    await rig.register('ci-shop', { states: ['running'] });
    await rig.report('ci-shop', 0, { state: 'spawning', requests: 1 });

    await rig.report('ci-shop', 1, { state: 'stopped', requests: 3 });

    const totals = rig.stored('locust_total');
    expect(totals).toHaveLength(1);
    expect(totals[0]?.[0]).toContain(` ${Date.parse(instant(1))}`);
    expect(totals[0]?.[1]).toContain('num_requests=3i');
  });

  it('shows its figures on the target at once, and its sample to the observer', async () => {
    await rig.report('ci-shop', 0, running);
    await rig.report('ci-shop', 10, { ...running, users: 77 });

    const { json } = await rig.admin.ask('GET /v1/targets/ci-shop');
    expect(json['status']).toMatchObject({ state: 'running', run: '20261122T140500Z', userCount: 77 });
    expect(rig.samples.map(({ target, points }) => [target, points])).toEqual([
      ['ci-shop', 4],
      ['ci-shop', 3],
    ]);
    expect(rig.changes).toMatchObject([{ target: 'ci-shop', runStarted: { id: '20261122T140500Z' } }]);
  });

  it.each([
    ['as JSON', {}, (body: Buffer) => body],
    ['as gzip', { 'content-type': 'application/gzip' }, gzipSync],
    ['as JSON in gzip', { 'content-encoding': 'gzip' }, gzipSync],
    ['as JSON that somebody on the way has decompressed', { 'content-encoding': 'gzip' }, (body: Buffer) => body],
  ])('is taken %s', async (_, headers, pack) => {
    const body = Buffer.from('{"state":"running","stats":[{"name":"Aggregated","num_requests":NaN}],"user_count":3}');

    const answer = await rig.report('ci-shop', 0, pack(body), headers);

    expect(answer).toMatchObject({ status: 202, json: { state: 'running', points: 3 } });
  });

  it.each([
    ['a page', '<!doctype html><p>secret-9f3</p>', 422, 'not-locust', /HTML page/],
    ['half a report', '{"stats": [], "state": "secret-9f3', 422, 'not-locust', /not complete JSON/],
    ['another JSON', '{"secret-9f3": 1}', 422, 'not-locust', /not Locust's statistics/],
    ['nothing', '', 422, 'not-locust', /empty/],
    ['damaged gzip', gzipSync('{}').subarray(0, 12), 422, 'not-locust', /cannot be decompressed/],
    ['gzip taken for text', Buffer.from(gzipSync('{"a":1}').toString('utf8')), 422, 'not-locust', /application\/gzip/],
    ['too many values', `{"stats":[${'{},'.repeat(110_000)}{}],"state":"x"}`, 413, 'too-large', /100000 values/],
    ['a bomb', gzipSync(Buffer.alloc(9 * 1024 * 1024, ' ')), 413, 'too-large', /8388608 bytes/],
    ['more than 4 MiB', Buffer.alloc(4 * 1024 * 1024 + 1, ' '), 413, 'too-large', /4 MiB/],
  ])('that is %s is refused without a word of it', async (_, body, status, kind, message) => {
    const answer = await rig.report('ci-shop', 0, body);

    expect(answer).toMatchObject(problem(kind, status));
    expect(answer.json['detail']).toMatch(message);
    expect(answer.text).not.toContain('secret-9f3');
    expect(rig.sent).toEqual([]);
    expect(await rig.runs('ci-shop')).toEqual([]);
  });

  it('may be as large as 4 MiB, while all else stays at 64 KiB', async () => {
    const large = Buffer.concat([Buffer.from('{"state":"ready","stats":[]}'), Buffer.alloc(4 * 1024 * 1024 - 28, ' ')]);

    expect((await rig.report('ci-shop', 0, large)).status).toBe(202);
    expect(await rig.admin.ask('PUT /v1/targets/ci-shop', { body: large.toString() })).toMatchObject(
      problem('too-large', 413),
    );
  });

  it.each([
    ['a minute and more ahead', 60.001, /ahead/],
    ['a day and more behind', -24 * 3600 - 1, /24 hours/],
  ])('of an instant that is %s is refused', async (_, seconds, message) => {
    const answer = await rig.report('ci-shop', seconds, running);

    expect(answer).toMatchObject(problem('invalid-request', 422));
    expect(answer.json['errors']).toEqual([
      { field: 'at', in: 'query', message: expect.stringMatching(message) as string },
    ]);
  });

  it.each(['', '?at=yesterday', '?at=2026-11-22T14:05:00', `?at=${instant(0)}&by=me`])(
    'with the query "%s" is refused',
    async (query) => {
      const answer = await rig.admin.ask(`POST /v1/targets/ci-shop/reports${query}`, { body: '{}' });

      expect(answer).toMatchObject(problem('invalid-request', 422));
    },
  );

  it('is for targets that there are, that are on, and with the reporter token its own', async () => {
    const url = 'http://127.0.0.1:1';
    await rig.admin.ask('PUT /v1/targets/of-admin', { body: { source: 'report' } });
    await rig.register('off', { enabled: false });
    await rig.register('expired', { expiresAt: instant(-1) });

    expect(await rig.report('nobody', 0, running)).toMatchObject(problem('not-found', 404));
    expect(await rig.report('of-admin', 0, running)).toMatchObject(problem('forbidden', 403));
    expect(await rig.report('off', 0, running)).toMatchObject(problem('not-collected', 409));
    expect(await rig.report('expired', 0, running)).toMatchObject(problem('not-collected', 409));
    expect((await rig.admin.ask(`POST /v1/targets/of-admin/reports?at=${instant(0)}`, { body: '' })).status).toBe(422);
    expect(await rig.register('of-admin', { source: 'fetch', url })).toMatchObject(problem('forbidden', 403));
    const noToken = await rig.admin.ask(`POST /v1/targets/ci-shop/reports?at=${instant(0)}`, { token: null });
    expect(noToken).toMatchObject(problem('unauthorized', 401));
    expect(rig.sent).toEqual([]);
  });

  it('is all that the reporter token may do with it', async () => {
    const asReporter = (call: string) => rig.admin.ask(call, { token: tokens.reporter });

    for (const call of ['GET /v1/targets', 'DELETE /v1/targets/ci-shop', 'POST /v1/targets/ci-shop/check']) {
      expect(await asReporter(call)).toMatchObject(problem('forbidden', 403));
    }
    // It may read its own targets, to learn whether the collector reads their Locust.
    expect(await asReporter('GET /v1/targets/ci-shop')).toMatchObject({ status: 200, json: { owner: 'reporter' } });
  });
});
