import type { LookupFunction } from 'node:net';
import { cpuTimeMs, passedMs } from '../../runtime/clock.ts';
import type { Clock } from '../../runtime/clock.ts';
import { addressVerdict, type AddressPolicy } from '../network/address-policy.ts';
import { createBodyBudget } from './body-budget.ts';
import { createCpuBudget, type CpuSpending } from './cpu-budget.ts';
import { asDecoded, decodeReport } from '../report/decode-report.ts';
import { reportLimits } from '../report/limits.ts';
import type { Failure } from '../failure.ts';
import { getBounded, type Answer } from './get-bounded.ts';
import { failureOfError, tooLarge } from './get-failure.ts';
import { createHttpAgents } from '../network/http-agents.ts';
import { openGet, type GetParts } from './open-get.ts';
import { createNameResolver } from '../../runtime/name-resolver.ts';
import { failureOfStatus } from './status-failure.ts';
import { createReadingTurns } from './reading-turns.ts';
import { createPercentileNaming, type PercentileNaming } from './page-percentiles.ts';
import type { PlainReader } from './read-body.ts';
import { readPage, type PageReading } from './read-page.ts';
import { createRequestPreparer, type ReportRequest } from './report-request.ts';
import { fetchLoggedIn, isBehindForm, type FormRequest } from '../login/fetch-logged-in.ts';
import { createLoginSessions, type LoginSessions } from '../login/login-sessions.ts';
import { signIn, type SignedIn } from '../login/sign-in.ts';
import { createReportParser } from '../report/report.ts';
import type { Report, ReportParser } from '../report/report.ts';

// 64 answers of the largest size at once would be 512 MiB; the usual ones, 64 times 300 kB, are 20.
const defaultMaxBytesAtOnce = 32 * 1024 * 1024;

/** What one reading of a target brought. */
export type FetchedReport = Outcome & {
  /** From the call to its outcome, parsing included. */
  readonly durationMs: number;
};

/** A reading that brought figures. */
export type GoodReport = Extract<FetchedReport, { readonly ok: true }>;

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
   * One GET of `<url>/stats/requests`, and once of Locust's page where that names percentiles that have no names. Never
   * rejects for what a target or the network does: that is a failure.
   * A request that cannot be sent at all (no valid URL, an illegal header) fails as `refused`, without a connection.
   * `sizeBytes` is the body's size as it came, before decompression.
   */
  fetchReport(request: ReportRequest): Promise<FetchedReport>;
  /** One GET of Locust's page, `<url>/`, under the same rules. Never rejects. */
  readPage(request: ReportRequest): Promise<PageReading>;
  /** Destroys all connections; readings under way and later ones fail as `refused`. */
  close(): void;
}

/** A client that connects only to what the policy allows. `lookup` is that of a `NameResolver` unless given. */
export function createLocustClient(options: {
  readonly clock: Clock;
  readonly addressPolicy: AddressPolicy;
  readonly lookup?: LookupFunction;
  /** How many connections may stay open between readings; default 800, for Lambda's 1,024 file descriptors. */
  readonly maxKeptSockets?: number;
  /** What all answers that are being read may hold together; default 32 MiB, for a Lambda of 256 MB. */
  readonly maxBytesAtOnce?: number;
  /** The CPU time used so far, ms, by which all work is measured then; default this thread's, asked now and then. */
  readonly cpuMs?: () => number;
  /** Sessions with targets behind login forms; default: those of this client alone. */
  readonly logins?: LoginSessions;
}): LocustClient {
  const { clock, addressPolicy, lookup = createNameResolver().lookup, maxKeptSockets } = options;
  const { maxBytesAtOnce = defaultMaxBytesAtOnce, cpuMs } = options;
  const cpu = createCpuBudget({ cpuMs: cpuMs ?? cpuTimeMs, passedMs: cpuMs ?? passedMs });
  const budget = createBodyBudget(maxBytesAtOnce);
  const turns = createReadingTurns(cpuMs ?? passedMs);
  const naming = createPercentileNaming();
  const prepare = createRequestPreparer();
  const agents = createHttpAgents({ verdict: addressVerdict(addressPolicy), lookup, maxKeptSockets });
  const parts = { prepare, agents, budget, turns, cpu, naming, clock };
  const { logins: sessions = createLoginSessions() } = options;
  const fetch = (request: ReportRequest): Promise<Outcome> => readReport(request, parts);
  const login = { sessions, signIn: (request: FormRequest) => signInTo(request, parts), fetch, clock };
  return {
    async fetchReport(request) {
      const startedAtMs = clock.now();
      const outcome = isBehindForm(request) ? await fetchLoggedIn(request, login) : await fetch(request);
      return { ...outcome, durationMs: clock.now() - startedAtMs };
    },
    async readPage(request) {
      const read = (each: ReportRequest) => readPageOf(each, parts);
      const outcome = await (isBehindForm(request) ? fetchLoggedIn(request, { ...login, fetch: read }) : read(request));
      return outcome.ok ? outcome : { ok: false, message: outcome.failure.message };
    },
    close: () => {
      agents.close();
    },
  };
}

