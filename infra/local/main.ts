import { readFile } from 'node:fs/promises';
import { systemClock } from '../../lambda/runtime/clock.ts';
import { WrongTable } from './registry/ensure-tables.ts';
import { FolderInUse } from './store/folder-lock.ts';
import { DataFolderProblem } from './store/data-folder-problem.ts';
import { helpText, informationAsked, OptionError } from './arguments.ts';
import { parseOptions } from './options.ts';
import type { LocalOptions } from './options.ts';
import { startLocal } from './start-local.ts';
import { createStopping } from './stopping.ts';
import { createTerminalView } from './terminal/terminal.ts';
import { createTerminalObserver } from './terminal/terminal-observer.ts';

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** A reader that has seen enough, such as `head`, closes the pipe; what else fails to print is only not seen. */
function whenOutputCloses(act: () => void): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'EPIPE') act();
    });
  }
}

async function main(): Promise<void> {
  whenOutputCloses(() => undefined);
  const argv = process.argv.slice(2);
  const information = informationAsked(argv);
  if (information === 'help') print(helpText.trimEnd());
  else if (information === 'version') print(`locust2influx ${await readVersion()}`);
  else await collect(parseOptions(argv, process.env));
}

async function readVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

async function collect(options: LocalOptions): Promise<void> {
  // All that is written is its owner's alone, also what the packages write.
  process.umask(0o077);
  const view = createTerminalView({ isTTY: process.stdout.isTTY, env: process.env });
  const observer = createTerminalObserver({ view, clock: systemClock, print });
  // Before anything starts: a stop in the first moment is a clean one, too.
  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // Once: a second Ctrl-C ends the process at once.
    process.once(signal, () => {
      print('Stopping …');
      stopped.abort();
    });
  }
  whenOutputCloses(() => {
    stopped.abort();
  });
  const local = await startLocal({
    ...{ options, clock: systemClock, observer, stopping: createStopping() },
    // Elsewhere it would lie in a log.
    showsToken: process.stdout.isTTY,
  });
  print(view.banner(local.banner));
  await local.run(stopped.signal);
}

/** Errors that a person can mend show without a stack trace. */
const plainErrors = [OptionError, FolderInUse, DataFolderProblem, WrongTable];

try {
  await main();
} catch (error) {
  const isPlain = plainErrors.some((kind) => error instanceof kind);
  const { message, stack = message } = error instanceof Error ? error : new Error(String(error));
  process.stderr.write(`${isPlain ? message : stack}\n`);
  process.exitCode = 1;
}
