import { describe, expect, onTestFinished, test } from 'vitest';
import { createBodyBudget } from '../../../lambda/locust/fetch/body-budget.ts';
import type { BodyBudget, BodyShare } from '../../../lambda/locust/fetch/body-budget.ts';
import { systemClock } from '../../../lambda/runtime/clock.ts';
import { createLocustClient } from '../../../lambda/locust/fetch/fetch-report.ts';
import type { FetchedReport, LocustClient } from '../../../lambda/locust/fetch/fetch-report.ts';
import { withResolvers } from '../../../lambda/runtime/with-resolvers.ts';
import { parseReport } from '../../../lambda/locust/report/report.ts';
import { failureOf } from '../../support/locust/locust-client.ts';
import { startRawServer } from '../../support/locust/raw-server.ts';
import { bodyOf } from '../../support/locust/scripted-locust.ts';

const mib = 1024 * 1024;
const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';
/** A report padded to a size. */
const padded = (bytes: number): string => bodyOf({ state: 'running' }).padEnd(bytes);

function client(maxBytesAtOnce: number): LocustClient {
  const created = createLocustClient({
    clock: systemClock,
    addressPolicy: { allowPrivate: false, allowLoopback: true },
    maxBytesAtOnce,
  });
  onTestFinished(() => {
    created.close();
  });
  return created;
}

/** A server that sends all of a body but its end, and the end when it is asked to. */
async function holding(bytes: number): Promise<{ url: string; finish: () => void; sent: Promise<void> }> {
  const sent = withResolvers<undefined>();
  let finish = (): void => undefined;
  const body = padded(bytes);
  const server = await startRawServer((socket) => {
    socket.write(`${head}content-length: ${bytes}\r\nconnection: close\r\n\r\n`);
    socket.write(body.slice(0, -1), () => {
      sent.resolve(undefined);
    });
    finish = () => socket.write(body.slice(-1));
  });
  onTestFinished(() => server.close());
  return {
    url: `http://127.0.0.1:${server.port}`,
    finish: () => {
      finish();
    },
    sent: sent.promise,
  };
}

test('a small answer is read while large ones hold all the memory there is', async () => {
  const reading = client(4 * mib);
  const large = await Promise.all([1, 2, 3].map(() => holding(3 * mib)));
  const waiting = large.map(({ url }) => reading.fetchReport({ url, timeoutMs: 1_000 }));
  await Promise.race(large.map(({ sent }) => sent).concat(Promise.all(waiting).then(() => undefined)));

  const small = await holding(mib / 2);
  const fetching = reading.fetchReport({ url: small.url, timeoutMs: 600_000 });
  await small.sent;
  small.finish();
  expect(await fetching).toMatchObject({ ok: true });

  for (const failure of (await Promise.all(waiting))
    .filter(({ ok }) => !ok)
    .map((each: FetchedReport) => failureOf(each))) {
    expect(['too-large', 'timeout']).toContain(failure.kind);
  }
});

describe('a budget for all bodies', () => {
  function body(budget: BodyBudget): BodyShare & { readonly calls: string[] } {
    const calls: string[] = [];
    const note = (what: string) => () => {
      calls.push(what);
    };
    return { calls, ...budget.open({ pause: note('pause'), resume: note('resume'), giveWay: note('give way') }) };
  }

  test('of more than there is room for, the largest gives way, and its room is free again', () => {
    const budget = createBodyBudget(10 * mib);
    const [small, large, other] = [body(budget), body(budget), body(budget)];
    small.grow(mib);
    large.grow(6 * mib);
    other.grow(4 * mib);
    expect([small.calls, large.calls.at(-1)]).toEqual([[], 'give way']);
    small.grow(4 * mib);
    other.grow(mib / 2);
    expect([small.calls, other.calls].flat()).not.toContain('give way');
  });

  test('a large body waits once half of the room is used, and goes on when it is free again', () => {
    const budget = createBodyBudget(10 * mib);
    const [first, second] = [body(budget), body(budget)];
    first.grow(4 * mib);
    expect(first.calls).toEqual([]);
    second.grow(1.5 * mib);
    expect(second.calls).toEqual(['pause']);
    first.release();
    first.release();
    expect(second.calls).toEqual(['pause', 'resume']);
  });

  test('a small body never waits', () => {
    const budget = createBodyBudget(10 * mib);
    body(budget).grow(9 * mib);
    const small = body(budget);
    small.grow(mib);
    expect(small.calls).toEqual([]);
  });
});

test.each([
  ['objects', '{},', true],
  ['lists', '[],', true],
  ['numbers', '1,', true],
  ['a text full of commas', `"${',[{'.repeat(200_000)}",`, false],
  ['a text full of quotes', `"${'\\",'.repeat(200_000)}",`, false],
  ['a text that ends in a backslash', `"${'\\\\'.repeat(200_000)}","${','.repeat(200_000)}",`, false],
])('%s: whether they are more values than an answer has', (_what, piece, expected) => {
  const pieces = expected ? piece.repeat(150_000) : piece;
  const parsed = parseReport(`[${pieces}0]`);
  expect(!parsed.ok && parsed.reason === 'too-many-values').toBe(expected);
});
