import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { locustProgram } from '../parts.ts';
import { freePort } from '../part-process.ts';

const e2eFolder = join(import.meta.dirname, '../..');

/** The companion as it lies in the project; the API serves the same. */
export const companionFile = join(e2eFolder, '../../lambda/companion/locust2influx.py');

export interface CompanionLocustInput {
  /** One of `locustVersions()`. */
  readonly version: string;
  /** What its users ask: a target app's URL. */
  readonly hostUrl: string;
  /** The companion's settings and further variables. */
  readonly env: Readonly<Record<string, string>>;
  /** Options of the process that reports, such as `--headless`. */
  readonly args: readonly string[];
  /** 0, the default, is one process without workers. Otherwise a master that has this many. */
  readonly workers?: number;
  /** Path of the companion; default: `companionFile`. */
  readonly companion?: string;
  /** In test/e2e/; default: `companion_locustfile.py`. */
  readonly locustfile?: string;
}

/** A real Locust whose locustfile starts the companion. */
export interface CompanionLocust {
  /** What the process that reports has printed. */
  output(): string;
  workerOutput(): string;
  signal(name: NodeJS.Signals): void;
  readonly exited: Promise<{ readonly code: number | null; readonly atMs: number }>;
  /** Locust's own final CSV: a row for each endpoint and the last for the total, cells as written. */
  csv(): Promise<readonly Readonly<Record<string, string>>[]>;
  /** Kills what still runs and removes its files. */
  clear(): Promise<void>;
}

/** Starts a Locust with the companion, and a CSV; does not wait for anything. */
export async function startCompanionLocust(input: CompanionLocustInput): Promise<CompanionLocust> {
  const folder = await mkdtemp(join(tmpdir(), 'companion-'));
  await cp(input.companion ?? companionFile, join(folder, 'locust2influx.py'));
  const isOld = input.version.startsWith('0.');
  const masterPort = String(await freePort());
  const master = ['--master', '--master-bind-host', '127.0.0.1', '--master-bind-port', masterPort];
  const worker = [isOld ? '--slave' : '--worker', '--master-host', '127.0.0.1', '--master-port', masterPort];
  const workers = input.workers ?? 0;
  const expected = [isOld ? '--expect-slaves' : '--expect-workers', String(workers)];
  const prefix = join(folder, 'final');
  const start = (args: readonly string[]) => startProcess(input, folder, args);
  const main = start([...input.args, '--csv', prefix, ...(workers > 0 ? [...master, ...expected] : [])]);
  const others = Array.from({ length: workers }, () => start(worker));
  return {
    output: main.output,
    workerOutput: () => others.map(({ output }) => output()).join('\n'),
    signal(name) {
      main.child.kill(name);
    },
    exited: main.exited,
    csv: () => readCsv(input.version, `${prefix}_stats.csv`),
    async clear() {
      for (const { child } of [main, ...others]) child.kill('SIGKILL');
      await Promise.all([main, ...others].map(({ exited }) => exited));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Started {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly exited: Promise<{ readonly code: number | null; readonly atMs: number }>;
}

function startProcess(input: CompanionLocustInput, folder: string, args: readonly string[]): Started {
  const locustfile = join(e2eFolder, input.locustfile ?? 'companion_locustfile.py');
  const words = ['--pdeathsig', 'KILL', '--', locustProgram(input.version), '-f', locustfile, ...args];
  const child = spawn('setpriv', [...words, '--host', input.hostUrl], {
    cwd: folder,
    env: { PATH: process.env['PATH'], PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1', ...input.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (text += data.toString()));
  const exited = new Promise<{ code: number | null; atMs: number }>((resolve) => {
    child.once('close', (code) => {
      resolve({ code, atMs: Date.now() });
    });
  });
  return { child, output: () => text, exited };
}

const csvToJson = `
import csv, json, sys
with open(sys.argv[1], newline="", encoding="utf-8") as file:
    print(json.dumps(list(csv.DictReader(file))))
`;

async function readCsv(version: string, path: string): Promise<readonly Readonly<Record<string, string>>[]> {
  const python = join(dirname(locustProgram(version)), 'python');
  const { stdout } = await promisify(execFile)(python, ['-c', csvToJson, path], { maxBuffer: 16 * 1024 * 1024 });
  return JSON.parse(stdout) as readonly Readonly<Record<string, string>>[];
}
