import { AsyncLocalStorage } from 'node:async_hooks';

/** Fails the work under way, from whatever callback of it this is asked. */
const underWay = new AsyncLocalStorage<(error: unknown) => void>();
let isListening = false;

/**
 * Does work that answers by a callback, and whose own callbacks may throw: that would end the process, for there is
 * nobody above them who could catch it.
 * @returns what it answers with; rejects with what it answers with or throws, at once or later. What it throws after its
 * answer is ignored
 */
export function catchThrows<Result>(
  start: (answered: (error: Error | null | undefined, result?: Result) => void) => void,
): Promise<Result | undefined> {
  listen();
  return new Promise((resolve, reject) => {
    underWay.run(reject, () => {
      start((error, result) => {
        if (error === null || error === undefined) resolve(result);
        else reject(error);
      });
    });
  });
}

/** The system calls this in the context of whoever threw. What is thrown elsewhere ends the process, as ever. */
function listen(): void {
  if (isListening) return;
  isListening = true;
  process.on('uncaughtException', (error) => {
    const fail = underWay.getStore();
    if (fail === undefined) throw error;
    fail(error);
  });
}
