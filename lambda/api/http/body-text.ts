import { z } from '@hono/zod-openapi';
import { reservedTagKeys } from '../../influx/points/reserved-tag-keys.ts';
import { maxTagLength, maxTags, projectName, tagKey } from '../../targets/target.ts';

// What is refused here is what line protocol's normal form, or UTF-8 itself, would make another text of: who asks
// InfluxDB for what they registered shall find it. Items that are stored already are judged less strictly.

const halves = 'half of a surrogate pair is no character';
const lineSeparators = /[\p{Zl}\p{Zp}]/u;
const invisible = /^[\p{Z}\p{Cf}\p{Default_Ignorable_Code_Point}]+$/u;

/** A string without halves of surrogate pairs, which neither UTF-8 nor a Locust could be given. */
export function wellFormed(text: z.ZodString): z.ZodString {
  return text.refine((value) => value.isWellFormed(), { error: halves });
}

/** A string that can be seen, and not mistaken for another one. */
export function visible(text: z.ZodString): z.ZodString {
  return text.superRefine((value, context) => {
    const message = problemOf(value);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
}

function problemOf(text: string): string | undefined {
  if (!text.isWellFormed()) return halves;
  if (invisible.test(text)) return 'at least one character that can be seen is needed';
  return lineSeparators.test(text) ? 'line separators (U+2028, U+2029) are not allowed' : undefined;
}

/** The project of a body. */
export const project = visible(projectName);

const tagValue = visible(
  z
    .string()
    .min(1)
    .max(maxTagLength)
    .regex(/^[ -~\u00a0-\uffff]*$/, 'a tag has no control characters'),
);

// The document's generator leaves out the rules for keys.
export const tagRules = {
  maxProperties: maxTags,
  propertyNames: {
    maxLength: maxTagLength,
    pattern: String.raw`^(?!_)[ -[\]-~\u00a0-\uffff]+$`,
    not: { enum: [...reservedTagKeys] },
  },
};

/** The tags of a body. */
export const tags = z
  .record(visible(tagKey), tagValue)
  .refine((all) => Object.keys(all).length <= maxTags, { error: `at most ${maxTags} tags` })
  .default({})
  .openapi(tagRules);
