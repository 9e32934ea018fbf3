import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createReporterRates,
  maxReporterEditsPerMinute,
  maxReporterWakesPerMinute,
} from '../../../lambda/api/reporters/reporter-rates.ts';
import { patchTarget, putTarget } from '../../../lambda/api/targets/edit-target.ts';
import { createCollectorWake } from '../../../lambda/api/targets/wake-collector.ts';
import { startQueueServer } from '../../support/aws/queue-server.ts';
import { startAdminRig, tokens } from '../../support/rigs/api-rig.ts';
import { patientClock } from '../../support/time/patient-clock.ts';

describe('an edit wakes the collector', () => {
  let woken = 0;
  let isBroken = false;
  let minutes = 0;
  const starting = startAdminRig('in process', () => ({
    clock: { ...patientClock, passedMs: () => minutes * 60_000 },
    wakeCollector() {
      woken += 1;
      return isBroken ? Promise.reject(new Error('throttled')) : Promise.resolve();
    },
  }));
  beforeEach(async () => {
    await (await starting).reset();
    [woken, isBroken] = [0, false];
  });
  afterAll(async () => (await starting).close());

  const put = async (body: object, token: string = tokens.admin): Promise<number> =>
    (await (await starting).ask('PUT /v1/targets/shop', { body, token })).status;
  const patch = async (body: object): Promise<number> =>
    (await (await starting).ask('PATCH /v1/targets/shop', { body })).status;
  const url = 'http://127.0.0.1:1';

  it('where it makes a target, and where it is resumed or asked in another way', async () => {
    expect(await put({ url })).toBe(201);
    expect(woken).toBe(1);
    await patch({ enabled: false });
    expect(woken).toBe(1);
    await patch({ enabled: true });
    expect(woken).toBe(2);
    await patch({ url: `${url}/base` });
    expect(woken).toBe(3);
    await patch({ auth: { type: 'bearer', token: 'x' } });
    expect(woken).toBe(4);
  });

  it('but not where there is nothing new to be seen: other tags, the same once more, a renewal, a removal', async () => {
    const expiresAt = '2100-01-01T00:00:00Z';
    await put({ url, expiresAt });
    await put({ url, expiresAt });
    await patch({ tags: { env: 'test' }, sampleSeconds: 2 });
    await patch({ expiresAt: '2100-01-02T00:00:00Z' });
    await (await starting).ask('DELETE /v1/targets/shop');
    expect(woken).toBe(1);
    await put({ source: 'report' }, tokens.reporter);
    expect(woken).toBe(1);
  });

  it('so often in a minute where a reporter gives another secret each time, and always for an admin', async () => {
    const statuses = new Set<number>();
    for (let time = 0; time < maxReporterWakesPerMinute + 3; time += 1) {
      statuses.add(await put({ url, auth: { type: 'bearer', token: `secret-${time}` } }, tokens.reporter));
    }
    expect([...statuses]).toEqual([201, 200]);
    expect(woken).toBe(maxReporterWakesPerMinute);
    expect(await put({ url })).toBe(200);
    expect(woken).toBe(maxReporterWakesPerMinute + 1);
    minutes += 1;
    await (await starting).ask('DELETE /v1/targets/shop');
    expect(await put({ url }, tokens.reporter)).toBe(201);
    expect(woken).toBe(maxReporterWakesPerMinute + 2);
  });

  it('and is done all the same where it cannot be woken: the log says so', async () => {
    isBroken = true;
    expect(await put({ url })).toBe(201);
    expect((await starting).failures).toMatchObject([{ doing: 'asking for an idle poll', target: 'shop' }]);
  });
});

describe('the edits of reporters', () => {
  it('are counted before anything else is done for them', async () => {
    const counted: string[] = [];
    const countEdit = (role: string): never => {
      counted.push(role);
      throw new Error('too many');
    };
    const edit = { id: 'shop', role: 'reporter', rates: { countEdit } } as never;
    await expect(putTarget({} as never, edit, {} as never)).rejects.toThrow('too many');
    await expect(patchTarget({} as never, edit, {})).rejects.toThrow('too many');
    expect(counted).toEqual(['reporter', 'reporter']);
  });

  it('are so many a minute, with when to come again', () => {
    let passedMs = 0;
    const rates = createReporterRates({ passedMs: () => passedMs });
    for (let edit = 0; edit < maxReporterEditsPerMinute; edit += 1) rates.countEdit('reporter');
    passedMs = 20_000;
    const problem429 = { kind: 'too-many-edits', headers: { 'retry-after': '40' } };
    expect(() => {
      rates.countEdit('reporter');
    }).toThrow(expect.objectContaining(problem429));
    rates.countEdit('admin');
    passedMs = 60_000;
    rates.countEdit('reporter');
  });
});

describe('the queue that wakes the collector', () => {
  it('gets a poll of each shard, a second later, and one for all edits of half a second', async () => {
    const queue = await startQueueServer();
    let nowMs = Date.parse('2026-11-22T14:05:00Z');
    const { client, queueUrl } = queue;
    const wake = createCollectorWake({ client, queueUrl, shards: 12, clock: { ...patientClock, now: () => nowMs } });

    await Promise.all([wake(), wake()]);
    nowMs += 499;
    await wake();

    expect(queue.batches.map(({ length }) => length)).toEqual([10, 2]);
    const sent = queue.batches.flat();
    expect(new Set(sent.map(({ DelaySeconds }) => DelaySeconds))).toEqual(new Set([1]));
    expect(sent.map(({ MessageBody }) => JSON.parse(MessageBody) as unknown)).toEqual(
      Array.from({ length: 12 }, (_, shard) => ({ from: '2026-11-22T14:05:01.000Z', shard, shards: 12 })),
    );
    nowMs += 1;
    await wake();
    expect(queue.batches).toHaveLength(4);
    // One that failed is asked for again by the next edit.
    nowMs += 500;
    queue.refuse(1);
    await expect(wake()).rejects.toThrow('refused 1 of 10');
    queue.refuse(0);
    await wake();
    expect(queue.batches).toHaveLength(7);
    await queue.close();
  });
});
