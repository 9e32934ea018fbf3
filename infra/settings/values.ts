import * as z from 'zod';

type Read<Value> = (text: string) => Value | undefined;

/**
 * A setting that comes as JSON from cdk.json or as text from `-c`; an empty one counts as not given.
 * @param allowed what is said of a wrong one
 * @param textOf what a value from cdk.json is as text; undefined for one that is wrong
 */
export const setting = <Value>(
  allowed: string,
  read: Read<Value>,
  textOf: (given: unknown) => string | undefined = plainText,
): z.ZodType<Value | undefined> =>
  z.unknown().transform((given, context) => {
    const text = textOf(given);
    if (given === undefined || given === null || text === '') return undefined;
    const value = text === undefined ? undefined : read(text);
    if (value === undefined) context.addIssue({ code: 'custom', message: allowed });
    return value;
  });

const plainText = (given: unknown): string | undefined =>
  Array.isArray(given) ? given.join(',') : isPlain(given) ? String(given).trim() : undefined;

const isPlain = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

export const matching = (allowed: string, pattern: RegExp): z.ZodType<string | undefined> =>
  setting(allowed, (text) => (pattern.test(text) ? text : undefined));

export const wholeNumber = (min: number, max: number): z.ZodType<number | undefined> =>
  setting(`a whole number from ${min} to ${max}`, (text) => readWholeNumber(text, min, max));

export const oneOf = <Choice extends number>(choices: readonly Choice[]): z.ZodType<Choice | undefined> =>
  setting(`one of ${choices.join(', ')}`, (text) => choices.find((choice) => String(choice) === text));

export const yesOrNo = setting('true or false', (text) =>
  text === 'true' ? true : text === 'false' ? false : undefined,
);

/** Numbers from 1 to `max`, of `percent` to 100, each by one of some names: an object in JSON, `Name=1,Other=2` as text. */
export const numbersByName = <Name extends string>(
  names: readonly Name[],
  { max, percent, example }: { readonly max: number; readonly percent: readonly Name[]; readonly example: string },
): z.ZodType<Partial<Record<Name, number>> | undefined> => {
  const read: Read<Partial<Record<Name, number>>> = (text) => {
    const pairs = text.split(',').map((pair) => {
      const [given, number = '', ...more] = pair.split('=').map((word) => word.trim());
      const name = names.find((each) => each === given);
      const highest = name !== undefined && percent.includes(name) ? 100 : max;
      const value = more.length === 0 ? readWholeNumber(number, 1, highest) : undefined;
      return name === undefined || value === undefined ? undefined : ([name, value] as const);
    });
    const known = pairs.filter((pair) => pair !== undefined);
    const isEachOnce = new Set(known.map(([name]) => name)).size === pairs.length;
    return isEachOnce ? (Object.fromEntries(known) as Partial<Record<Name, number>>) : undefined;
  };
  const allowed = `whole numbers from 1 to ${max}, of ${percent.join(' and ')} to 100, each by one of the names ${names.join(', ')} once, such as ${example}`;
  return setting(allowed, read, pairsText);
};

function pairsText(given: unknown): string | undefined {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return plainText(given);
  return Object.entries(given)
    .map(([name, value]) => `${name}=${plainText(value) ?? 'wrong'}`)
    .join(',');
}

function readWholeNumber(text: string, min: number, max: number): number | undefined {
  return /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max ? Number(text) : undefined;
}
