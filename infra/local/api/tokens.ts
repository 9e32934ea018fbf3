import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod';
import { tokenProblem } from '../../../lambda/api/http/tokens.ts';
import { wholeFiles } from '../store/open-data-folder.ts';
import { readOwnerOnly, writeOwnerOnly } from '../store/owner-only-file.ts';

/** The tokens of the admin API on one machine. */
export interface LocalTokens {
  readonly admin: string;
  readonly reporter: string;
}

const kept = z.object({ admin: z.string().min(1), reporter: z.string().min(1) });

/**
 * The tokens that `ADMIN_TOKEN` and `REPORTER_TOKEN` set; those that are not set are made once and kept in
 * `<folder>/tokens.json`, readable by its owner only. An empty variable counts as not set.
 * @throws Error when a variable cannot stand in a header or is short, both are the same, or the file is damaged
 */
export async function loadTokens(
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<LocalTokens> {
  const [admin, reporter] = [given(env, 'ADMIN_TOKEN'), given(env, 'REPORTER_TOKEN')];
  const made =
    admin === undefined || reporter === undefined ? await loadOrMake(join(folder, wholeFiles.tokens)) : undefined;
  const tokens = { admin: admin ?? made?.admin ?? '', reporter: reporter ?? made?.reporter ?? '' };
  if (tokens.admin === tokens.reporter) throw new Error('ADMIN_TOKEN and REPORTER_TOKEN must differ.');
  return tokens;
}

function given(env: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  const token = env[name] ?? '';
  if (token === '') return undefined;
  const problem = tokenProblem(token);
  if (problem !== undefined) throw new Error(`${name} ${problem}.`);
  return token;
}

async function loadOrMake(path: string): Promise<LocalTokens> {
  const text = await readOwnerOnly(path);
  if (text !== undefined) {
    try {
      return kept.parse(JSON.parse(text));
    } catch {
      throw new Error(`${path} is damaged; remove it, and new tokens are made.`);
    }
  }
  const tokens = { admin: randomBytes(24).toString('base64url'), reporter: randomBytes(24).toString('base64url') };
  await writeOwnerOnly(path, `${JSON.stringify(tokens, undefined, 2)}\n`);
  return tokens;
}
