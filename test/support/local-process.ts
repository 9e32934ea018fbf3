import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { expect, vi } from 'vitest';

const project = join(import.meta.dirname, '../..');
/** Whole processes take long on a machine that is busy. */
export const waitingMs = 60_000;

/** `npm start` as a process of its own. */
export interface LocalProcess {
  readonly process: ChildProcess;
  /** All that it has printed. */
  readonly out: () => string;
  /** Resolves with its exit code once all that it printed has come. */
  readonly exited: Promise<number | null>;
}

/** Starts it on a free port, with nothing in its environment but what is given. Whoever starts it ends it. */
export function startLocalProcess(start: {
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly options?: readonly string[];
}): LocalProcess {
  const { folder, env = {}, options = [] } = start;
  const child = spawn(process.execPath, ['infra/local/main.ts', '--data', folder, '--port', '0', ...options], {
    cwd: project,
    env: { PATH: process.env['PATH'], IDLE_SECONDS: '2', ...env },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (text += data.toString()));
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { process: child, out: () => text, exited };
}

/** Waits until it has printed a text. */
export const says = (run: LocalProcess, text: RegExp): Promise<void> =>
  vi.waitFor(
    () => {
      expect(run.out()).toMatch(text);
    },
    { timeout: waitingMs, interval: 50 },
  );
