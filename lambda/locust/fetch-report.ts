import { lookup as dnsLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { Clock } from '../runtime/clock.ts';
import { addressVerdict, type AddressPolicy } from './address-policy.ts';
import { createBodyBudget, type BodyBudget } from './body-budget.ts';
import { decodeReport, maxReportBytes } from './decode-report.ts';
import type { Failure } from './failure.ts';
import { getBounded, type Answer } from './get-bounded.ts';
import { failureOfError, failureOfStatus, tooLarge } from './get-failure.ts';
import { createHttpAgents, type HttpAgents } from './http-agents.ts';
import { createRequestPreparer, type ReportRequest } from './report-request.ts';
import type { Report } from './report.ts';

// Half of the default interval between samples: the next instant finds the target free again.
const defaultDeadlineMs = 5_000;
// 64 answers of the largest size at once would be 512 MiB; the usual ones, 64 times 300 kB, are 20.
const defaultMaxBytesAtOnce = 32 * 1024 * 1024;

/** What one reading of a target brought. */
export type FetchedReport = Outcome & {
  /** From the call to its outcome, parsing included. */
  readonly durationMs: number;
};

type Outcome =
  | {
      readonly ok: true;
      readonly report: Report;
      /** The releases of Locust that may have sent the answer, in words (see `dialectOf`). */
      readonly dialect: string;
      readonly sizeBytes: number;
    }
  | { readonly ok: false; readonly failure: Failure; readonly sizeBytes?: number };

/** Reads Locusts over connections that it keeps. Meant to live as long as one window. */
export interface LocustClient {
  /**
   * One GET of `<url>/stats/requests`. Never rejects for what a target or the network does: that is a failure.
   * A request that cannot be sent at all (no valid URL, an illegal header) fails as `refused`, without a connection.
   * `sizeBytes` is the body's size as it came, before decompression.
   */
  fetchReport(request: ReportRequest): Promise<FetchedReport>;
  /** Destroys all connections; readings under way and later ones fail as `refused`. */
  close(): void;
}

/** A client that connects only to what the policy allows. `lookup` is node:dns's unless given. */
export function createLocustClient(options: {
  readonly clock: Clock;
  readonly addressPolicy: AddressPolicy;
  readonly lookup?: LookupFunction;
  /** How many connections may stay open between readings; default 800, for Lambda's 1,024 file descriptors. */
  readonly maxKeptSockets?: number;
  /** What all answers that are being read may hold together; default 32 MiB, for a Lambda of 256 MB. */
  readonly maxBytesAtOnce?: number;
}): LocustClient {
  const { clock, addressPolicy, lookup = dnsLookup, maxKeptSockets, maxBytesAtOnce = defaultMaxBytesAtOnce } = options;
  const budget = createBodyBudget(maxBytesAtOnce);
  const prepare = createRequestPreparer();
  const agents = createHttpAgents({ verdict: addressVerdict(addressPolicy), lookup, maxKeptSockets });
  return {
    async fetchReport(request) {
      const startedAt = clock.now();
      const outcome = await readReport(request, { prepare, agents, budget, clock });
      return { ...outcome, durationMs: clock.now() - startedAt };
    },
    close: () => {
      agents.close();
    },
  };
}

interface Reading {
  readonly prepare: ReturnType<typeof createRequestPreparer>;
  readonly agents: HttpAgents;
  readonly budget: BodyBudget;
  readonly clock: Clock;
}

async function readReport(request: ReportRequest, { prepare, agents, budget, clock }: Reading): Promise<Outcome> {
  const { deadlineMs = defaultDeadlineMs, maxBytes = maxReportBytes, tls = {} } = request;
  const prepared = prepare(request);
  if (!prepared.ok) return failed({ kind: 'refused', message: prepared.message });
  const { url, headers } = prepared;
  const agent = agentOrNone(agents, url, tls);
  if (agent === undefined) {
    return failed({ kind: 'tls', message: "The target's tls.ca holds no certificate in PEM." });
  }
  try {
    const deadline = clock.deadline(deadlineMs);
    return outcomeOf(await getBounded({ url, headers, agent, deadline, maxBytes, budget }), url, maxBytes);
  } catch (error) {
    return failed(failureOfError(error, url, { deadlineMs, maxBytes }));
  }
}

function agentOrNone(agents: HttpAgents, url: URL, tls: NonNullable<ReportRequest['tls']>) {
  try {
    return agents.agentFor(url.protocol, tls);
  } catch {
    return undefined;
  }
}

function outcomeOf(answer: Answer, url: URL, maxBytes: number): Outcome {
  const failure = failureOfStatus(answer, url);
  if (failure !== undefined) return failed(failure);
  const sizeBytes = answer.body.length;
  const words = {
    tooLarge: () => tooLarge(url, maxBytes).message,
    tooManyValues: (max: number) => `The answer of ${url.host} holds more than the ${max} values allowed.`,
    unreadable: () => `The answer of ${url.host} cannot be decompressed.`,
    notLocust: (problem: string) => `${url.host} is no Locust: ${problem}; check the URL.`,
  };
  const read = decodeReport(answer.body, { contentEncoding: answer.contentEncoding, maxBytes, words });
  return read.ok
    ? { ok: true, report: read.report, dialect: read.dialect, sizeBytes }
    : failed(read.failure, sizeBytes);
}

function failed(failure: Failure, sizeBytes?: number): Outcome {
  return { ok: false, failure, ...(sizeBytes !== undefined && { sizeBytes }) };
}
