import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A running program. It is killed by the kernel when the test process dies, however that dies. */
export interface PartProcess {
  readonly pid: number;
  /** What it printed, the last 100 kB. */
  output(): string;
  hasEnded(): boolean;
  /** SIGTERM, SIGKILL 30 s later. Resolves when it has ended, at once when it had. */
  stop(): Promise<void>;
  /** SIGKILL. Resolves when it has ended. */
  kill(): Promise<void>;
}

const maxOutput = 100_000;
/** Long enough for Locust to stop its users, and for a collector to end its window, on a busy machine. */
const patienceMs = 30_000;

/** Starts a program with its output kept. `before` is what has to stand before the program, such as `unshare`. */
export function startProcess(input: {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly before?: readonly string[];
  /** The whole environment; default: this process's. */
  readonly env?: Readonly<Record<string, string>>;
}): PartProcess {
  // setpriv stands last of all: a new user namespace would clear the signal again.
  const words = [...(input.before ?? []), 'setpriv', '--pdeathsig', 'KILL', '--', input.program, ...input.args];
  const [command = '', ...args] = words;
  const child = spawn(command, args, {
    cwd: input.cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(input.env && { env: input.env }),
  });
  let output = '';
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-maxOutput);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  let ended = false;
  const end = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      output += error.message;
      ended = true;
      resolve();
    });
    child.on('exit', () => {
      ended = true;
      resolve();
    });
  });
  const signal = async (name: NodeJS.Signals) => {
    if (!ended) child.kill(name);
    await end;
  };
  return {
    pid: child.pid ?? 0,
    output: () => output,
    hasEnded: () => ended,
    kill: () => signal('SIGKILL'),
    async stop() {
      const impatience = setTimeout(() => child.kill('SIGKILL'), patienceMs);
      await signal('SIGTERM').finally(() => {
        clearTimeout(impatience);
      });
    },
  };
}

/** Below those that Linux gives to connections (from 32,768 on), and above those that services have for their own. */
const ports = { from: 20_000, before: 32_768 };
const handedOut = new Set<number>();

/**
 * A free TCP port of loopback. It is no one's whom the kernel picks a port for, so that it is still free when a part
 * that starts slowly takes it, or takes it again after a pause; nor is it given twice.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(ports.from, ports.before);
    if (handedOut.has(port)) continue;
    handedOut.add(port);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}

/**
 * Waits until `isReady` says true; what it throws counts as no.
 * @throws Error with the process's output when it ends before, or when `withinMs` (default 3 min) have passed.
 */
export async function waitUntilReady(
  process: PartProcess,
  isReady: () => Promise<boolean>,
  withinMs = 180_000,
): Promise<void> {
  const latestAtMs = Date.now() + withinMs;
  while (!(await isReady().catch(() => false))) {
    const trouble = process.hasEnded() ? 'ended' : Date.now() > latestAtMs ? 'is not ready' : undefined;
    if (trouble !== undefined) {
      await process.kill();
      throw new Error(`The part ${trouble}:\n${process.output()}`);
    }
    await sleep(50);
  }
}

/** True when a GET of `url` is answered with a 2xx status within 2 s. */
export async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  await response.body?.cancel();
  return response.ok;
}
