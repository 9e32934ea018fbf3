import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  countedForMs,
  maxNewReporterTargets,
  maxReporterTargets,
  maxReporterTargetsKept,
} from '../../../lambda/api/reporters/reporter-quota.ts';
import { createOwnedCount } from '../../../lambda/targets/count-owned.ts';
import type { OwnedTargets } from '../../../lambda/targets/count-owned.ts';
import { problem, startAdminRig, tokens } from '../../support/rigs/api-rig.ts';
import type { AdminRig, Answer } from '../../support/rigs/api-rig.ts';
import { patientClock } from '../../support/time/patient-clock.ts';

const closed = 'http://127.0.0.1:1';
const report = { source: 'report' };
const past = '2026-11-01T00:00:00.000Z';
let rig: AdminRig;
/** What is counted instead of what is there. */
let owned: OwnedTargets | 'too large' | undefined;
let counts = 0;
let [nowMs, isFrozen] = [0, false];
/** What is counted now is counted anew. */
const forgetCount = (): number => (nowMs += countedForMs);
beforeAll(async () => {
  rig = await startAdminRig('in process', ({ countOwned }) => ({
    clock: { ...patientClock, now: () => (nowMs = isFrozen ? nowMs : Math.max(nowMs, Date.now())) },
    countOwned: (query) => {
      counts += 1;
      if (owned === undefined) return countOwned(query);
      return Promise.resolve(owned === 'too large' ? undefined : owned);
    },
  }));
});
beforeEach(async () => {
  [owned, isFrozen] = [undefined, false];
  forgetCount();
  await rig.reset();
});
afterAll(() => rig.close());

const put = (id: string, body: object): Promise<Answer> =>
  rig.ask(`PUT /v1/targets/${id}`, { token: tokens.reporter, body });

describe('how many targets reporters have', () => {
  it('is counted in the table: theirs alone, and apart what has expired or is new', async () => {
    const item = { source: 'report', project: 'ci', owner: 'reporter', createdAt: past };
    for (const id of ['ci-1', 'ci-2', 'ci-3']) await rig.registry.putTarget({ ...item, id });
    await rig.registry.putTarget({ ...item, id: 'over', expiresAt: past, enabled: false });
    await rig.registry.putTarget({ ...item, id: 'new-1', createdAt: '2026-11-22T14:04:30.000Z' });
    await rig.registry.putTarget({ ...item, id: 'admins', owner: 'admin' });
    await rig.registry.putTarget({ id: 'older', url: closed });

    const nowMs = Date.parse('2026-11-22T14:05:00.000Z');
    const count = createOwnedCount(rig.registry.client, 'Targets');

    expect(await count({ owner: 'reporter', nowMs, recentSinceAtMs: nowMs - 60_000 })).toEqual({
      all: 5,
      live: 4,
      recent: 1,
    });
  });

  it.each([
    ['too-many-targets', { live: maxReporterTargets }, String(maxReporterTargets)],
    ['too-many-targets', { all: maxReporterTargetsKept }, String(maxReporterTargetsKept)],
    ['too-many-targets', undefined, 'too large'],
    ['too-many-requests', { recent: maxNewReporterTargets }, String(maxNewReporterTargets)],
  ])(
    'is limited (%s with %j); those that are there stay theirs, and admins have their own',
    async (kind, counted, why) => {
      await put('there', report);
      await put('over', { ...report, expiresAt: past });
      forgetCount();
      owned = counted === undefined ? 'too large' : { all: 0, live: 0, recent: 0, ...counted };

      const refused = await put('one-more', report);

      expect(refused).toMatchObject(problem(kind, 429));
      expect(refused.json['detail']).toContain(why);
      expect(refused.headers.get('retry-after')).toBe('60');
      expect((await put('there', report)).status).toBe(200);
      // One that has expired would be one more.
      expect(await put('over', report)).toMatchObject({ status: 429 });
      const renewal = { token: tokens.reporter, body: { expiresAt: '2099-01-01T00:00:00Z' } };
      expect(await rig.ask('PATCH /v1/targets/over', renewal)).toMatchObject({ status: 429 });
      expect((await rig.ask('PUT /v1/targets/one-more', { body: { url: closed } })).status).toBe(201);
    },
  );

  it('is counted once in 5 s, however many are refused or added meanwhile: a count reads the whole table', async () => {
    isFrozen = true;
    counts = 0;
    owned = { all: 0, live: maxReporterTargets - 2, recent: 0 };
    const statuses = [];
    for (let index = 0; index < 5; index += 1) statuses.push((await put(`few-${index}`, report)).status);

    expect(statuses).toEqual([201, 201, 429, 429, 429]);
    expect(counts).toBe(1);
    owned = { all: 0, live: 0, recent: 0 };
    forgetCount();
    expect((await put('one-more', report)).status).toBe(201);
    expect(counts).toBe(2);
  });

  it('grows by so many a minute, however many ask at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: maxNewReporterTargets + 10 }, (_, index) => put(`new-${index}`, report)),
    );

    const refused = answers.filter(({ status }) => status !== 201);
    expect(refused).toHaveLength(10);
    for (const answer of refused) expect(answer).toMatchObject(problem('too-many-requests', 429));
  });
});
