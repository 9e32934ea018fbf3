import { X509Certificate } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import {
  headerName,
  loginFieldName,
  loginUrl,
  maxHeaders,
  maxLoginFields,
  maxTagLength,
  projectName,
  sampleSecondsChoices,
  settingsFields,
  tagKey,
  targetUrl,
} from '../../targets/target.ts';
import { project, tagRules, tags, wellFormed } from '../http/body-text.ts';
import { onlyFields } from '../http/only-fields.ts';
import { baseline, baselinePatch, criteria } from './criteria-body.ts';

/** The project of targets that name none. */
const defaultProject = 'default';
const maxSecretLength = 2048;

const { enabled, maxEndpoints, maxErrors } = settingsFields.shape;

const distinctStates = settingsFields.shape.states
  .unwrap()
  .refine((all) => new Set(all).size === all.length, { error: 'each state once at most' })
  .openapi({ uniqueItems: true });
const host = settingsFields.shape.host.unwrap().clone().openapi({
  description: 'The system under test. By default what Locust says when a run begins.',
  example: 'https://shop.example.com',
});
const states = distinctStates.default(['spawning', 'running']);

// The document's generator takes the first of several literals only.
const seconds = { type: 'integer' as const, enum: [...sampleSecondsChoices] };
const sampleSeconds = settingsFields.shape.sampleSeconds.clone().openapi({ ...seconds, default: 10 });
const headerRules = {
  maxProperties: maxHeaders,
  propertyNames: { maxLength: 128, pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$" },
};

const username = wellFormed(
  z
    .string()
    .min(1)
    .max(256)
    .regex(/^[ -9;-~\u00a0-\uffff]*$/, 'a user name has no colon and no control characters'),
);
const password = wellFormed(
  z
    .string()
    .max(maxSecretLength)
    .regex(/^[ -~\u00a0-\uffff]*$/, 'a password has no control characters'),
);
const token = z
  .string()
  .min(1)
  .max(maxSecretLength)
  .regex(/^[\x21-\x7e]*$/, 'a token is of printable ASCII characters without spaces');
const headerValue = z
  .string()
  .max(maxSecretLength)
  .regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'a header value has no line breaks and no characters beyond Latin-1');

const certificates = z
  .string()
  .max(32_768)
  .superRefine((text, context) => {
    const problem = certificateProblem(text);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  });

function certificateProblem(text: string): string | undefined {
  if (text.includes('PRIVATE KEY')) return 'a private key does not belong here; give the certificate alone';
  try {
    new X509Certificate(text);
    return undefined;
  } catch {
    return 'not a certificate in PEM';
  }
}

/** What of the rules for a URL a JSON schema can say. */
const urlRules = { format: 'uri', pattern: String.raw`^[Hh][Tt][Tt][Pp][Ss]?://[^?#@]+$` };

const formUrl = loginUrl.clone().openapi({
  ...urlRules,
  pattern: String.raw`^[Hh][Tt][Tt][Pp][Ss]?://[^#@]+$`,
  description: "Of the page with the login form, or of what the form is sent to; at the target's own origin.",
  example: 'http://locust.example.org:8089/login',
});
const maxFields = { maxProperties: maxLoginFields, propertyNames: { minLength: 1, maxLength: maxTagLength } };
const fieldCount = (all: object): boolean => Object.keys(all).length <= maxLoginFields;
const tooManyFields = { error: `at most ${maxLoginFields} fields` };
const loginFields = z
  .record(loginFieldName, password)
  .refine(fieldCount, tooManyFields)
  .refine((all) => Object.keys(all).length > 0, {
    error: 'at least one field, such as {"username": "ann", "password": "secret"}',
  })
  .openapi({ ...maxFields, minProperties: 1, description: "Values by the names of the form's inputs; never shown." });

const auth = z.discriminatedUnion(
  'type',
  [
    onlyFields({ type: z.literal('basic'), username, password }),
    onlyFields({ type: z.literal('bearer'), token }),
    onlyFields({ type: z.literal('form'), url: formUrl, fields: loginFields }),
  ],
  {
    error: ({ code }: z.core.$ZodRawIssue) =>
      code === 'invalid_union' ? 'allowed are "basic", "bearer", "form"' : undefined,
  },
);

const headers = z
  .record(headerName, headerValue)
  .refine((all) => Object.keys(all).length <= maxHeaders, { error: `at most ${maxHeaders} headers` })
  .refine((all) => new Set(Object.keys(all).map((name) => name.toLowerCase())).size === Object.keys(all).length, {
    error: 'the same header twice, in upper and lower case',
  });

