import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { runner } from '../support/rigs/typescript-program.ts';
import type { Answer, Calls, Question } from './programs/answer-calls.ts';

/** A program in a process of its own. */
export interface Program<C extends Calls<C>> {
  /** Rejects with what the call threw, or when the process is no more. */
  call<Name extends keyof C & string>(name: Name, input: Parameters<C[Name]>[0]): Promise<Awaited<ReturnType<C[Name]>>>;
  /** Ends the process and waits until it has ended. */
  stop(): Promise<void>;
}

/** A program that is asked to end is killed after so long. */
const stopMs = 3_000;
const maxErrorText = 2_000;

/**
 * Starts a file without the bench's own options. Its output is thrown away; the end of its errors is shown when it ends by itself.
 * @param execArgv options for Node
 */
export function startProgram<C extends Calls<C>>(file: URL, execArgv: readonly string[] = []): Program<C> {
  const path = fileURLToPath(file);
  // A bundle runs as it is.
  const [module, args] = path.endsWith('.ts') ? [runner, [path]] : [path, []];
  const child = fork(module, args, {
    execArgv: [...execArgv],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const pending = pendingAnswers(child, file);
  let asked = 0;
  return {
    call<Name extends keyof C & string>(name: Name, input: Parameters<C[Name]>[0]) {
      const id = (asked += 1);
      return new Promise<Awaited<ReturnType<C[Name]>>>((resolve, reject) => {
        // What comes back is what the program's call of this name returned.
        pending.set(id, { resolve: resolve as (output: unknown) => void, reject });
        child.send({ id, name, input } satisfies Question, (error) => {
          if (error !== null) reject(error);
        });
      });
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      if (child.connected) child.disconnect();
      const timer = setTimeout(() => child.kill('SIGKILL'), stopMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

interface Waiting {
  readonly resolve: (output: unknown) => void;
  readonly reject: (error: Error) => void;
}

function pendingAnswers(child: ChildProcess, file: URL): Map<number, Waiting> {
  const pending = new Map<number, Waiting>();
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-maxErrorText);
  });
  child.on('message', (message) => {
    const answer = message as Answer;
    const waiting = pending.get(answer.id);
    pending.delete(answer.id);
    if ('error' in answer) waiting?.reject(new Error(answer.error));
    else waiting?.resolve(answer.output);
  });
  child.on('exit', (code, signal) => {
    const error = new Error(`${file.pathname} ended with ${signal ?? code ?? 'nothing'}: ${errors}`);
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  });
  return pending;
}
