import { readFileSync } from 'node:fs';
import type { LookupFunction } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import type { Failure } from '../../../lambda/locust/failure.ts';
import {
  createLocustClient,
  type FetchedReport,
  type LocustClient,
} from '../../../lambda/locust/fetch/fetch-report.ts';
import type { Clock } from '../../../lambda/runtime/clock.ts';
import { patientClock } from '../time/patient-clock.ts';

/** A recorded answer of a running Locust 2.31.0, as bytes. */
export const recordedReport = readFileSync(
  new URL('../../fixtures/locust-reports/2.31.0-local.running.json', import.meta.url),
);

/**
 * A client that may read from loopback, closed when the test is over. With a `deadline` the test ends the waiting;
 * without one nothing does, unless it is given a clock of its own.
 */
export function testClient(
  options: {
    deadline?: AbortController;
    clock?: Clock;
    lookup?: LookupFunction;
    maxKeptSockets?: number;
    maxBytesAtOnce?: number;
  } = {},
): LocustClient {
  const { deadline, clock = patientClock, ...others } = options;
  const client = createLocustClient({
    clock: deadline === undefined ? clock : { ...clock, deadline: () => deadline.signal },
    addressPolicy: { allowPrivate: false, allowLoopback: true },
    ...others,
  });
  onTestFinished(() => {
    client.close();
  });
  return client;
}

/** Resolves the first lookup to the first address, the second to the second, and so on; the last one stays. */
export function lookupAnswering(...addresses: [string, ...string[]]): LookupFunction {
  return (_name, _options, callback) => {
    const [address] = addresses;
    if (addresses.length > 1) addresses.shift();
    process.nextTick(callback, null, [{ address, family: 4 }]);
  };
}

/** The failure of a reading that must have failed. */
export function failureOf(fetched: FetchedReport): Failure {
  if (fetched.ok) throw new Error('The reading succeeded.');
  return fetched.failure;
}

/** Matches a text that holds these words. */
export function saying(words: string): string {
  return expect.stringContaining(words) as string;
}
