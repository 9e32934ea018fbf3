import { systemClock } from '../../lambda/runtime/clock.ts';
import { WrongTable } from './ensure-tables.ts';
import { FolderInUse } from './folder-lock.ts';
import { helpText, OptionError, parseOptions } from './options.ts';
import type { LocalOptions } from './options.ts';
import { startLocal } from './start-local.ts';
import { createStopping } from './stopping.ts';
import { createTerminalView } from './terminal.ts';
import { createTerminalObserver } from './terminal-observer.ts';

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2), process.env);
  if (options.help) print(helpText.trimEnd());
  else await collect(options);
}

async function collect(options: LocalOptions): Promise<void> {
  const view = createTerminalView({ isTTY: process.stdout.isTTY, env: process.env });
  const observer = createTerminalObserver({ view, clock: systemClock, print });
  // Before anything starts: whoever stops it at once, stops it in good order too.
  const stopped = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // Once: a second Ctrl-C ends the process at once.
    process.once(signal, () => {
      print('Stopping …');
      stopped.abort();
    });
  }
  const local = await startLocal({ options, clock: systemClock, observer, stopping: createStopping() });
  print(view.banner(local.banner));
  await local.run(stopped.signal);
}

/** Errors that a person can mend show without a stack trace. */
const plainErrors = [OptionError, FolderInUse, WrongTable];

try {
  await main();
} catch (error) {
  const isPlain = plainErrors.some((kind) => error instanceof kind);
  const { message, stack = message } = error instanceof Error ? error : new Error(String(error));
  process.stderr.write(`${isPlain ? message : stack}\n`);
  process.exitCode = 1;
}
