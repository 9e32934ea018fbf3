import type { Report, RowFigures } from './report.ts';

/**
 * A report without what Locust says of its last seconds: after a test it repeats the last rates and percentiles for
 * ever, as if they went on.
 */
export function withoutRates(report: Report): Report {
  return {
    ...report,
    total: withoutRowRates(report.total),
    endpoints: report.endpoints.map(withoutRowRates),
    currentPercentiles: [],
  };
}

/** One row of such a report. */
export function withoutRowRates<Row extends RowFigures>(row: Row): Row {
  return { ...row, currentRps: undefined, currentFailPerSec: undefined };
}

/** A report whose last seconds are over: nothing was asked for since, so that its rates are 0. */
export function withRatesOfNothing(report: Report): Report {
  return {
    ...report,
    total: withZeroRates(report.total),
    endpoints: report.endpoints.map(withZeroRates),
    currentPercentiles: [],
  };
}

/** What Locust did not say stays unknown. */
function withZeroRates<Row extends RowFigures>(row: Row): Row {
  const zero = (rate: number | undefined): number | undefined => (rate === undefined ? undefined : 0);
  return { ...row, currentRps: zero(row.currentRps), currentFailPerSec: zero(row.currentFailPerSec) };
}
