import type { Clock } from '../../runtime/clock.ts';
import type { Failure } from '../failure.ts';
import type { HttpAgents } from '../network/http-agents.ts';
import type { BodyBudget } from './body-budget.ts';
import { maxCpuMsPerTarget, type CpuBudget, type CpuSpending } from './cpu-budget.ts';
import type { BoundedGet } from './get-bounded.ts';
import type { ReadingTurns } from './reading-turns.ts';
import { defaultTimeoutMs, type createRequestPreparer, type ReportRequest } from './report-request.ts';

/** What all GETs of one client share. */
export interface GetParts {
  readonly prepare: ReturnType<typeof createRequestPreparer>;
  readonly agents: HttpAgents;
  readonly budget: BodyBudget;
  readonly turns: ReadingTurns;
  readonly cpu: CpuBudget;
  readonly clock: Clock;
}

/** A GET of a target's statistics, its time running already, or why there is none. */
export type OpenedGet =
  | {
      readonly ok: true;
      readonly get: Omit<BoundedGet, 'reader' | 'maxBytes'>;
      readonly spend: CpuSpending;
      readonly timeoutMs: number;
    }
  | { readonly ok: false; readonly failure: Failure };

/** Prepares a GET of a target's statistics. Never throws. */
export function openGet(request: ReportRequest, { prepare, agents, budget, turns, cpu, clock }: GetParts): OpenedGet {
  const { timeoutMs = defaultTimeoutMs, tls = {}, target = request.url } = request;
  const prepared = prepare(request);
  if (!prepared.ok) return failed('refused', prepared.message);
  const { url, headers } = prepared;
  if (cpu.isSpent(target)) return failed('too-costly', tooCostlyMessage(url));
  const agent = agentOrNone(agents, url, tls);
  if (agent === undefined) return failed('tls', "The target's tls.ca holds no certificate in PEM.");
  const get = { url, headers, agent, deadline: clock.deadline(timeoutMs), budget, turns };
  return { ok: true, get, spend: (work) => cpu.spend(target, work), timeoutMs };
}

function failed(kind: Failure['kind'], message: string): Extract<OpenedGet, { ok: false }> {
  return { ok: false, failure: { kind, message } };
}

function agentOrNone(agents: HttpAgents, url: URL, tls: NonNullable<ReportRequest['tls']>) {
  try {
    return agents.agentFor(url.protocol, tls);
  } catch {
    return undefined;
  }
}

function tooCostlyMessage(url: URL): string {
  return (
    `The answers of ${url.host} took more than the ${maxCpuMsPerTarget} ms of CPU that one target has per minute; it ` +
    'is not asked for the rest of it. Sample it less often, or have fewer endpoints, workers and errors.'
  );
}
