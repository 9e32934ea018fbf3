import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDeadLetters } from '../../../lambda/influx/spool/dead-letters.ts';
import { createSpool } from '../../../lambda/influx/spool/spool.ts';
import { problem, startAdminRig, tokens, transports } from '../../support/rigs/api-rig.ts';
import type { AdminRig } from '../../support/rigs/api-rig.ts';
import { startS3Server } from '../../support/aws/s3-server.ts';
import type { S3Server } from '../../support/aws/s3-server.ts';

const noon = Date.parse('2026-11-22T12:00:00Z');

describe.each(transports)('dead letters, %s', (transport) => {
  let s3: S3Server;
  let rig: AdminRig;
  beforeAll(async () => {
    s3 = await startS3Server();
    rig = await startAdminRig(transport, () => ({ deadLetters: createDeadLetters(s3.store()) }));
  });
  beforeEach(() => {
    s3.objects.clear();
  });
  afterAll(async () => {
    await rig.close();
    await s3.close();
  });

  async function refuse(count: number): Promise<void> {
    const letters = createDeadLetters(s3.store());
    for (let index = 0; index < count; index += 1) {
      await letters.add({ lines: [`m f=${index}i 1`, 'n f=1 1'], status: 422, reason: 'type conflict' }, noon + index);
    }
  }
  const idsOf = async (): Promise<string[]> => {
    const { json } = await rig.ask('GET /v1/dead-letters');
    return (json['deadLetters'] as { id: string }[]).map(({ id }) => id);
  };
  const waiting = async (): Promise<number> => (await createSpool(s3.store()).list()).length;

  it('are listed with reason, status, time and first lines, page by page', async () => {
    await refuse(3);
    const first = await rig.ask('GET /v1/dead-letters?limit=2');
    expect(first.status).toBe(200);
    expect(first.json['deadLetters']).toMatchObject([
      {
        at: '2026-11-22T12:00:00.000Z',
        status: 422,
        reason: 'type conflict',
        points: 2,
        lines: ['m f=0i 1', 'n f=1 1'],
      },
      { at: '2026-11-22T12:00:00.001Z' },
    ]);
    const second = await rig.ask(`GET /v1/dead-letters?limit=2&cursor=${String(first.json['cursor'])}`);
    expect(second.json['deadLetters']).toHaveLength(1);
    expect(second.json).not.toHaveProperty('cursor');
  });

  it('are short in a list, however long they are: the first lines, and the beginning of each', async () => {
    const long = (first: string): string => `${first}${'x'.repeat(998)}🦗${'y'.repeat(4_000)}`;
    const lines = Array.from({ length: 5_000 }, (_, index) => (index < 2 ? long(String(index)) : `m f=${index}i 1`));
    await createDeadLetters(s3.store()).add({ lines, status: 422, reason: long('r') }, noon);

    const { json, text } = await rig.ask('GET /v1/dead-letters');

    expect(text.length).toBeLessThan(5_000);
    const [letter] = json['deadLetters'] as { points: number; reason: string; lines: string[] }[];
    expect(letter).toMatchObject({ points: 5_000, lines: { length: 20 } });
    // A character of two halves that the limit falls into is not cut in two.
    for (const cut of [letter?.reason, letter?.lines[0]]) expect(cut).toMatch(/^.x{998}\ufffd …$/u);
    expect(letter?.lines[19]).toBe('m f=19i 1');
  });

  it('one is replayed: its lines wait for InfluxDB, and it is gone', async () => {
    await refuse(2);
    const [id = ''] = await idsOf();
    expect(await rig.ask(`POST /v1/dead-letters/${id}/replay`)).toMatchObject({ status: 204 });
    expect([await waiting(), (await idsOf()).length]).toEqual([1, 1]);
    expect(await rig.ask(`POST /v1/dead-letters/${id}/replay`)).toMatchObject(problem('not-found', 404));
  });

  it('one is dropped: it is gone, and nothing waits', async () => {
    await refuse(2);
    const [id = ''] = await idsOf();
    expect(await rig.ask(`DELETE /v1/dead-letters/${id}`)).toMatchObject({ status: 204 });
    expect([await waiting(), (await idsOf()).length]).toEqual([0, 1]);
    expect(await rig.ask(`DELETE /v1/dead-letters/${id}`)).toMatchObject(problem('not-found', 404));
  });

  it('all are replayed or dropped, a hundred a call', async () => {
    await refuse(101);
    expect((await rig.ask('POST /v1/dead-letters/replay')).json).toEqual({ handled: 100, hasMore: true });
    expect((await rig.ask('DELETE /v1/dead-letters')).json).toEqual({ handled: 1, hasMore: false });
    expect([await waiting(), await idsOf()]).toEqual([100, []]);
  });

  it('one that cannot be read shows its reason and size, is not replayed, stays, and can be dropped', async () => {
    await refuse(2);
    const id = '20261121T120000.000Z-0123456789abcdef';
    s3.objects.set(`rejected/${id}`, Buffer.from('broken'));
    const [at, reason] = ['2026-11-21T12:00:00.000Z', 'cannot be read: it is not gzip'];
    expect((await rig.ask('GET /v1/dead-letters')).json).toMatchObject({
      total: 3,
      deadLetters: [{ id, at, reason, points: 0, lines: [], unreadableBytes: 6 }, { points: 2 }, { points: 2 }],
    });
    expect(await rig.ask(`POST /v1/dead-letters/${id}/replay`)).toMatchObject(problem('unreadable-letter', 409));
    const { json } = await rig.ask('POST /v1/dead-letters/replay');
    expect(json).toEqual({ handled: 2, hasMore: false, unreadable: 1 });
    expect([await waiting(), await idsOf()]).toEqual([2, [id]]);
    expect(s3.objects.get(`rejected/${id}`)?.toString()).toBe('broken');
    expect(await rig.ask(`DELETE /v1/dead-letters/${id}`)).toMatchObject({ status: 204 });
    expect(await idsOf()).toEqual([]);
  });

  it('are all replayed, also behind more than a call takes of those that cannot be read', async () => {
    await refuse(1);
    for (let index = 100; index < 205; index += 1) {
      s3.objects.set(`rejected/20261121T120000.${index}Z-0123456789abcdef`, Buffer.from('broken'));
    }
    const { json } = await rig.ask('POST /v1/dead-letters/replay');
    expect(json).toEqual({ handled: 1, hasMore: false, unreadable: 105 });
    expect(await waiting()).toBe(1);
  });

  it('are counted up to a thousand: beyond that there is no total', async () => {
    for (let index = 0; index < 1_000; index += 1) {
      const digits = String(index).padStart(3, '0');
      s3.objects.set(`rejected/20261121T120000.${digits}Z-0123456789abcdef`, Buffer.from('broken'));
    }
    expect((await rig.ask('GET /v1/dead-letters?limit=1')).json['total']).toBe(1_000);
    s3.objects.set('rejected/20261121T120001.000Z-0123456789abcdef', Buffer.from('broken'));
    expect((await rig.ask('GET /v1/dead-letters?limit=1')).json).not.toHaveProperty('total');
  });

  it('an id that is none is refused, and no part of a key', async () => {
    expect(await rig.ask('DELETE /v1/dead-letters/waiting')).toMatchObject(problem('invalid-request', 422));
    expect(await rig.ask('POST /v1/dead-letters/..%2Fwaiting%2Fx/replay')).toMatchObject(
      problem('invalid-request', 422),
    );
  });

  it('are for the admin alone', async () => {
    for (const call of ['GET /v1/dead-letters', 'DELETE /v1/dead-letters', 'POST /v1/dead-letters/replay']) {
      expect(await rig.ask(call, { token: tokens.reporter })).toMatchObject(problem('forbidden', 403));
      expect(await rig.ask(call, { token: null })).toMatchObject(problem('unauthorized', 401));
    }
  });
});
