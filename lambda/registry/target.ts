import * as z from 'zod';
import { reservedTagKeys } from '../influx/reserved-tag-keys.ts';

/** How often a running target can be sampled, in seconds: the divisors of a minute that Locust's 2 s cache allows. */
export const sampleSecondsChoices = [2, 5, 10, 15, 20, 30, 60] as const;

export const maxTags = 50;
export const maxTagLength = 256;
const maxUrlLength = 2048;

export const targetId = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{1,62})[a-z0-9]$/, 'an id is 3 to 64 lower-case letters, digits and hyphens inside');

export const projectName = z
  .string()
  .min(1)
  .max(maxTagLength)
  .regex(/^[ -~\u00a0-\uffff]*$/, 'a project has no control characters');

/** http or https, without credentials, query and fragment; a base path stays, its last slash goes. */
export const targetUrl = z
  .string()
  .max(maxUrlLength)
  .transform((text, context): string => {
    const problem = urlProblem(text);
    const url = problem === undefined ? normalUrl(new URL(text)) : '';
    if (problem === undefined && url.length <= maxUrlLength) return url;
    context.addIssue({ code: 'custom', message: problem ?? `at most ${maxUrlLength} characters once percent-encoded` });
    return z.NEVER;
  });

function urlProblem(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null) return 'not a URL; it looks like http://host:8089';
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'begin with http:// or https://';
  if (url.username !== '' || url.password !== '') return 'credentials belong in auth, not in the URL';
  if (text.includes('?')) return 'a query is not allowed';
  if (text.includes('#')) return 'a fragment is not allowed';
  return undefined;
}

function normalUrl(url: URL): string {
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

export const tagKey = z
  .string()
  .min(1)
  .max(maxTagLength)
  .regex(
    /^(?!_)[ -[\]-~\u00a0-\uffff]+$/,
    'a tag key starts with no underscore and holds no backslash or control character',
  )
  .refine((key) => !reservedTagKeys.has(key), {
    error: `these tag keys are taken: ${[...reservedTagKeys].join(', ')}`,
  });

const tags = z
  .record(tagKey, z.string().min(1).max(maxTagLength))
  .refine((all) => Object.keys(all).length <= maxTags, { error: `at most ${maxTags} tags` });

/** How the collector proves itself to a Locust behind a login; the password or token is kept elsewhere. */
const auth = z.discriminatedUnion('type', [
  z.object({ type: z.literal('basic'), username: z.string().min(1).max(256) }),
  z.object({ type: z.literal('bearer') }),
]);

const tls = z.object({
  /** A private CA, PEM. */
  ca: z.string().max(32_768).optional(),
  /** False accepts any certificate. */
  verify: z.boolean().optional(),
});

/** The name of an extra request header. */
export const headerName = z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/, 'not a header name');
export const maxHeaders = 20;

const instant = z.iso.datetime();

/** What only collection writes about a target. */
export const targetStatus = z.object({
  /** The last state that Locust told. */
  state: z.string().optional(),
  checkedAt: instant,
  /** When `state` or `error` last changed. */
  since: instant,
  /** The id of the run under way. */
  run: z.string().optional(),
  /** Why the last attempt failed, when it did. */
  error: z.object({ kind: z.string(), message: z.string() }).optional(),
  userCount: z.number().optional(),
  currentRps: z.number().optional(),
  failRatio: z.number().optional(),
  /** ms, over Locust's last ten seconds. */
  currentP95: z.number().optional(),
});

/** How its reports come: the collector fetches them, or the target sends them by itself. */
const reportSource = z.enum(['fetch', 'report']);

const settingsFields = z.object({
  id: targetId,
  project: projectName,
  source: reportSource.default('fetch'),
  /** Present where the collector fetches. */
  url: targetUrl.optional(),
  enabled: z.boolean().default(true),
  sampleSeconds: z.literal(sampleSecondsChoices).default(10),
  /** The states in which samples are written as points. */
  states: z
    .array(z.enum(['spawning', 'running']))
    .min(1)
    .default(['running']),
  tags: tags.default({}),
  auth: auth.optional(),
  /** Names of extra request headers; their values are kept elsewhere. */
  headers: z.array(headerName).max(maxHeaders).default([]),
  tls: tls.optional(),
  maxEndpoints: z.int().min(1).max(5000).default(500),
  expiresAt: instant.optional(),
});

/** Where there is nothing to fetch from, nothing can be fetched. */
function requireUrl({ source, url }: { source: string; url?: string | undefined }, context: z.RefinementCtx): void {
  if (source === 'report' || url !== undefined) return;
  context.addIssue({ code: 'custom', path: ['url'], message: 'a target that is fetched needs a URL' });
}

/** What a person decides about a target. */
export const targetSettings = settingsFields.superRefine(requireUrl);

const storedFields = settingsFields.extend({
  createdAt: instant,
  updatedAt: instant,
  version: z.int().min(1),
  /** Whose token made it. */
  owner: z.enum(['admin', 'reporter']).default('admin'),
  /** Under which reference the store of secrets keeps what `auth` and `headers` leave out; undefined when there is none. */
  secretsRef: z.string().min(1).optional(),
  status: targetStatus.optional().catch(undefined),
});

/** A target as it stands in the table. A status that does not fit is as good as none: collection writes it anew. */
export const storedTarget = storedFields.superRefine(requireUrl);

export type TargetSettings = z.output<typeof targetSettings>;
export type Target = z.output<typeof storedTarget>;
export type TargetStatus = z.output<typeof targetStatus>;

/** A target that the collector asks for its reports. */
export type FetchedTarget = Target & { readonly url: string };

/** False for a target that sends its reports by itself. */
export function isFetched(target: Target): target is FetchedTarget {
  return target.source === 'fetch' && target.url !== undefined;
}

/** One line for each thing that is wrong: where, and what is allowed. Values are not shown: they may be secrets. */
export function problemsOf(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || 'item'}: ${messageOf(issue)}`).join('; ');
}

/** What is wrong with a record's key stands one level below. */
function messageOf(issue: z.core.$ZodIssue): string {
  return issue.code === 'invalid_key' ? issue.issues.map(({ message }) => message).join(', ') : issue.message;
}
