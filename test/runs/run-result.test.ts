import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { packResult, unpackResult } from '../../lambda/runs/records/run-result.ts';
import type { RunResult } from '../../lambda/runs/records/run-result.ts';

/** A quarter of an item of DynamoDB. */
const roomBytes = 100_000;

/** Nothing that could be compressed. */
const noise = (): string => randomBytes(500).toString('hex');
const endpoint = (index: number) => ({
  method: 'GET',
  name: `${index} ${noise()}`,
  numRequests: index,
  percentiles: {},
});
const error = () => ({ method: 'GET', name: noise(), error: noise(), occurrences: 1 });

const result = (given: Partial<RunResult>): RunResult => ({
  ...{ countedMs: 60_000, truncated: false, endpoints: [], errors: [] },
  ...given,
});

test('final figures come back as they were', async () => {
  const given = result({ endpoints: [endpoint(1), endpoint(2)], errors: [error()] });
  expect(await unpackResult(await packResult(given))).toEqual(given);
});

test.each([
  ['errors', { errors: Array.from({ length: 500 }, error) }],
  ['endpoints', { endpoints: Array.from({ length: 1_200 }, (_, index) => endpoint(index)) }],
  ['both', { errors: Array.from({ length: 500 }, error), endpoints: [endpoint(7)] }],
])('however many %s there are, what is kept fits into a record, the largest endpoints first', async (_, given) => {
  const packed = await packResult(result(given));

  expect(packed.length).toBeLessThanOrEqual(roomBytes);
  const kept = await unpackResult(packed);
  expect(kept).toMatchObject({ countedMs: 60_000, truncated: true });
  const largest = Math.max(-1, ...('endpoints' in given ? given.endpoints : []).map(({ numRequests }) => numRequests));
  expect(Math.max(-1, ...(kept?.endpoints ?? []).map(({ numRequests = 0 }) => numRequests))).toBe(largest);
});

test('what is no result is none', async () => {
  expect(await unpackResult(Buffer.from('nothing'))).toBeUndefined();
});
