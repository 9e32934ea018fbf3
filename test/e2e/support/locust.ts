import { locustfile, locustProgram } from './parts.ts';
import { freePort, startProcess, waitUntilReady, type PartProcess } from './part-process.ts';

/** An answer of a Locust's web UI. */
export interface LocustAnswer {
  readonly status: number;
  readonly body: string;
}

/** For one answer of a Locust whose machine has other things to do. */
const patienceMs = 60_000;

/** A real Locust with its web UI; no test runs until `startTest`. */
export interface Locust {
  /** Base URL of the web UI, without a slash at its end. */
  readonly url: string;
  readonly version: string;
  /** `GET /stats/requests`, as it came. */
  report(): Promise<LocustAnswer>;
  /** Requests and failures in the total row of its CSV, which is the last. */
  csvCounts(): Promise<readonly [requests: number, failures: number]>;
  /** Starts a test, or changes the running one. `spawnRate` is in users per second. */
  startTest(load: { readonly users: number; readonly spawnRate: number }): Promise<void>;
  stopTest(): Promise<void>;
  /** What the web UI's button "Reset" does. */
  resetStats(): Promise<void>;
  /** Kills one worker as if its machine had died. `index` counts from 0. */
  killWorker(index: number): Promise<void>;
  /** Kills all at once, as if the machine had died. */
  kill(): Promise<void>;
  /** Ends all of it in good order. May be called again. */
  stop(): Promise<void>;
}

export interface LocustInput {
  /** One of `locustVersions()`. */
  readonly version: string;
  /** What its users ask: a target app's URL. */
  readonly hostUrl: string;
  /** 0, the default, is one process without workers. Otherwise a master that has this many. */
  readonly workers?: number;
  /** Port of the web UI; default: a free one. */
  readonly port?: number;
  /** What has to stand before its program, such as `nsenter`. */
  readonly before?: readonly string[];
  /** Path of the locustfile; default: that of every Locust. */
  readonly locustfile?: string;
  /** Further options of the (master) process, such as `--reset-stats`. */
  readonly args?: readonly string[];
}

/**
 * Starts a Locust on loopback and waits until its web UI answers and all its workers are there.
 * @throws Error with Locust's output when it does not come up within 3 min.
 */
export async function startLocust(input: LocustInput): Promise<Locust> {
  const workers = input.workers ?? 0;
  const port = input.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const processes = await startProcesses(input, port, workers);
  const [main] = processes;
  const kill = async () => {
    await Promise.all(processes.map((process) => process.kill()));
  };
  try {
    await waitUntilReady(main, () => isComplete(url, workers));
  } catch (error) {
    await kill();
    throw error;
  }
  return {
    url,
    version: input.version,
    report: () => ask(`${url}/stats/requests`),
    csvCounts: async () => countsOf((await ask(`${url}/stats/requests/csv`)).body),
    startTest: ({ users, spawnRate }) => command(url, '/swarm', startForm(input.version, users, spawnRate)),
    stopTest: () => command(url, '/stop'),
    resetStats: () => command(url, '/stats/reset'),
    async killWorker(index) {
      await processes[index + 1]?.kill();
    },
    kill,
    async stop() {
      await Promise.all(processes.map((process) => process.stop()));
    },
  };
}

/** The first is the one with the web UI, the rest are its workers. */
async function startProcesses(
  input: LocustInput,
  port: number,
  workers: number,
): Promise<[PartProcess, ...PartProcess[]]> {
  const program = locustProgram(input.version);
  const common = ['-f', input.locustfile ?? locustfile, '--host', input.hostUrl];
  const web = [...common, '--web-host', '127.0.0.1', '--web-port', String(port), ...(input.args ?? [])];
  const before = input.before ?? [];
  if (workers === 0) return [startProcess({ program, args: web, before })];
  const masterPort = String(await freePort());
  const master = ['--master', '--master-bind-host', '127.0.0.1', '--master-bind-port', masterPort];
  const worker = [isBeforeOne(input.version) ? '--slave' : '--worker', '--master-host', '127.0.0.1'];
  return [
    startProcess({ program, args: [...web, ...master], before }),
    ...Array.from({ length: workers }, () =>
      startProcess({ program, args: [...common, ...worker, '--master-port', masterPort], before }),
    ),
  ];
}

function isBeforeOne(version: string): boolean {
  return version.startsWith('0.');
}

function startForm(version: string, users: number, spawnRate: number): URLSearchParams {
  const [userKey, rateKey] = isBeforeOne(version) ? ['locust_count', 'hatch_rate'] : ['user_count', 'spawn_rate'];
  return new URLSearchParams({ [userKey]: String(users), [rateKey]: String(spawnRate) });
}

async function isComplete(url: string, workers: number): Promise<boolean> {
  const { status, body } = await ask(`${url}/stats/requests`);
  if (status !== 200) return false;
  const report = JSON.parse(body) as { readonly workers?: readonly unknown[]; readonly slaves?: readonly unknown[] };
  return (report.workers ?? report.slaves ?? []).length === workers;
}

function countsOf(csv: string): readonly [requests: number, failures: number] {
  const [, requests, failures] = /Aggregated"?,"?(\d+)"?,"?(\d+)/.exec(csv.trim().split('\n').at(-1) ?? '') ?? [];
  return [Number(requests), Number(failures)];
}

async function ask(url: string, init: RequestInit = {}): Promise<LocustAnswer> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(patienceMs) });
  return { status: response.status, body: await response.text() };
}

/**
 * Older releases take `/stop` and `/stats/reset` as GET only, newer ones as POST only; `/swarm` was always a POST. Releases
 * about 2.20 answer a wrong method with 500, and say 405 in the text.
 */
async function command(url: string, path: string, form = new URLSearchParams()): Promise<void> {
  let answer = await ask(url + path, { method: 'POST', body: form });
  if (answer.status === 405 || answer.body.startsWith('405 ')) answer = await ask(url + path);
  if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.body}`);
}