async function readReport(
  request: ReportRequest,
  reading: GetParts & { readonly naming: PercentileNaming },
): Promise<Outcome> {
  const { maxBytes = reportLimits.maxBytes, maxBytes: maxPlainBytes = reportLimits.maxPlainBytes } = request;
  const opened = openGet(request, reading);
  if (!opened.ok) return opened;
  const { get, spend, timeoutMs } = opened;
  const { url } = get;
  const parser = createReportParser();
  const reader: PlainReader = {
    maxBytes: maxPlainBytes,
    push: (piece) => {
      spend(() => {
        parser.push(piece);
      });
    },
    heldBytes: () => parser.heldBytes(),
  };
  try {
    const outcome = await outcomeOf(await getBounded({ ...get, maxBytes, reader }), { url, maxBytes, parser, spend });
    if (!outcome.ok) return outcome;
    const report = await reading.naming.name(outcome.report, url.href, () => readPage(get, opened));
    return { ...outcome, report };
  } catch (error) {
    return failed(failureOfError(error, url, { timeoutMs, maxBytes, maxPlainBytes }));
  }
}

async function readPageOf(request: ReportRequest, reading: GetParts & { readonly naming: PercentileNaming }) {
  const opened = openGet(request, reading);
  if (!opened.ok) return opened;
  const read = await readPage(opened.get, opened);
  reading.naming.pageRead(opened.get.url.href, read);
  return read.ok ? read : { ok: false as const, failure: { kind: 'not-locust' as const, message: read.message } };
}

async function signInTo(request: FormRequest, reading: GetParts): Promise<SignedIn> {
  const opened = openGet(request, reading);
  return opened.ok ? signIn({ ...opened, auth: request.auth, clock: reading.clock }) : opened;
}

interface AnswerReading {
  readonly url: URL;
  readonly maxBytes: number;
  /** Has taken the body where the answer has none. */
  readonly parser: ReportParser;
  readonly spend: CpuSpending;
}

async function outcomeOf(answer: Answer, { url, maxBytes, parser, spend }: AnswerReading): Promise<Outcome> {
  const failure = failureOfStatus(answer, url);
  if (failure !== undefined) return failed(failure);
  const { body, contentEncoding, sizeBytes } = answer;
  const words = {
    tooLarge: (max: number) => tooLarge(url, max).message,
    tooManyValues: (max: number) => `The answer of ${url.host} holds more than the ${max} values allowed.`,
    unreadable: () => `The answer of ${url.host} cannot be decompressed.`,
    notLocust: (problem: string) => `${url.host} is no Locust: ${problem}; check the URL.`,
  };
  const read =
    body === undefined
      ? asDecoded(
          spend(() => parser.end()),
          words,
        )
      : await decodeReport(body, { contentEncoding, maxBytes, words, spend });
  if (read.ok) return { ok: true, report: read.report, dialect: read.dialect, sizeBytes };
  // A login page may come with status 200.
  const asksForLogin = read.failure.kind === 'not-locust';
  return failed({ ...read.failure, ...(asksForLogin && { asksForLogin }) }, sizeBytes);
}

function failed(failure: Failure, sizeBytes?: number): Extract<Outcome, { ok: false }> {
  return { ok: false, failure, ...(sizeBytes !== undefined && { sizeBytes }) };
}
