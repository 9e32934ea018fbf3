import { ownLoopback } from '../net/own-loopback.ts';
import { startLocustServer } from './locust-server.ts';
import type { Answering } from './locust-server.ts';

/** What a scripted Locust answers with: a state and its counters, or something else altogether. */
export interface Saying {
  readonly state: string;
  readonly users?: number;
  readonly requests?: number;
  readonly failures?: number;
  /** For how long its counters have been counting; releases before 2.0 do not say. */
  readonly ageSeconds?: number;
  /** The shortest and the longest response time, ms. */
  readonly shortestMs?: number;
  readonly longestMs?: number;
  /** 95 percent of its requests took no longer, ms. */
  readonly p95?: number;
  /** Names of its endpoints. */
  readonly endpoints?: readonly string[];
  /** What a report that is sent says of what was asked for. */
  readonly setup?: object;
  /** Its own page; without one it answers 404. */
  readonly page?: string;
}

/** A real little HTTP server that says what a test tells it to. */
export interface ScriptedLocust {
  readonly url: string;
  say(saying: Saying | Answering): void;
  /** How often it was asked for its statistics. */
  readonly asked: number;
  /** How often it was asked for its page. */
  readonly pagesAsked: number;
  /** Nothing listens there from now on. */
  vanish(): Promise<void>;
  /** It listens there again. */
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

export async function startScriptedLocust(first: Saying = { state: 'ready' }): Promise<ScriptedLocust> {
  let current: Saying | Answering = first;
  let pagesAsked = 0;
  const server = await startLocustServer(
    (request, response, index) => {
      if (request.url?.endsWith('/stats/requests') !== true) {
        pagesAsked += 1;
        const page = typeof current === 'function' ? undefined : current.page;
        response.writeHead(page === undefined ? 404 : 200, { 'content-type': 'text/html' }).end(page);
        return;
      }
      if (typeof current === 'function') {
        current(request, response, index - pagesAsked);
        return;
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end(bodyOf(current));
    },
    undefined,
    ownLoopback(),
  );
  return {
    url: server.url,
    say(saying) {
      current = saying;
    },
    get asked() {
      return server.requests.length - pagesAsked;
    },
    get pagesAsked() {
      return pagesAsked;
    },
    vanish: () => server.vanish(),
    comeBack: () => server.comeBack(),
    close: () => server.close(),
  };
}

/** An answer in today's shape. */
export function bodyOf({
  state,
  users = 5,
  requests = 0,
  failures = 0,
  endpoints = ['/'],
  ageSeconds,
  shortestMs = 1,
  longestMs = 90,
  p95 = 30,
  setup,
}: Saying): string {
  const figures = {
    num_requests: requests,
    num_failures: failures,
    avg_response_time: 12.5,
    min_response_time: shortestMs,
    max_response_time: longestMs,
    median_response_time: 10,
    avg_content_length: 100,
    current_rps: 4.2,
    current_fail_per_sec: 0,
    'response_time_percentile_0.95': p95,
    ...(ageSeconds !== undefined && { total_rps: requests / ageSeconds }),
  };
  return JSON.stringify({
    stats: [
      ...endpoints.map((name) => ({ method: 'GET', name, ...figures })),
      { method: '', name: 'Aggregated', ...figures },
    ],
    errors: failures > 0 ? [{ method: 'GET', name: '/', error: 'boom', occurrences: failures }] : [],
    state,
    setup,
    user_count: users,
    fail_ratio: requests === 0 ? 0 : failures / requests,
    current_response_time_percentiles: { 'response_time_percentile_0.5': 9, 'response_time_percentile_0.95': 31 },
  });
}