const expiresAt = z.iso
  .datetime({ offset: true, error: 'an instant in ISO 8601 with a time zone, like 2026-11-22T14:05:00Z' })
  .transform((text) => new Date(text).toISOString())
  .refine((text) => /^\d{4}-/.test(text), { error: 'an instant in the years 0000 to 9999, in UTC' });

/** Why a field is refused that is about asking. */
export const notOfReports = 'a target that sends its own reports cannot have this field';

/** Where there is nothing to ask, nothing is said of how; where there is, it has to be said where. */
function checkSource(
  body: { readonly source: string } & Readonly<Partial<Record<'url' | 'auth' | 'tls', unknown>>> & {
      readonly headers: object;
    },
  context: z.RefinementCtx,
): void {
  const problem = (field: string, message: string): void => {
    context.addIssue({ code: 'custom', path: [field], message });
  };
  if (body.source === 'fetch') {
    if (body.url === undefined)
      problem(
        'url',
        'is missing: a text in quotes is needed, such as "http://host:8089"; a target without one needs source "report"',
      );
    return;
  }
  for (const field of ['url', 'auth', 'tls'] as const) if (body[field] !== undefined) problem(field, notOfReports);
  if (Object.keys(body.headers).length > 0) problem('headers', notOfReports);
}

const source = settingsFields.shape.source.clone().openapi({
  description:
    '`fetch`: the collector asks `url` for reports; `report`: the test sends them, and there is no `url`, `auth`, `headers` and `tls`.',
});

const reports = { properties: { source: { type: 'string' as const, enum: ['report'] } } };

/** What a person decides about a target, secrets included: the body of PUT and POST. */
export const targetBody = onlyFields({
  source,
  url: targetUrl
    .clone()
    .openapi({ ...urlRules, example: 'http://locust.example.org:8089' })
    .optional(),
  project: project.default(defaultProject),
  enabled,
  sampleSeconds,
  states,
  tags,
  host: host.optional(),
  auth: auth.optional(),
  tls: onlyFields({ ca: certificates.optional(), verify: z.boolean().optional() }).optional(),
  headers: headers.default({}).openapi(headerRules),
  maxEndpoints,
  maxErrors,
  criteria: criteria.default([]),
  baseline: baseline.optional(),
  expiresAt: expiresAt.optional(),
})
  .superRefine(checkSource)
  .openapi('TargetBody', { anyOf: [{ required: ['url'] }, { required: ['source'], ...reports }] });

export type TargetBody = z.output<typeof targetBody>;

const nullable = { auth: z.string().nullable().optional() };

/** A JSON merge patch for such a body: the outcome of the merge has to fit `targetBody` as a whole. */
export const targetPatch = onlyFields({
  source: source.unwrap().nullable().optional(),
  url: targetUrl.clone().openapi(urlRules).nullable().optional(),
  project: projectName.nullable().optional(),
  enabled: enabled.unwrap().nullable().optional(),
  sampleSeconds: sampleSeconds
    .unwrap()
    .nullable()
    .optional()
    .openapi({ ...seconds, type: ['integer', 'null'] }),
  states: distinctStates.nullable().optional(),
  tags: z.record(tagKey, z.string().min(1).max(maxTagLength).nullable()).nullable().optional().openapi(tagRules),
  host: host.nullable().optional(),
  auth: onlyFields({
    type: z.enum(['basic', 'bearer', 'form']).optional(),
    username: nullable.auth,
    password: nullable.auth,
    token: nullable.auth,
    url: z.string().nullable().optional(),
    fields: z.record(z.string(), z.string().nullable()).nullable().optional(),
  })
    .nullable()
    .optional(),
  tls: onlyFields({ ca: certificates.nullable().optional(), verify: z.boolean().nullable().optional() })
    .nullable()
    .optional(),
  headers: z.record(headerName, headerValue.nullable()).nullable().optional().openapi(headerRules),
  maxEndpoints: maxEndpoints.unwrap().nullable().optional(),
  maxErrors: maxErrors.unwrap().nullable().optional(),
  criteria: criteria.nullable().optional(),
  baseline: baselinePatch,
  expiresAt: expiresAt.nullable().optional(),
}).openapi('TargetPatch');

export type TargetPatch = z.output<typeof targetPatch>;
