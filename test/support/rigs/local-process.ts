import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { npmStart, project } from './typescript-program.ts';

/** Whole processes take long on a machine that is busy. */
export const waitingMs = 60_000;

/** `npm start` as a process of its own. */
export interface LocalProcess {
  readonly process: ChildProcess;
  /** All that it has printed. */
  readonly out: () => string;
  /** What time it is for it, ms. */
  readonly nowMs: () => number;
  /** Resolves with its exit code once all that it printed has come. */
  readonly exited: Promise<number | null>;
}

const settableTime = join(project, 'test/local/programs/settable-time.js');
const minuteMs = 60_000;

/** Starts it on a free port, with nothing in its environment but what is given. The caller ends it. */
export function startLocalProcess(start: {
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly options?: readonly string[];
  /** A minute begins with it, so that no test waits for the next one; and SIGUSR2 sets its time by TIME_IS_SET_BY_MS. */
  readonly hasOwnTime?: boolean;
}): LocalProcess {
  const { folder, env = {}, options = [], hasOwnTime = false } = start;
  const differsByMs = hasOwnTime ? minuteMs - (Date.now() % minuteMs) : 0;
  const time = hasOwnTime && { NODE_OPTIONS: `--import=${settableTime}`, TIME_DIFFERS_BY_MS: String(differsByMs) };
  // Without the signal a write beyond a limit fails as on a full disk.
  const ignoringLimits = ['-c', `trap '' XFSZ; exec "$0" "$@"`, process.execPath];
  const child = spawn('/bin/sh', [...ignoringLimits, ...npmStart, '--data', folder, '--port', '0', ...options], {
    cwd: project,
    env: { PATH: process.env['PATH'], IDLE_SECONDS: '2', ...time, ...env },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (text += data.toString()));
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { process: child, out: () => text, nowMs: () => Date.now() + differsByMs, exited };
}

/** Waits until it has printed a text. */
export const says = (run: LocalProcess, text: RegExp): Promise<void> =>
  vi.waitFor(
    () => {
      expect(run.out()).toMatch(text);
    },
    { timeout: waitingMs, interval: 50 },
  );

/** The system's limit for one file stands for a disk that is full, or has room again. */
export function limitFiles({ process: { pid } }: LocalProcess, bytes: 0 | 'unlimited'): void {
  execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`]);
}
