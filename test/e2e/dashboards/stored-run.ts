/** What is to be stored of a run: every sample is like the one before. */
export interface StoredRun {
  readonly target: string;
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly sampleMs: number;
  /** Mean and 95th percentile of each endpoint by its name, ms. */
  readonly endpoints?: Readonly<Record<string, number>>;
  /** 95th percentile of the last ten seconds of each sample, ms. */
  readonly currentP95Ms?: number;
  readonly verdict?: string;
  readonly workers?: readonly string[];
  /** CPU of a worker at a sample, in percent. */
  readonly cpu?: (atMs: number) => number;
}

export const project = 'web';

/** The tiles of the dashboard Run that show something while the run is on, and then alone. */
export const ofNow: readonly string[] = ['Users', 'Requests/s', 'p95'];
/** What is empty for a run that is over, of a target without criteria. */
export const notOfEveryRun: readonly string[] = [...ofNow, 'Verdict'];

/** A run's name: its start in UTC. */
export const nameOf = (startedAtMs: number): string =>
  new Date(startedAtMs).toISOString().replaceAll(/[-:]|\.\d+/g, '');

/** The lines that a run leaves behind, from its start to its stop. */
export function linesOfRun(stored: StoredRun): string {
  const { target, startedAtMs, durationMs, sampleMs } = stored;
  const run = nameOf(startedAtMs);
  const tags = `project=${project},target=${target},run=${run}`;
  const event = (name: string, text: string, atMs: number): string =>
    `locust_event,${tags},event=${name} text="run ${run} ${text}" ${atMs}`;
  const { verdict } = stored;
  const requests = (durationMs / 1000) * 5;
  const own =
    `outcome="finished",${verdict === undefined ? '' : `verdict="${verdict}",`}started_at=${startedAtMs}i,` +
    `ended_at=${startedAtMs + durationMs + sampleMs}i,duration_seconds=${(durationMs + sampleMs) / 1000},peak_users=3i,` +
    `num_requests=${requests}i,fail_ratio=0.2,rps=5,avg_response_time=20,response_time_percentile_95=20`;
  const instants = Array.from({ length: durationMs / sampleMs }, (_, index) => startedAtMs + (index + 1) * sampleMs);
  return [
    event('start', 'started', startedAtMs),
    ...instants.flatMap((atMs) => linesOfSample(stored, tags, atMs)),
    event('stop', 'finished', startedAtMs + durationMs + sampleMs),
    `locust_run,${tags} ${own} ${startedAtMs}`,
  ].join('\n');
}

function linesOfSample(stored: StoredRun, tags: string, atMs: number): readonly string[] {
  const { startedAtMs, endpoints = { '/': 20 }, workers = [], cpu = () => 10, currentP95Ms = 19 } = stored;
  const seconds = (atMs - startedAtMs) / 1000;
  const figures = (meanMs: number): string =>
    `num_requests=${seconds * 5}i,num_failures=${seconds}i,response_time_sum=${seconds * 5 * meanMs},fail_ratio=0.2,` +
    `current_rps=5,current_fail_per_sec=1,avg_response_time=${meanMs},response_time_percentile_95=${meanMs}`;
  const ofRun =
    `user_count=3i,worker_count=${workers.length}i,seconds_since_start=${seconds},started_at=${startedAtMs}i,` +
    `current_response_time_percentile_50=9,current_response_time_percentile_95=${currentP95Ms}`;
  return [
    `locust_scrape,${tags} up=true,duration=3,size=100i,state="running" ${atMs}`,
    `locust_total,${tags} ${figures(20)},${ofRun} ${atMs}`,
    ...Object.entries(endpoints).map(
      ([name, meanMs]) => `locust_endpoint,${tags},method=GET,name=${name} ${figures(meanMs)} ${atMs}`,
    ),
    `locust_error,${tags},method=GET,name=/,error=no occurrences=${seconds}i,message="no" ${atMs}`,
    ...workers.map(
      (worker) => `locust_worker,${tags},worker=${worker} cpu_usage=${cpu(atMs)},memory_usage=1000000i ${atMs}`,
    ),
  ];
}
