/** The users of the simulated test, and how they come: 50 within 20 s. */
const peakUsers = 50;
export const spawningMs = 20_000;

/** When, from the run's start on, two of the endpoints fail: the middle of a run of 110 s. */
const burst = { fromSecond: 50, toSecond: 65 };

/** One request of the simulated test. */
export interface DemoRequest {
  readonly method: string;
  readonly name: string;
  /** ms since the run's start. */
  readonly atMs: number;
  readonly responseTimeMs: number;
  /** Bytes. */
  readonly contentLength: number;
  /** The error as Locust would word it; undefined when the request succeeded. */
  readonly error: string | undefined;
}

interface DemoEndpoint {
  readonly method: string;
  readonly name: string;
  /** Mean response time of a lone user, ms. */
  readonly baseMs: number;
  /** Requests per second that one user would make if answers took no time. */
  readonly ratePerUser: number;
  /** Bytes. */
  readonly contentLength: number;
  /** What goes wrong in the burst, and the share of requests, 0 to 1, that it hits. */
  readonly failure?: { readonly error: string; readonly share: number };
}

const endpoints: readonly DemoEndpoint[] = [
  { method: 'GET', name: '/', baseMs: 25, ratePerUser: 0.25, contentLength: 14_200 },
  { method: 'POST', name: '/cart', baseMs: 60, ratePerUser: 0.1, contentLength: 310 },
  {
    method: 'POST',
    name: '/checkout',
    baseMs: 280,
    ratePerUser: 0.06,
    contentLength: 890,
    failure: { error: "HTTPError('503 Server Error: Service Unavailable for url: /checkout')", share: 0.6 },
  },
  { method: 'GET', name: '/product/[id]', baseMs: 45, ratePerUser: 0.35, contentLength: 22_800 },
  {
    method: 'GET',
    name: '/search',
    baseMs: 120,
    ratePerUser: 0.15,
    contentLength: 9_400,
    failure: { error: "ConnectionResetError(104, 'Connection reset by peer')", share: 0.4 },
  },
];

/** The users at an instant of the run, in ms since its start. */
export function usersAt(runMs: number): number {
  return Math.min(peakUsers, 1 + Math.floor((Math.max(0, runMs) / spawningMs) * peakUsers));
}

/** All requests of the simulated run that were made before `runMs`, the earliest first. Always the same ones. */
export function demoRequests(runMs: number): DemoRequest[] {
  return endpoints
    .flatMap((endpoint, index) => requestsOf(endpoint, index, runMs))
    .sort((first, second) => first.atMs - second.atMs);
}

function requestsOf(endpoint: DemoEndpoint, index: number, runMs: number): DemoRequest[] {
  const requests: DemoRequest[] = [];
  let due = 0;
  for (let second = 0; second * 1000 < runMs; second += 1) {
    const meanMs = meanResponseTimeMs(endpoint, second);
    const before = requests.length;
    due += (usersAt(second * 1000) * endpoint.ratePerUser) / (1 + meanMs / 1000);
    const count = Math.floor(due) - before;
    for (let nth = 0; nth < count; nth += 1) {
      const atMs = (second + (nth + (index + 1) / (endpoints.length + 1)) / count) * 1000;
      requests.push(requestOf(endpoint, { number: before + nth, phase: index, atMs, meanMs }));
    }
  }
  return requests.filter(({ atMs }) => atMs < runMs);
}

/** Answers slow down with the square of the load, waver a little, and are slow while things fail. */
function meanResponseTimeMs(endpoint: DemoEndpoint, second: number): number {
  const load = 1 + 1.5 * (usersAt(second * 1000) / peakUsers) ** 2;
  const trouble = isBurst(second) && endpoint.failure !== undefined ? 2.2 : 1;
  return endpoint.baseMs * load * trouble * (1 + 0.1 * Math.sin(second / 7));
}

interface Draw {
  /** Of the request among those of its endpoint, from 0. */
  readonly number: number;
  readonly phase: number;
  readonly atMs: number;
  readonly meanMs: number;
}

function requestOf(endpoint: DemoEndpoint, { number, phase, atMs, meanMs }: Draw): DemoRequest {
  const { method, name, failure } = endpoint;
  const fails =
    failure !== undefined && isBurst(Math.floor(atMs / 1000)) && spread(number, 0.7549, 0.3) < failure.share;
  // A long tail as real services have it: most answers below the mean, a few at three times the mean.
  const tail = -Math.log(1 - 0.995 * spread(number, 0.618_034, phase * 0.17));
  return {
    method,
    name,
    atMs,
    responseTimeMs: meanMs * (0.45 + 0.55 * tail),
    contentLength: fails ? 0 : endpoint.contentLength + Math.floor(200 * spread(number, 0.5698, 0)),
    error: fails ? failure.error : undefined,
  };
}

const isBurst = (second: number): boolean => second >= burst.fromSecond && second < burst.toSecond;

/** A number from 0 up to 1 for each request, evenly spread and always the same: chance would not be repeatable. */
const spread = (number: number, step: number, offset: number): number => (number * step + offset) % 1;
