import * as z from 'zod';

/** What kind of value is needed, by zod's name for it. */
const kinds: Readonly<Record<string, string>> = {
  string: 'a text in quotes is needed',
  number: 'a number is needed',
  int: 'a whole number is needed',
  boolean: 'true or false is needed',
  array: 'a list is needed',
  object: 'an object of key and value is needed',
  record: 'an object of key and value is needed',
};

/** How such a value looks, by the name of its field. */
const examples: Readonly<Record<string, string>> = {
  tags: '{"env": "test"}',
  headers: '{"x-key": "secret"}',
  auth: '{"type": "bearer", "token": "secret"}',
  tls: '{"verify": false}',
  states: '["running"]',
  url: '"http://host:8089"',
  expiresAt: '"2026-11-22T14:05:00Z"',
};

/**
 * What is wrong with a value, in the words of the sender rather than of the validator. Undefined where the schema
 * or zod itself says it well enough. Shows nothing of the value.
 */
function plainMessage(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type': {
      const field = String(issue.path?.at(-1) ?? '');
      const example = Object.hasOwn(examples, field) ? `, such as ${examples[field] ?? ''}` : '';
      const kind = `${kinds[issue.expected] ?? 'another kind of value is needed'}${example}`;
      return issue.input === undefined ? `is missing: ${kind}` : kind;
    }
    case 'invalid_value':
      return `allowed ${issue.values.length === 1 ? 'is' : 'are'} ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'too_small':
      return `at least ${amount(issue.minimum, issue.origin)}`;
    case 'too_big':
      return `at most ${amount(issue.maximum, issue.origin)}`;
    case 'custom':
    case 'invalid_element':
    case 'invalid_format':
    case 'invalid_key':
    case 'invalid_union':
    case 'not_multiple_of':
    case 'unrecognized_keys':
      return undefined;
  }
}

function amount(limit: number | bigint, origin: string): string {
  const unit = { string: 'character', array: 'entry' }[origin];
  if (unit === undefined) return String(limit);
  const units = unit === 'entry' ? 'entries' : 'characters';
  return `${limit} ${Number(limit) === 1 ? unit : units}`;
}

/** Has zod speak plainly from now on, wherever a schema has no words of its own: validators of routes take no other way. */
export function usePlainMessages(): void {
  z.config({ customError: plainMessage });
}
