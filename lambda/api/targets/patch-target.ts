import type { Target } from '../../targets/target.ts';
import type { TargetSecrets } from '../../runtime/secrets.ts';
import { findSecretsOf } from '../../runtime/target-secrets.ts';
import type { ApiPorts } from '../api-ports.ts';
import type { Commit } from './commit-target.ts';
import { mergePatch } from '../http/merge-patch.ts';
import { invalidRequest, ProblemError } from '../http/problem.ts';
import type { FieldProblem } from '../http/problem.ts';
import { splitSecrets } from './split-secrets.ts';
import { notOfReports, targetBody } from './target-body.ts';
import type { TargetPatch } from './target-body.ts';

/**
 * A target as a merge patch leaves it. Secrets stay as they are unless the patch has `auth` or `headers`, which are
 * merged as well; an `auth` of another type replaces the whole. Where the URL moves to another origin no secret goes
 * along by itself: otherwise anybody who may change a URL could have the secrets sent to a server of their own.
 * @throws ProblemError 422
 */
export async function applyPatch(
  ports: ApiPorts,
  target: Target,
  given: TargetPatch,
): Promise<Pick<Commit, 'settings' | 'secrets'>> {
  const patch = withOldNames(given, target);
  const moves =
    typeof patch.url === 'string' &&
    target.url !== undefined &&
    new URL(patch.url).origin !== new URL(target.url).origin;
  if (moves) requireNewSecrets(target, patch);
  const keepsSecrets = patch.auth === undefined && patch.headers === undefined;
  const secrets = keepsSecrets || moves ? {} : ((await findSecretsOf(ports.secrets, target)) ?? {});
  const merged = mergePatch(bodyOf(target, secrets, keepsSecrets, patch), patch);
  const parsed = targetBody.safeParse(merged);
  if (!parsed.success) throw invalidRequest(parsed.error, 'body');
  if (keepsSecrets && parsed.data.source === 'report') requireNoSecrets(target);
  const split = splitSecrets(parsed.data);
  if (!keepsSecrets) return split;
  return { settings: { ...split.settings, auth: target.auth, headers: target.headers }, secrets: 'keep' };
}

/** A header's name is the same in upper and lower case: one that is given again, or as null, means the one that is stored. */
function withOldNames(patch: TargetPatch, { headers: stored }: Target): TargetPatch {
  if (patch.headers === undefined || patch.headers === null) return patch;
  const given = new Map(Object.entries(patch.headers));
  const meant = new Set([...given.keys()].map((name) => name.toLowerCase()));
  for (const name of stored) if (!given.has(name) && meant.has(name.toLowerCase())) given.set(name, null);
  return { ...patch, headers: Object.fromEntries(given) };
}

/** The target as a body. Secrets that could not be had leave holes, which the schema then names. */
function bodyOf(target: Target, secrets: TargetSecrets, keepsSecrets: boolean, patch: TargetPatch): object {
  const { source, url, project, enabled, sampleSeconds, states, tags, host, tls, expiresAt } = target;
  const { maxEndpoints, maxErrors, criteria, baseline } = target;
  const rest = { source, project, enabled, sampleSeconds, states, tags, maxEndpoints, maxErrors, criteria };
  const optional = {
    ...(url !== undefined && { url }),
    ...(host !== undefined && { host }),
    ...(tls !== undefined && { tls }),
    ...(baseline !== undefined && { baseline }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
  if (keepsSecrets) return { ...rest, ...optional };
  const isAnotherType = patch.auth?.type !== undefined && patch.auth.type !== target.auth?.type;
  const headers = Object.fromEntries(target.headers.map((name) => [name, secrets.headers?.[name]]));
  const auth = target.auth === undefined || isAnotherType ? {} : { auth: { ...shownOf(target.auth), ...secrets.auth } };
  return { ...rest, ...optional, ...auth, headers };
}

/** What is on show of credentials and belongs in a body; the names of a form's fields are there without their values. */
function shownOf(auth: NonNullable<Target['auth']>): object {
  return auth.type === 'form' ? { type: auth.type, url: auth.url } : auth;
}

/** A target that reports by itself is asked for nothing, so there is nothing to prove. */
function requireNoSecrets({ auth, headers }: Target): void {
  const message = `${notOfReports}; remove it with null`;
  const fields: FieldProblem[] = [
    ...(auth === undefined ? [] : [{ field: 'auth', in: 'body' as const, message }]),
    ...headers.map((name) => ({ field: `headers.${name}`, in: 'body' as const, message })),
  ];
  if (fields.length === 0) return;
  const names = fields.map(({ field }) => field).join(', ');
  throw new ProblemError('invalid-request', `${names}: ${message}`, { fields });
}

function requireNewSecrets(target: Target, patch: TargetPatch): void {
  const message = 'the URL moves to another host: enter this again, or remove it with null';
  const fields: FieldProblem[] = [];
  if (target.auth !== undefined && patch.auth === undefined) fields.push({ field: 'auth', in: 'body', message });
  const given = patch.headers;
  for (const name of given === null ? [] : target.headers) {
    if (given?.[name] === undefined) fields.push({ field: `headers.${name}`, in: 'body', message });
  }
  if (fields.length === 0) return;
  const names = fields.map(({ field }) => field).join(', ');
  throw new ProblemError('invalid-request', `${names}: ${message}`, { fields });
}
