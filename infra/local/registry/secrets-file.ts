import { join } from 'node:path';
import * as z from 'zod';
import { parseSecrets } from '../../../lambda/runtime/target-secrets.ts';
import type { SecretsKey, TargetSecretsStore } from '../../../lambda/runtime/target-secrets.ts';
import { wholeFiles } from '../store/open-data-folder.ts';
import { readOwnerOnly, writeOwnerOnly } from '../store/owner-only-file.ts';

/** Secrets as JSON by `<target>/<ref>`. */
const contents = z.record(z.string(), z.string());

/**
 * The secrets of targets in `<folder>/secrets.json`, readable by its owner only. One process at a time may use it, which
 * the lock of the folder sees to; its own calls take turns.
 */
export function createSecretsFile({ folder }: { readonly folder: string }): TargetSecretsStore {
  const path = join(folder, wholeFiles.secrets);
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(action: () => Promise<Result>): Promise<Result> => {
    const done = last.then(action);
    last = done.catch(() => undefined);
    return done;
  };
  const nameOf = ({ target, ref }: SecretsKey): string => `${target}/${ref}`;
  return {
    read: (key) =>
      inTurn(async () => {
        const text = (await load(path)).get(nameOf(key));
        return text === undefined ? undefined : parseSecrets(text);
      }),
    create: (key, secrets) =>
      inTurn(async () => {
        const all = await load(path);
        await save(path, all.set(nameOf(key), JSON.stringify(secrets)));
      }),
    remove: (key) =>
      inTurn(async () => {
        const all = await load(path);
        if (all.delete(nameOf(key))) await save(path, all);
      }),
  };
}

async function load(path: string): Promise<Map<string, string>> {
  const text = await readOwnerOnly(path);
  if (text === undefined) return new Map();
  try {
    return new Map(Object.entries(contents.parse(JSON.parse(text))));
  } catch {
    // The parser's own message repeats the text.
    throw new Error(`${path} is damaged; remove it and enter the targets' credentials again`);
  }
}

async function save(path: string, all: ReadonlyMap<string, string>): Promise<void> {
  await writeOwnerOnly(path, `${JSON.stringify(Object.fromEntries(all), undefined, 2)}\n`);
}
