import { startLocustServer } from './locust-server.ts';
import type { Answering } from './locust-server.ts';

/** What a scripted Locust answers with: a state and its counters, or something else altogether. */
export interface Saying {
  readonly state: string;
  readonly users?: number;
  readonly requests?: number;
  readonly failures?: number;
  /** Names of its endpoints. */
  readonly endpoints?: readonly string[];
}

/** A real little HTTP server that says what a test tells it to. */
export interface ScriptedLocust {
  readonly url: string;
  say(saying: Saying | Answering): void;
  /** How often it was asked. */
  readonly asked: number;
  close(): Promise<void>;
}

export async function startScriptedLocust(first: Saying = { state: 'ready' }): Promise<ScriptedLocust> {
  let current: Saying | Answering = first;
  const server = await startLocustServer((request, response, index) => {
    if (typeof current === 'function') {
      current(request, response, index);
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(bodyOf(current));
  });
  return {
    url: server.url,
    say(saying) {
      current = saying;
    },
    get asked() {
      return server.requests.length;
    },
    close: () => server.close(),
  };
}

/** An answer in today's shape. */
export function bodyOf({ state, users = 5, requests = 0, failures = 0, endpoints = ['/'] }: Saying): string {
  const figures = {
    num_requests: requests,
    num_failures: failures,
    avg_response_time: 12.5,
    min_response_time: 1,
    max_response_time: 90,
    median_response_time: 10,
    avg_content_length: 100,
    current_rps: 4.2,
    current_fail_per_sec: 0,
    'response_time_percentile_0.95': 30,
  };
  return JSON.stringify({
    stats: [
      ...endpoints.map((name) => ({ method: 'GET', name, ...figures })),
      { method: '', name: 'Aggregated', ...figures },
    ],
    errors: failures > 0 ? [{ method: 'GET', name: '/', error: 'boom', occurrences: failures }] : [],
    state,
    user_count: users,
    fail_ratio: requests === 0 ? 0 : failures / requests,
    current_response_time_percentiles: { 'response_time_percentile_0.5': 9, 'response_time_percentile_0.95': 31 },
  });
}
