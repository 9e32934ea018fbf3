import type { Lines } from '../influx/lines.ts';
import { sampleLines } from '../influx/points/sample-lines.ts';
import type { FetchedReport } from '../locust/fetch/fetch-report.ts';
import type { Report } from '../locust/report/report.ts';
import { hasUntimedRequests, withoutAssumedSums } from '../locust/report/untimed-requests.ts';
import { withoutRates } from '../locust/report/without-rates.ts';
import type { Run } from '../runs/run.ts';
import type { Target } from '../targets/target.ts';
import { seriesOf } from './event-lines.ts';

/**
 * A Locust that registered itself may report of an instant at which the collector could not read it. Two points, for in
 * one the failure's fields would stand beside the report's.
 */
const apartFromReportsMs = 1;

/** What one scrape says, under a run. @param sample.isFinal it has the run's last figures: written in any state */
export function linesUnder(scrape: {
  readonly target: Target;
  readonly run: Run;
  readonly fetched: FetchedReport;
  readonly atMs: number;
  readonly isFinal: boolean;
}): Lines {
  const { target, run, fetched, atMs, isFinal } = scrape;
  const isClosing = isFinal && fetched.ok;
  const states = isClosing ? [fetched.report.state] : target.states;
  return sampleLines({
    fetched: fetched.ok ? { ...fetched, report: reportToStore(fetched.report, run, isClosing) } : fetched,
    series: seriesOf(target, run),
    instantMs: fetched.ok || target.owner !== 'reporter' ? atMs : atMs + apartFromReportsMs,
    states,
    maxEndpoints: target.maxEndpoints,
    maxErrors: target.maxErrors,
  });
}

/** What of a report is known for certain, and still goes on. */
function reportToStore(report: Report, run: Run, isClosing: boolean): Report {
  const isSumUnknown = run.hasUntimedRequests === true || hasUntimedRequests(report);
  const known = isSumUnknown ? withoutAssumedSums(report) : report;
  return isClosing ? withoutRates(known) : known;
}
