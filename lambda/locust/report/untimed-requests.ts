import type { Report, RowFigures } from './report.ts';

type Rows = Pick<Report, 'total' | 'endpoints'>;

/** Of sums of floating-point numbers. */
const relativeError = 1e-6;
/** Releases that round a mean do so to whole milliseconds, the total's as well as an endpoint's. */
const roundingMs = 1;

/**
 * Whether some requests have no response time, as clients of queues fire them: Locust's mean is that of the others, and
 * how many those are only a Locust says that sends its sums. Of an answer of the web UI it is known only where the means
 * of total and endpoints do not fit together; false means that nothing shows it.
 */
export function hasUntimedRequests({ total, endpoints }: Rows): boolean {
  const { numRequests: requests, avgResponseTime: mean, responseTimeSum: sum } = total;
  if (requests === undefined || requests === 0 || mean === undefined || mean === 0) return false;
  if (sum !== undefined) return requests - sum / mean > 0.5;
  let [counted, fromEndpoints] = [0, 0];
  let areWhole = Number.isInteger(mean);
  for (const { numRequests, avgResponseTime } of endpoints) {
    if (numRequests === undefined || avgResponseTime === undefined) return false;
    counted += numRequests;
    fromEndpoints += numRequests * avgResponseTime;
    areWhole &&= Number.isInteger(avgResponseTime);
  }
  // Some rows are missing.
  if (counted !== requests) return false;
  const fromTotal = mean * requests;
  const tolerated = areWhole ? roundingMs * requests : relativeError * Math.max(fromTotal, fromEndpoints);
  return Math.abs(fromTotal - fromEndpoints) > tolerated;
}

/** Not a number is left out of points, and of sums. */
const unknown = NaN;

/** A report whose sums of response times are those that Locust sent: none is made of mean and requests. */
export function withoutAssumedSums(report: Report): Report {
  return { ...report, total: withoutAssumedSum(report.total), endpoints: report.endpoints.map(withoutAssumedSum) };
}

function withoutAssumedSum<Row extends RowFigures>(row: Row): Row {
  return { ...row, responseTimeSum: row.responseTimeSum ?? unknown };
}
