/** One entry of Locust's history, as a test wants it. */
export interface GivenEntry {
  readonly atMs: number;
  readonly users?: number;
  readonly rps?: number;
}

/** Locust's page as 2.47 writes it, with a history. @param given further arguments */
export function historyPage(entries: readonly GivenEntry[], given: object = {}): string {
  const history = entries.map(({ atMs, users = 4, rps = 20 }) => {
    const time = new Date(atMs).toISOString().replace(/\.\d+Z$/, 'Z');
    return {
      current_fail_per_sec: [time, 0],
      current_rps: [time, rps],
      'response_time_percentile_0.5': [time, 12],
      'response_time_percentile_0.95': [time, 30],
      time,
      total_avg_response_time: [time, 12.5],
      user_count: [time, users],
    };
  });
  const text = JSON.stringify({ history, host: 'http://shop', version: '2.47.0', ...given });
  return `<script>window.templateArgs = ${text}\n</script>`;
}
