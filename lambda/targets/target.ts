import * as z from 'zod';
import { reportLimits } from '../locust/report/limits.ts';
import { hostUnderTest } from '../locust/test-setup.ts';
import { formatCriterion, maxCriteria, maxCriterionLength, parseCriterion } from '../runs/criteria/criterion.ts';
import { reservedTagKeys } from '../influx/points/reserved-tag-keys.ts';

/** How often a running target can be sampled, in seconds: the divisors of a minute that Locust's 2 s cache allows. */
export const sampleSecondsChoices = [2, 5, 10, 15, 20, 30, 60] as const;

export const maxTags = 50;
export const maxTagLength = 256;
const maxUrlLength = 2048;

export const targetId = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{1,62})[a-z0-9]$/, 'an id has 3 to 64 characters: a to z, 0 to 9, and hyphens inside');

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

const noFragment = 'a fragment is not allowed';

function urlProblem(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null) return 'not a URL; it looks like http://host:8089';
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'begin with http:// or https://';
  if (url.username !== '' || url.password !== '') return 'credentials belong in auth, not in the URL';
  if (text.includes('?')) return 'a query is not allowed';
  if (text.includes('#')) return noFragment;
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

const host = z
  .string()
  .min(1)
  .max(maxTagLength)
  .refine((text) => hostUnderTest(text) === text, {
    error: 'the system under test, such as https://shop.example.com, without credentials, query and last slash',
  });

/** The most inputs of a login form. */
export const maxLoginFields = 20;
/** The name of a login form's input. */
export const loginFieldName = z
  .string()
  .min(1)
  .max(maxTagLength)
  .regex(/^[ -~\u00a0-\uffff]*$/, 'a name has no control characters');

/** A login form's address: as a target's, but a query is allowed. */
export const loginUrl = z
  .string()
  .max(maxUrlLength)
  .transform((text, context): string => {
    const query = text.indexOf('?');
    const problem =
      urlProblem(query < 0 ? text : text.slice(0, query)) ?? (text.includes('#') ? noFragment : undefined);
    const url = problem === undefined ? new URL(text).href : '';
    if (problem === undefined && url.length <= maxUrlLength) return url;
    context.addIssue({ code: 'custom', message: problem ?? `at most ${maxUrlLength} characters once percent-encoded` });
    return z.NEVER;
  });

/** How the collector proves itself to a Locust behind a login; passwords, tokens and entered values are kept elsewhere. */
const auth = z.discriminatedUnion('type', [
  z.object({ type: z.literal('basic'), username: z.string().min(1).max(256) }),
  z.object({ type: z.literal('bearer') }),
  /** `fields`: the names of what is entered. */
  z.object({ type: z.literal('form'), url: loginUrl, fields: z.array(loginFieldName).min(1).max(maxLoginFields) }),
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
  /** The last state that Locust reported. */
  state: z.string().optional(),
  checkedAt: instant,
  /** When `state` or `error` last changed. */
  since: instant,
  /** The id of the run under way. */
  run: z.string().optional(),
  /** Why the last attempt to read it failed, when it did, and when that was. */
  error: z.object({ kind: z.string(), message: z.string(), at: instant.optional() }).optional(),
  /** While attempts fail, what a reporter may know of them; see reporter-status.ts. */
  failing: z
    .object({
      /** The instant of the attempt that may be shown next, and of the one that was before. */
      next: instant,
      shown: instant.optional(),
      /** `checkedAt` as it last was without a failure. */
      readAt: instant.optional(),
    })
    .optional(),
  /** While a run of which no scrape is good any more goes on: since its last sample, and when it counts as ended. */
  noAnswer: z.object({ since: instant, endsAt: instant }).optional(),
  /** What of Locust's last answer could not be stored, when there is something: the most important of it. */
  notice: z.object({ kind: z.string(), message: z.string() }).optional(),
  /** Locust's counters while no test runs, with which the next answer is compared: others are those of a test that nobody saw. */
  atRest: z.object({ requests: z.number(), failures: z.number(), ageMs: z.number().optional() }).optional(),
  userCount: z.number().optional(),
  currentRps: z.number().optional(),
  failRatio: z.number().optional(),
  /** ms, over Locust's last ten seconds. */
  currentP95: z.number().optional(),
});

