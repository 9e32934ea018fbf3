import { hasAssumedPercentiles, namePercentiles } from '../report/name-percentiles.ts';
import type { Report } from '../report/report.ts';
import type { PageReading } from './read-page.ts';

/** Names percentiles that come without names, by Locust's own page. */
export interface PercentileNaming {
  /**
   * A report with the names of its page, which is asked for once for each URL unless it was read before; the same report
   * where it has names, or where the page does not say. Never rejects.
   */
  name(report: Report, url: string, read: () => Promise<PageReading>): Promise<Report>;
  /** A page was read for another reason. */
  pageRead(url: string, reading: PageReading): void;
}

/** Remembers what it read: it is to live as long as one window. */
export function createPercentileNaming(): PercentileNaming {
  const readings = new Map<string, Promise<PageReading>>();
  return {
    async name(report, url, read) {
      if (!hasAssumedPercentiles(report)) return report;
      const reading = readings.get(url) ?? read();
      readings.set(url, reading);
      const outcome = await reading;
      if (!outcome.ok) {
        // It may answer the next time.
        readings.delete(url);
        return report;
      }
      const { percentiles } = outcome.page;
      return percentiles === undefined ? report : namePercentiles(report, percentiles);
    },
    pageRead(url, reading) {
      if (reading.ok) readings.set(url, Promise.resolve(reading));
    },
  };
}
