import type { ErrorRow } from '../../locust/report/report.ts';
import { groupBy } from '../../runtime/group-by.ts';
import { largest, otherName, type EndpointNaming } from './endpoints.ts';
import { errorFingerprint } from './error-fingerprint.ts';
import { integerField, isCount, stringField, type Point, type Tag } from './point.ts';
import { sumCounts } from './row-fields.ts';

/** All rows of one endpoint that have the same fingerprint. */
interface ErrorKind {
  readonly tags: readonly Tag[];
  /** Undefined when no row says. */
  readonly occurrences: number | undefined;
  /** The text of the row with the most occurrences. */
  readonly message: string;
}

/**
 * The tags and fields of `locust_error`: one point per endpoint and fingerprint, the `max` with the most occurrences,
 * and one `(other)` with the sum of the rest.
 */
export function errorPoints(
  rows: readonly ErrorRow[],
  naming: EndpointNaming,
  max: number,
): Pick<Point, 'tags' | 'fields'>[] {
  const { kept, rest } = largest(errorKinds(rows, naming), max, ({ occurrences }) => occurrences ?? 0);
  const points = kept.map(({ tags, occurrences, message }) => ({
    tags,
    fields: integerField('occurrences', occurrences) + stringField('message', message),
  }));
  if (rest.length === 0) return points;
  // No endpoint is ever stored under this name (see `createEndpointNaming`), so no error has these tags.
  const tags: Tag[] = [
    ['name', otherName],
    ['error', otherName],
  ];
  const occurrences = sumCounts(rest.map((kind) => kind.occurrences));
  return [...points, { tags, fields: integerField('occurrences', occurrences) }];
}

function errorKinds(rows: readonly ErrorRow[], naming: EndpointNaming): ErrorKind[] {
  const rowsByKind = groupBy(rows, (row) => {
    const { method, name } = naming(row.method, row.name);
    // None of the three holds a line break.
    return `${method}\n${name}\n${errorFingerprint(row.error)}`;
  });
  return [...rowsByKind].map(([key, ofKind]) => {
    const [method = '', name = '', error = ''] = key.split('\n');
    const [main] = largest(ofKind, 1, ({ occurrences }) => (isCount(occurrences) ? occurrences : 0)).kept;
    return {
      tags: [
        ['method', method],
        ['name', name],
        ['error', error],
      ],
      occurrences: sumCounts(ofKind.map(({ occurrences }) => occurrences)),
      message: main?.error ?? '',
    };
  });
}
