/** What a program can be asked, by name. Inputs and outputs are structured clones. */
export type Calls<C> = { readonly [Name in keyof C]: (input: never) => unknown };

export interface Question {
  readonly id: number;
  readonly name: string;
  readonly input: unknown;
}

export type Answer =
  { readonly id: number; readonly output: unknown } | { readonly id: number; readonly error: string };

/** Answers the bench that started this process, until it ends or lets go; then this process ends too. */
export function answerCalls<C extends Calls<C>>(calls: C): void {
  process.on('message', (message) => {
    void answerTo(calls, message as Question).then((answer) => process.send?.(answer));
  });
  process.once('disconnect', () => process.exit());
}

async function answerTo<C extends Calls<C>>(calls: C, { id, name, input }: Question): Promise<Answer> {
  try {
    return { id, output: await calls[name as keyof C](input as never) };
  } catch (error) {
    return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
