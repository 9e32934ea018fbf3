import { readFileSync } from 'node:fs';

const recorded = new URL('../fixtures/locust-reports/2.47.0-local.running.json', import.meta.url);

interface RecordedRow {
  readonly num_requests: number;
  readonly avg_response_time: number;
}

interface RecordedReport {
  readonly stats: readonly RecordedRow[];
}

/** Makes the answers of a Locust with so many endpoints: a recorded row many times over, its figures moving as a test goes on. */
export function createManyEndpoints(endpoints: number): (elapsedSeconds: number) => string {
  const report = JSON.parse(readFileSync(recorded, 'utf8')) as RecordedReport;
  const [row, total] = [report.stats[0], report.stats.at(-1)];
  if (row === undefined || total === undefined) throw new Error(`${recorded.pathname} has no rows`);
  return (elapsedSeconds) =>
    JSON.stringify({
      ...report,
      stats: [
        ...Array.from({ length: endpoints }, (_, index) => ({
          ...moved(row, elapsedSeconds + index),
          name: `/shop/catalogue/${index}/[id]`,
        })),
        moved(total, elapsedSeconds * endpoints),
      ],
      user_count: 100 + Math.floor(elapsedSeconds / 10),
    });
}

function moved(row: RecordedRow, by: number): RecordedRow {
  return {
    ...row,
    num_requests: row.num_requests + 7 * by,
    // All the digits that a mean has.
    avg_response_time: row.avg_response_time + Math.abs(Math.sin(by)) * 100,
  };
}
