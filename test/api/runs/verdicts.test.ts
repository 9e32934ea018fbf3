import { Parser } from 'htmlparser2';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { problem, startAdminRig, tokens, transports } from '../../support/rigs/api-rig.ts';
import type { AdminRig } from '../../support/rigs/api-rig.ts';
import type { Verdict } from '../../../lambda/runs/criteria/verdict.ts';

const run = '20261122T140100Z';
const startedAtMs = Date.UTC(2026, 10, 22, 14, 1);
const call = `/v1/targets/shop/runs/${run}`;

const failed: Verdict = {
  result: 'failed',
  rules: [
    { criterion: 'p95 < 500 ms', result: 'passed', text: 'p95 was 200 ms, below 500 ms.' },
    { criterion: 'GET /a|b p99 < 1 s', result: 'failed', text: 'p99 of GET /a|b was 2000 ms, not below 1000 ms.' },
  ],
  doubts: ['7 of 60 samples were missed.'],
  baseline: '20261121T140100Z',
};

const hostileText = `"><script>alert('1')</script>\u0000\u0007\ud800 ]]> & <!-- \n\n| ![x](http://x) \`*_`;

describe.each(transports)('a verdict, %s', (transport) => {
  let rig: AdminRig;
  beforeAll(async () => {
    rig = await startAdminRig(transport);
  });
  beforeEach(() => rig.reset());
  afterAll(() => rig.close());

  interface Saved {
    readonly id?: string;
    readonly isOpen?: boolean;
    readonly isSent?: boolean;
    readonly owner?: 'admin' | 'reporter';
  }
  const save = (verdict: Verdict | undefined, more: Saved = {}) =>
    rig.registry.runs.save(
      {
        id: more.id ?? run,
        startedAtMs,
        lastGoodAtMs: startedAtMs + 10_000,
        lastState: 'running',
        total: { numRequests: 5, numFailures: 1, percentiles: [{ label: '95', value: 30 }] } as never,
        peakUsers: 7,
        timeline: [],
        ...(more.isSent === true && { closedAtMs: startedAtMs + 20_000 }),
        ...(more.isOpen !== true && { ended: { atMs: startedAtMs + 20_000, outcome: 'finished' as const, verdict } }),
      },
      { target: 'shop', project: 'web', owner: more.owner ?? 'admin' },
    );
  const inType = (accept: string) => rig.ask(`GET ${call}/verdict`, { headers: { accept } });

  it('says how the run was, and why', async () => {
    await save(failed);

    const expected = { status: 200, json: { target: 'shop', run, ...failed } };
    expect(await rig.ask(`GET ${call}/verdict`)).toMatchObject(expected);
    expect(await rig.ask('GET /v1/targets/shop/runs/latest/verdict')).toMatchObject(expected);
    expect(await rig.ask(`GET ${call}`)).toMatchObject({
      json: { verdict: 'failed', verdictDetails: { rules: failed.rules, doubts: failed.doubts } },
    });
    const list = await rig.ask('GET /v1/targets/shop/runs');
    expect(list).toMatchObject({ json: { runs: [{ verdict: 'failed' }] } });
    expect(list.text).not.toContain('verdictDetails');
  });

  it('is JUnit XML for who asks for XML', async () => {
    await save({ ...failed, doubts: [hostileText] });

    const { status, headers, text } = await inType('application/xml');

    expect([status, headers.get('content-type')]).toEqual([200, 'application/xml; charset=utf-8']);
    const elements: [string, Record<string, string>][] = [];
    const parser = new Parser(
      { onopentag: (name, attributes) => elements.push([name, attributes]) },
      { xmlMode: true },
    );
    parser.end(text);
    expect(elements.map(([name]) => name)).toEqual([
      ...['testsuites', 'testsuite', 'testcase', 'system-out', 'testcase', 'failure', 'testcase', 'error'],
    ]);
    expect(elements[1]?.[1]).toMatchObject({ tests: '3', failures: '1', errors: '1', time: '20' });
    expect(elements[4]?.[1]).toEqual({ classname: 'shop', name: 'GET /a|b p99 < 1 s' });
    expect(elements[5]?.[1]).toMatchObject({ message: 'p99 of GET /a|b was 2000 ms, not below 1000 ms.' });
    expect(elements[7]?.[1]['message']).toContain(`"><script>alert('1')</script>`);
    expect(['\u0000', '\u0007', '\ud800'].filter((character) => text.includes(character))).toEqual([]);
  });

  it('is Markdown for who asks for that', async () => {
    await save({ ...failed, doubts: [hostileText] });

    const { headers, text } = await inType('text/markdown');

    expect(headers.get('content-type')).toBe('text/markdown; charset=utf-8');
    expect(text).toContain('### shop: failed\n\nRun 20261122T140100Z, compared with 20261121T140100Z.\n');
    expect(text).toContain('| GET /a\\|b p99 \\< 1 s | failed | p99 of GET /a\\|b was 2000 ms, not below 1000 ms. |');
    expect(text).toContain('\\<script\\>');
    expect(text).not.toContain('![x]');
  });

  it('waits for the end of the run as long as it is asked to', async () => {
    await save(undefined, { isOpen: true });

    expect(await rig.ask(`GET ${call}/verdict`)).toMatchObject(problem('run-under-way', 409));
    const waiting = rig.ask(`GET ${call}/verdict?wait=60`);
    await save(failed);
    expect(await waiting).toMatchObject({ status: 200, json: { result: 'failed' } });
    expect(await rig.ask(`GET ${call}/verdict?wait=61`)).toMatchObject(problem('invalid-request', 422));
  });

  it('keeps sixteen waiting at most, and answers the others as it is now', async () => {
    await save(undefined, { isOpen: true });
    const asked = Array.from({ length: 17 }, () => rig.ask(`GET ${call}/verdict?wait=60`));
    expect(await Promise.race(asked)).toMatchObject(problem('run-under-way', 409));
    await save(failed);
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([...Array.from({ length: 16 }, () => 200), 409]);
  });

  it('is not there without criteria, without a run', async () => {
    await save(undefined);

    expect(await rig.ask(`GET ${call}/verdict`)).toMatchObject(problem('no-criteria', 409));
    expect(await rig.ask('GET /v1/targets/none/runs/latest/verdict')).toMatchObject(problem('not-found', 404));
  });

  it('is for reporters where a reporter made the target', async () => {
    await save(failed);
    const unknown = await rig.ask('GET /v1/targets/shop/runs/20200101T000000Z/verdict', { token: tokens.reporter });
    const others = await rig.ask(`GET ${call}/verdict`, { token: tokens.reporter });
    expect(others).toMatchObject(problem('not-found', 404));
    expect(others.text.replaceAll(run, '')).toBe(unknown.text.replaceAll('20200101T000000Z', ''));
    await rig.reset();
    await save(failed, { owner: 'reporter' });
    const own = await rig.ask(`GET ${call}/verdict`, { token: tokens.reporter });
    // The collector may have read the figures anywhere: neither these are shown, nor names of endpoints.
    expect(own).toMatchObject({ status: 200, json: { result: 'failed', doubts: [] } });
    expect(own.text).not.toMatch(/a\|b|2000|of 60|p95/);
    expect(await rig.ask(`GET ${call}/verdict`)).toMatchObject({ json: failed });
    // An admin that takes the target over may have it read with credentials.
    await rig.ask('PUT /v1/targets/shop', { body: { url: 'http://127.0.0.1:1' } });
    const taken = await rig.ask(`GET ${call}/verdict`, { token: tokens.reporter });
    expect(taken.text.replaceAll(run, '')).toBe(unknown.text.replaceAll('20200101T000000Z', ''));
    expect(await rig.ask(`GET ${call}`, { token: tokens.reporter })).toMatchObject(problem('forbidden', 403));
  });

  it('is shown to its reporter with all figures that the Locust itself has sent, those of the baseline too', async () => {
    const asked = async () => (await rig.ask(`GET ${call}/verdict`, { token: tokens.reporter })).json;
    await save(failed, { owner: 'reporter', isSent: true });
    expect(await asked()).toMatchObject({ result: 'failed', doubts: [] });
    await save(undefined, { owner: 'reporter', isSent: true, id: failed.baseline ?? '' });
    expect(await asked()).toMatchObject(failed);
  });

  it('stands beside the final figures, which are a file in the columns of Locust’s own', async () => {
    await save(undefined);
    expect(await rig.ask(`GET ${call}/stats.csv`)).toMatchObject(problem('not-found', 404));
    const figures = { numRequests: 5, numFailures: 1, medianResponseTime: 10, percentiles: { '95': 30, '99_9': 44 } };
    const endpoints = [{ method: 'GET', name: '=1+2,"x"', ...figures }];
    await rig.registry.runs.saveResult(
      { target: 'shop', run },
      { countedMs: 10_000, truncated: false, endpoints, errors: [] },
      { isSent: false },
    );

    expect(await rig.ask(`GET ${call}`)).toMatchObject({ json: { final: { countedMs: 10_000, endpoints } } });
    const { headers, text } = await rig.ask(`GET ${call}/stats.csv`);
    expect(headers.get('content-disposition')).toBe(`attachment; filename="shop_${run}_stats.csv"`);
    expect(text.split('\r\n')).toEqual([
      'Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%',
      'GET," =1+2,""x""",5,1,10,N/A,N/A,N/A,N/A,0.5,0.1,10,N/A,N/A,N/A,N/A,30,N/A,N/A,44,N/A,N/A',
      ',Aggregated,5,1,N/A,N/A,N/A,N/A,N/A,0.5,0.1,N/A,N/A,N/A,N/A,N/A,30,N/A,N/A,N/A,N/A,N/A',
      '',
    ]);
  });

  describe('criteria are settings of a target', () => {
    const put = (body: object) => rig.ask('PUT /v1/targets/shop', { body: { url: 'http://127.0.0.1:1', ...body } });

    it('kept in one form, and part of no run when they are taken away', async () => {
      const criteria = ['p95<0.5 s', 'GET /pay p95 < baseline+10%'];
      expect(await put({ criteria, baseline: { tags: { branch: 'main' } } })).toMatchObject({
        status: 201,
        json: { criteria: ['p95 < 500 ms', 'GET /pay p95 < baseline + 10 %'], baseline: { tags: { branch: 'main' } } },
      });
      const patch = (body: object) => rig.ask('PATCH /v1/targets/shop', { body });
      expect(await patch({ baseline: { tags: null, run } })).toMatchObject({
        status: 200,
        json: { baseline: { run } },
      });
      const none = await patch({ baseline: null, criteria: null });
      expect(none).toMatchObject({ status: 200, json: { criteria: [] } });
      expect(none.json).not.toHaveProperty('baseline');
    });

    test.each([
      [{ criteria: ['p95 < 1 s', 'p95 <'] }, 'criteria.1', /is no limit: 500 ms or 2 s/],
      [{ criteria: ['speed > 3'] }, 'criteria.0', /"speed" is no figure: p95/],
      [{ criteria: Array.from({ length: 51 }, () => 'p95 < 1 s') }, 'criteria', /50/],
      [{ baseline: {} }, 'baseline', /either a run, or the tags of one/],
      [{ baseline: { run: 'main' } }, 'baseline.run', /a run id looks like/],
    ])('%j is refused: %s', async (body, field, message) => {
      const { status, json } = await put(body);
      expect(status).toBe(422);
      expect(json['errors']).toMatchObject([{ field, message: expect.stringMatching(message) as string }]);
    });
  });
});
