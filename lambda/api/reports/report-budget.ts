import { createCpuBudget, maxCpuMsPerTarget } from '../../locust/fetch/cpu-budget.ts';
import type { CpuBudget, CpuMeter, CpuSpending } from '../../locust/fetch/cpu-budget.ts';
import { ProblemError } from '../http/problem.ts';
import type { Role } from '../http/tokens.ts';

/**
 * So many reports of one target within a minute: a Locust sends one every few seconds, and up to a hundred that it has
 * kept while the API was away.
 */
export const maxReportsPerMinute = 300;
/** Of all targets that reporters report for: as many as they may have, each every 10 s. */
export const maxReporterReportsPerMinute = 6_000;
/** What reading these may take within a minute, ms of CPU. The rest is for what else one process does. */
export const maxReporterCpuMs = 15_000;
const minuteMs = 60_000;

/** Whose report it is. */
interface Sender {
  readonly id: string;
  readonly role: Role;
}

/** Bounds how many reports are taken in each minute, and what reading them costs. */
export interface ReportBudget {
  /** Before anything is read of a report. @throws ProblemError 429 with Retry-After when a limit of it is reached */
  requireRoom(sender: Sender): void;
  /**
   * Counts a report whose sender may send it. Others may have come since there was room.
   * @returns how the work on it is done, so that it is counted
   * @throws ProblemError 429 with Retry-After; it is not counted
   */
  count(sender: Sender): CpuSpending;
  /** Counts a report of a reporter for what is no target of its own: asking for it has cost a read. */
  countRefused(sender: Sender): void;
}

/** For all reports of one process. */
export function createReportBudget(meter: CpuMeter): ReportBudget {
  let minute = beginMinute(meter);
  const present = (): Minute => {
    if (meter.passedMs() >= minute.endsAtMs) minute = beginMinute(meter);
    return minute;
  };
  const requireRoom = (sender: Sender): void => {
    const { endsAtMs, ...used } = present();
    const limit = limitReached(used, sender);
    if (limit === undefined) return;
    const seconds = Math.max(1, Math.ceil((endsAtMs - meter.passedMs()) / 1000));
    const headers = { 'retry-after': String(seconds) };
    throw new ProblemError('too-many-reports', `${limit} Send it again in ${seconds} s.`, { headers });
  };
  const countOne = (key: string, role: Role): void => {
    const { reports } = present();
    const keys = role === 'reporter' ? [key, allOfReporters] : [key];
    for (const each of keys) reports.set(each, (reports.get(each) ?? 0) + 1);
  };
  return {
    requireRoom,
    countRefused({ id, role }) {
      if (role === 'reporter') countOne(refusedOf(id), role);
    },
    count(sender) {
      requireRoom(sender);
      const { id, role } = sender;
      countOne(id, role);
      const { cpu, reporterCpu } = present();
      const spend: CpuSpending = (work) => cpu.spend(id, work);
      return role === 'reporter' ? (work) => reporterCpu.spend(allOfReporters, () => spend(work)) : spend;
    },
  };
}

interface Minute {
  readonly endsAtMs: number;
  readonly reports: Map<string, number>;
  readonly cpu: CpuBudget;
  readonly reporterCpu: CpuBudget;
}

/** No target has this id. */
const allOfReporters = '';
/** Apart from those that are taken, so that nobody can use up what an admin may send. */
const refusedOf = (id: string): string => `refused ${id}`;

function beginMinute(meter: CpuMeter): Minute {
  const endsAtMs = meter.passedMs() + minuteMs;
  const reporterCpu = createCpuBudget(meter, maxReporterCpuMs);
  return { endsAtMs, reports: new Map(), cpu: createCpuBudget(meter), reporterCpu };
}

function limitReached(
  { reports, cpu, reporterCpu }: Omit<Minute, 'endsAtMs'>,
  { id, role }: Sender,
): string | undefined {
  if ((reports.get(id) ?? 0) >= maxReportsPerMinute)
    return `A target may send ${maxReportsPerMinute} reports a minute.`;
  if (cpu.isSpent(id)) {
    return (
      `The reports of this target took more than the ${maxCpuMsPerTarget} ms of CPU that one has per minute; ` +
      'send fewer, or with fewer endpoints, workers and errors.'
    );
  }
  if (role !== 'reporter') return undefined;
  if ((reports.get(refusedOf(id)) ?? 0) >= maxReportsPerMinute)
    return `${maxReportsPerMinute} reports were refused within a minute: this is no target that a reporter may report for.`;
  if ((reports.get(allOfReporters) ?? 0) >= maxReporterReportsPerMinute) {
    return `Reporters may send ${maxReporterReportsPerMinute} reports a minute together.`;
  }
  if (!reporterCpu.isSpent(allOfReporters)) return undefined;
  return `The reports of all reporters took more than the ${maxReporterCpuMs} ms of CPU that they have per minute.`;
}
