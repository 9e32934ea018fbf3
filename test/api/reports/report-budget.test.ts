import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  createReportBudget,
  maxReporterCpuMs,
  maxReporterReportsPerMinute,
  maxReportsPerMinute,
} from '../../../lambda/api/reports/report-budget.ts';
import { maxCpuMsPerTarget } from '../../../lambda/locust/fetch/cpu-budget.ts';
import { problem, tokens } from '../../support/rigs/api-rig.ts';
import { instant, running, startReportRig } from '../../support/rigs/report-rig.ts';
import type { ReportRig } from '../../support/rigs/report-rig.ts';
import { bodyOf } from '../../support/locust/scripted-locust.ts';

const tooMany = { kind: 'too-many-reports' };

describe('reports that are dear to read', () => {
  let rig: ReportRig;
  let [usedMs, stepMs] = [0, 0];
  beforeAll(async () => {
    const ask = (): number => (usedMs += stepMs);
    rig = await startReportRig('in process', ({ reports }) => ({
      reports: reports && { ...reports, meter: { cpuMs: ask, passedMs: ask } },
    }));
  });
  afterAll(() => rig.close());

  it('are refused once their target has used its CPU up, with when to come again; those of others are taken', async () => {
    await rig.register('dear');
    await rig.register('plain');
    // An answer is work in two parts.
    stepMs = maxCpuMsPerTarget / 4;
    const answers = await Promise.all([0, 1, 2, 3, 4, 5].map((seconds) => rig.report('dear', seconds, running(1))));
    const refused = answers.find(({ status }) => status !== 202);
    expect(answers.filter(({ status }) => status === 202).length).toBeLessThanOrEqual(3);
    expect(refused).toMatchObject(problem('too-many-reports', 429));
    expect(refused?.json['detail']).toMatch(/2000 ms of CPU .* Send it again in \d+ s\./);
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);

    stepMs = 0;
    expect((await rig.report('plain', 0, running(1))).status).toBe(202);
    // For an admin's reports as well: what is bounded is what they cost.
    const body = bodyOf(running(1));
    const call = `POST /v1/targets/dear/reports?at=${instant(9)}`;
    expect((await rig.admin.ask(call, { token: tokens.admin, body })).status).toBe(429);
    usedMs += 60_000;
    expect((await rig.report('dear', 9, running(9))).status).toBe(202);
  });
});

it('reports for targets that are not there count as well', async () => {
  const rig = await startReportRig('in process');
  onTestFinished(() => rig.close());
  for (let count = 0; count < maxReportsPerMinute; count += 1) await rig.report('nobody', 0, running(1));
  expect(await rig.report('nobody', 0, running(1))).toMatchObject(problem('too-many-reports', 429));
});

describe('the budget of a minute', () => {
  const start = () => {
    let usedMs = 0;
    const budget = createReportBudget({ cpuMs: () => usedMs, passedMs: () => usedMs });
    const work = (ms: number) => (): void => {
      usedMs += ms;
    };
    return { budget, work };
  };
  const reporter = (id: string) => ({ id, role: 'reporter' as const });

  it('takes so many reports of one target, and as many again a minute later', () => {
    const { budget, work } = start();
    for (let count = 0; count < maxReportsPerMinute; count += 1) budget.count(reporter('a'));
    expect(() => budget.count(reporter('a'))).toThrow(expect.objectContaining(tooMany));
    budget.count(reporter('b'))(work(60_000));
    budget.count(reporter('a'));
  });

  it('refuses at once what it has refused so often, and takes an admin’s reports of the same target', () => {
    const { budget, work } = start();
    for (let count = 0; count < maxReportsPerMinute; count += 1) budget.countRefused(reporter('a'));
    expect(() => {
      budget.requireRoom(reporter('a'));
    }).toThrow(expect.objectContaining(tooMany));
    budget.requireRoom({ id: 'a', role: 'admin' });
    budget.count(reporter('b'))(work(60_000));
    budget.requireRoom(reporter('a'));
  });

  it('counts what it refuses for all reporters together', () => {
    const { budget } = start();
    for (let count = 0; count < maxReporterReportsPerMinute; count += 1) budget.countRefused(reporter(`a${count}`));
    expect(() => {
      budget.requireRoom(reporter('b'));
    }).toThrow(expect.objectContaining(tooMany));
  });

  it('takes so many of all reporters together, and those of an admin besides', () => {
    const { budget } = start();
    for (let count = 0; count < maxReporterReportsPerMinute; count += 1) budget.count(reporter(`a${count % 60}`));
    expect(() => {
      budget.requireRoom(reporter('b'));
    }).toThrow(expect.objectContaining(tooMany));
    budget.requireRoom({ id: 'b', role: 'admin' });
  });

  it('has so much CPU for the reports of all reporters', () => {
    const { budget, work } = start();
    const targets = Math.ceil(maxReporterCpuMs / (maxCpuMsPerTarget - 1));
    for (let count = 0; count < targets; count += 1) budget.count(reporter(`a${count}`))(work(maxCpuMsPerTarget - 1));
    expect(() => budget.count(reporter('b'))).toThrow(expect.objectContaining(tooMany));
    budget.count({ id: 'b', role: 'admin' })(work(1));
  });
});