/** A criterion as a text, in one form whatever the given one. */
export const criterionText = z
  .string()
  .max(maxCriterionLength)
  .transform((text, context): string => {
    const parsed = parseCriterion(text);
    if (parsed.ok) return formatCriterion(parsed.criterion);
    context.addIssue({ code: 'custom', message: parsed.problem });
    return z.NEVER;
  });

/** How its reports come: the collector fetches them, or the target sends them by itself. */
const reportSource = z.enum(['fetch', 'report']);

export const settingsFields = z.object({
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
    .default(['spawning', 'running']),
  tags: tags.default({}),
  /** The system under test, where a person says so: it goes before what Locust says. */
  host: host.optional(),
  auth: auth.optional(),
  /** Names of extra request headers; their values are kept elsewhere. */
  headers: z.array(headerName).max(maxHeaders).default([]),
  tls: tls.optional(),
  maxEndpoints: z.int().min(1).max(5000).default(500),
  maxErrors: z.int().min(1).max(reportLimits.maxErrors).default(50),
  /** What is asked of a run's final figures, in the form of `formatCriterion`. */
  criteria: z.array(criterionText).max(maxCriteria).default([]),
  /** Which run the others are compared with: one, or the last with these tags that passed; undefined: the last that passed. */
  baseline: z.object({ run: z.string().optional(), tags: tags.optional() }).optional(),
  expiresAt: instant.optional(),
});

type Fields = z.output<typeof settingsFields>;

/** The same fields, with a URL where there is something to fetch from, and none where there is not. */
type BySource<All extends Fields> =
  | (Omit<All, 'source' | 'url'> & { readonly source: 'fetch'; readonly url: string })
  | (Omit<All, 'source' | 'url'> & { readonly source: 'report'; readonly url?: undefined });

function bySource<All extends Fields>({ source, url, ...fields }: All, context: z.RefinementCtx): BySource<All> {
  if (source === 'report') return { ...fields, source };
  if (url !== undefined) return { ...fields, source, url };
  context.addIssue({ code: 'custom', path: ['url'], message: 'a target that is fetched needs a URL' });
  return z.NEVER;
}

/** What a person decides about a target. */
export const targetSettings = settingsFields.transform(bySource);

/** The attributes of a target's item. */
export const storedFields = settingsFields.extend({
  createdAt: instant,
  updatedAt: instant,
  version: z.int().min(1),
  /** Whose token made it. */
  owner: z.enum(['admin', 'reporter']).default('admin'),
  /** Under which reference the store of secrets keeps what `auth` and `headers` leave out; undefined when there is none. */
  secretsRef: z.string().min(1).optional(),
  status: targetStatus.optional().catch(undefined),
});

/** A target as it stands in the table. An invalid status is ignored: collection writes the next one. */
export const storedTarget = storedFields.transform(bySource);

export type TargetSettings = z.output<typeof targetSettings>;
export type Target = z.output<typeof storedTarget>;
export type TargetStatus = z.output<typeof targetStatus>;

/** A target that the collector asks for its reports. */
export type FetchedTarget = Extract<Target, { readonly source: 'fetch' }>;

/** False for a target that sends its reports by itself. */
export function isFetched(target: Target): target is FetchedTarget {
  return target.source === 'fetch';
}

/** One line for each thing that is wrong: where, and what is allowed. Values are not shown: they may be secrets. */
export function problemsOf(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || 'item'}: ${messageOf(issue)}`).join('; ');
}

/** zod puts what is wrong with a record's key one level below. */
function messageOf(issue: z.core.$ZodIssue): string {
  return issue.code === 'invalid_key' ? issue.issues.map(({ message }) => message).join(', ') : issue.message;
}
