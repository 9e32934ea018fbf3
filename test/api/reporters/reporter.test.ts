import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { noFigures } from '../../../lambda/locust/report/rows.ts';
import type { TargetStatus } from '../../../lambda/targets/target.ts';
import { problem, startAdminRig, tokens } from '../../support/rigs/api-rig.ts';
import type { AdminRig, Answer } from '../../support/rigs/api-rig.ts';
import { startRawServer } from '../../support/locust/raw-server.ts';

const closed = 'http://127.0.0.1:1';
const past = '2026-11-01T00:00:00.000Z';
let rig: AdminRig;
let resolved: string[];
beforeAll(async () => {
  rig = await startAdminRig('over HTTP', () => ({
    resolve: (name) => {
      resolved.push(name);
      return Promise.resolve(name === 'metadata.internal' ? ['169.254.169.254'] : ['127.0.0.1']);
    },
  }));
});
beforeEach(async () => {
  resolved = [];
  await rig.reset();
});
afterAll(() => rig.close());

const put = (id: string, body: object): Promise<Answer> =>
  rig.ask(`PUT /v1/targets/${id}`, { token: tokens.reporter, body });

describe('a reporter learns nothing of the network', () => {
  it('from a PUT: whatever is at the URL, its answer is the same, and nothing is asked', async () => {
    const locust = await rig.locust();
    const other = await startRawServer((socket) => {
      socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n');
    });
    const urls = [
      locust.url,
      `http://127.0.0.1:${other.port}`,
      closed,
      'http://no-such-name:1',
      'http://metadata.internal',
    ];

    const answers = [];
    for (const url of urls) answers.push(await put('shop', { url }));

    for (const [index, { json, status }] of answers.entries()) {
      expect(status).toBe(index === 0 ? 201 : 200);
      expect(json).toMatchObject({ url: urls[index], warnings: [] });
      expect(Object.keys(json)).toEqual(Object.keys(answers[0]?.json ?? {}));
    }
    expect(locust.asked).toBe(0);
    expect(other.connections).toEqual([]);
    expect(resolved).toEqual([]);
    await other.close();
  });

  it('from a PATCH, or from what collection found there since', async () => {
    await put('shop', { url: closed });
    const status = {
      checkedAt: past,
      since: past,
      run: '20261122T140500Z',
      error: { kind: 'refused', message: 'secret' },
    };
    await rig.registry.targets.writeStatus('shop', status, undefined);

    for (const [method, body] of [
      ['PUT', { url: closed }],
      ['PATCH', { expiresAt: '2099-01-01T00:00:00Z' }],
    ] as const) {
      const { json, text } = await rig.ask(`${method} /v1/targets/shop`, { token: tokens.reporter, body });
      // The companion asks for these.
      expect(json).toMatchObject({ status: { checkedAt: past, run: status.run } });
      expect(text).not.toMatch(/refused|secret/);
    }
    expect((await rig.ask('GET /v1/targets/shop')).json).toMatchObject({ status: { error: status.error } });
  });

  it('from the status that answers of its writes have: without a run there is none, whatever was found', async () => {
    const locust = { state: 'ready', checkedAt: past, since: past, userCount: 3 };
    const answers = [];
    for (const status of [locust, { ...locust, error: { kind: 'refused', message: 'secret', at: past } }]) {
      await rig.reset();
      await put('shop', { url: closed });
      await rig.registry.targets.writeStatus('shop', status, undefined);
      answers.push((await put('shop', { url: closed })).json);
    }

    for (const answer of answers) expect(answer).not.toHaveProperty('status');
  });

  it('from a GET but that attempts fail, and when they did so long ago that all of them would have', async () => {
    await put('shop', { url: closed });
    const see = async (status: object) => {
      await rig.registry.targets.writeStatus('shop', status as TargetStatus, undefined);
      return (await rig.ask('GET /v1/targets/shop', { token: tokens.reporter })).json['status'];
    };
    const now = new Date().toISOString();
    const failed = {
      checkedAt: now,
      since: now,
      state: 'ready',
      error: { kind: 'refused', message: 'secret', at: now },
    };
    const unread = { kind: 'unread', message: 'the page shows why.', at: past };

    expect(await see({ ...failed, failing: { next: now } })).toBeUndefined();
    expect(await see({ ...failed, failing: { next: now, readAt: past } })).toEqual({
      ...{ state: 'ready', checkedAt: past, since: past },
    });
    for (const failing of [{ next: now, shown: past }, { next: past }]) {
      const seen = { state: 'ready', checkedAt: past, since: past, error: unread };
      expect(await see({ ...failed, failing })).toEqual(seen);
    }
    const { json } = await rig.ask('GET /v1/targets/shop');
    expect(json['status']).toEqual(failed);
  });

  it('but an address in figures that must not be collected from is refused, as for everybody', async () => {
    expect(await put('shop', { url: 'http://169.254.169.254' })).toMatchObject(problem('blocked-address', 422));
  });

  it('an admin is warned of what keeps a target from being collected', async () => {
    const { json } = await rig.ask('PUT /v1/targets/shop', { body: { url: closed } });

    expect(json['warnings']).toMatchObject([{ kind: 'refused' }]);
  });
});

describe('an id with a past', () => {
  const run = {
    id: '20261122T140500Z',
    startedAtMs: Date.parse('2026-11-22T14:05:00.000Z'),
    lastGoodAtMs: Date.parse('2026-11-22T14:06:00.000Z'),
    lastState: 'running',
    total: noFigures,
    peakUsers: 50,
    timeline: [],
  };

  it.each([
    ['an admin', { owner: 'admin' as const }],
    ['somebody before that was recorded', {}],
  ])('of %s cannot be taken by a reporter once its target is removed', async (_whose, owner) => {
    await rig.ask('PUT /v1/targets/shop', { body: { url: closed } });
    await rig.registry.runs.save(run, { target: 'shop', project: 'web', ...owner });
    await rig.ask('DELETE /v1/targets/shop');

    expect(await put('shop', { source: 'report' })).toMatchObject(problem('forbidden', 403));
    expect(await rig.ask('GET /v1/targets/shop')).toMatchObject({ status: 404 });
    expect((await rig.ask('PUT /v1/targets/shop', { body: { url: closed } })).status).toBe(201);
  });

  it('of a reporter is a reporter’s again', async () => {
    await rig.registry.runs.save(run, { target: 'shop', project: 'web', owner: 'reporter' });

    expect((await put('shop', { source: 'report' })).status).toBe(201);
  });
});
