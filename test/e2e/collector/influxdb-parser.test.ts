import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toLine } from '../../../lambda/influx/points/line-protocol.ts';
import { reservedTagKeys } from '../../../lambda/influx/points/reserved-tag-keys.ts';
import { normalTag, normalText } from '../../../lambda/influx/points/normal-form.ts';
import {
  booleanField,
  floatField,
  integerField,
  stringField,
  type Measurement,
  type Point,
  type Tag,
} from '../../../lambda/influx/points/point.ts';
import { hardText as text } from '../support/hard-text.ts';
import { startInfluxd1 } from '../support/influx/influxd-1.ts';
import type { Influxd, StoredRow } from '../support/influx/influxd.ts';
import { describeWithParts } from '../support/parts.ts';

/** A target's own tag may well be called as a tag or a field of ours. */
const ownTagKey = fc.oneof(text, fc.constantFrom('state', 'num_requests', 'project', 'name', 'time', '_field'));
const number = fc.double({ noNaN: true, noDefaultInfinity: true });

/** What a field is, and how it is written. */
interface Field {
  readonly key: string;
  readonly value: string | number | boolean;
  readonly written: string;
}

/** A key has one type for ever, so each stands with its own writer. */
const field: fc.Arbitrary<Field> = fc.oneof(
  fc.maxSafeNat().map((value) => ({ key: 'count', value, written: integerField('count', value) })),
  number.map((value) => ({ key: 'p_99_9', value, written: floatField('p_99_9', value) })),
  text.map((value) => ({ key: 'state', value, written: stringField('state', value) })),
  text.map((value) => ({ key: 'message', value, written: stringField('message', value) })),
  fc.boolean().map((value) => ({ key: 'up', value, written: booleanField('up', value) })),
);
const series = fc.record({
  project: text,
  target: text,
  run: text,
  tags: fc.dictionary(ownTagKey, text, { maxKeys: 3 }),
});
const tags = fc.uniqueArray(fc.tuple(fc.constantFrom<Tag[0][]>('method', 'name', 'error', 'worker', 'event'), text), {
  selector: ([key]) => key,
});
/** A point whose fields can still be distinguished. */
type Sample = Omit<Point, 'fields'> & { readonly fields: readonly Field[] };

const sample: fc.Arbitrary<Sample> = fc.record({
  measurement: fc.constantFrom<Measurement[]>('locust_total', 'locust_endpoint', 'locust_error', 'locust_event'),
  series,
  tags,
  fields: fc.uniqueArray(field, { selector: ({ key }) => key, maxLength: 4 }),
  instantMs: fc.integer({ min: 1_795_000_000_000, max: 1_795_003_600_000 }),
});

describeWithParts("InfluxDB's own parser", () => {
  let influxd: Influxd;

  beforeAll(async () => {
    influxd = await startInfluxd1();
  });

  afterAll(async () => {
    await influxd.stop();
  });

  test('stores every point as one row with every tag and field in its normal form', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(sample, { minLength: 20, maxLength: 60 }), async (samples) => {
        await expectStored(influxd, samples);
      }),
      { numRuns: 100, endOnFailure: false },
    );
  });
});

async function expectStored(influxd: Influxd, samples: readonly Sample[]): Promise<void> {
  await influxd.clear();
  const lines = samples.map(lineOf).filter((line) => line !== undefined);
  const answer = await influxd.write(lines.join('\n'));
  expect(answer).toEqual({ status: 204, body: '' });
  const rows = await influxd.rows();
  expect(rows.every(({ tags: stored }) => Object.values(stored).every(({ length }) => length <= 256))).toBe(true);
  expect(sorted(rows)).toEqual(sorted(merged(samples.filter(({ fields }) => fields.length > 0).map(expectedRow))));
}

function lineOf(one: Sample): string | undefined {
  return toLine({ ...one, fields: one.fields.map(({ written }) => written).join('') });
}

function expectedRow({
  measurement,
  series: { project, target, run, tags: own },
  tags: further,
  fields,
  instantMs,
}: Sample): StoredRow {
  const ownTags = Object.keys(own)
    .toSorted()
    .toReversed() // of two keys with the same normal form the first counts
    .map((key) => [normalTag(key), own[key] ?? ''] as const)
    .filter(([key]) => key !== '' && !key.startsWith('_') && !reservedTagKeys.has(key));
  const allTags = Object.entries({
    ...Object.fromEntries(ownTags),
    project,
    target,
    run,
    ...Object.fromEntries(further),
  });
  return {
    measurement,
    atMs: instantMs,
    tags: withoutEmpty(Object.fromEntries(allTags.map(([key, value]) => [key, normalTag(value)]))),
    fields: Object.fromEntries(fields.map(({ key, value }) => [key, storedValue(value)])),
  };
}

/** InfluxDB has no negative zero. */
function storedValue(value: Field['value']): Field['value'] {
  if (typeof value === 'number') return value + 0;
  return typeof value === 'string' ? normalText(value) : value;
}

/** Points of the same series and instant are one row: the later one's fields win. */
function merged(rows: readonly StoredRow[]): readonly StoredRow[] {
  const byKey = new Map<string, StoredRow>();
  for (const row of rows) {
    const key = rowKey(row);
    byKey.set(key, { ...row, fields: { ...byKey.get(key)?.fields, ...row.fields } });
  }
  return [...byKey.values()];
}

function withoutEmpty(all: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
}

function rowKey({ measurement, atMs, tags: rowTags }: StoredRow): string {
  return JSON.stringify([measurement, atMs, Object.entries(rowTags).toSorted()]);
}

function sorted(rows: readonly StoredRow[]): readonly StoredRow[] {
  return rows.toSorted((one, other) => (rowKey(one) < rowKey(other) ? -1 : 1));
}
