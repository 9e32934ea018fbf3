import type { EndpointRow, Report } from '../../locust/report/report.ts';
import { firstOfEach, largest, otherName, type EndpointNaming } from './endpoints.ts';
import type { Point } from './point.ts';
import { differenceFields, summedRowFields } from './row-fields.ts';

/** What one point says besides its series and its instant. */
export type PointContent = Pick<Point, 'tags' | 'fields'>;

interface NamedEndpoint {
  readonly row: EndpointRow;
  readonly stored: ReturnType<EndpointNaming>;
}

/**
 * The endpoints under their stored names; of two rows for the same endpoint the first counts. Named before they are cut
 * down: the order by size changes from sample to sample, a name must not.
 */
export function nameEndpoints(rows: readonly EndpointRow[], naming: EndpointNaming): readonly NamedEndpoint[] {
  const named = rows.map((row) => ({ row, stored: naming(row.method, row.name) }));
  return firstOfEach(named, ({ stored }) => stored);
}

/**
 * One point for each of the `max` largest endpoints. The sum over all of them is the total: what is not a point of its
 * own, because Locust sends 500 rows at most, a row could not be stored, or because of `max`, is in `(other)`.
 */
export function endpointPoints(
  { total, lacksEndpoints }: Pick<Report, 'total' | 'lacksEndpoints'>,
  endpoints: readonly NamedEndpoint[],
  { max, fieldsOf }: { readonly max: number; readonly fieldsOf: (row: EndpointRow) => string },
): PointContent[] {
  const { kept, rest } = largest(endpoints, max, ({ row }) => row.numRequests ?? 0);
  const points = kept.map(({ row, stored }): PointContent => ({
    tags: [
      ['method', stored.method],
      ['name', stored.name],
    ],
    fields: fieldsOf(row),
  }));
  const rows = (of: readonly NamedEndpoint[]): EndpointRow[] => of.map(({ row }) => row);
  // A list that is whole adds up by itself, and to what its own rows say.
  const missing = lacksEndpoints ? differenceFields(total, rows(kept)) : '';
  const fields = missing === '' && rest.length > 0 ? summedRowFields(rows(rest)) : missing;
  return fields === '' ? points : [...points, { tags: [['name', otherName]], fields }];
}
