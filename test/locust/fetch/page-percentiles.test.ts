import { expect, onTestFinished, test } from 'vitest';
import { testClient } from '../../support/locust/locust-client.ts';
import { startLocustServer } from '../../support/locust/locust-server.ts';
import type { LocustServer } from '../../support/locust/locust-server.ts';
import { answer } from '../../support/locust/report-text.ts';

const placed = answer({ current_response_time_percentile_1: 10, current_response_time_percentile_2: 1_000 });
/** As Locust 2.18 writes it. */
const pageOf = (first: unknown, second: unknown): string =>
  `<!DOCTYPE html><script>var percentile1 = ${String(first)};\n        var percentile2 = ${String(second)};</script>`;

async function locust(page: string, status = 200): Promise<LocustServer> {
  const server = await startLocustServer((request, response) => {
    if (request.url?.endsWith('/stats/requests') === true) response.end(placed);
    else response.writeHead(status).end(page);
  });
  onTestFinished(() => server.close());
  return server;
}

async function percentilesOf(url: string, client = testClient()): Promise<unknown> {
  const fetched = await client.fetchReport({ url });
  if (!fetched.ok) throw new Error(fetched.failure.message);
  const { currentPercentiles, notices } = fetched.report;
  return [currentPercentiles.map(({ label, value }) => [label, value]), notices.map(({ kind }) => kind)];
}

test.each([
  [pageOf(0.95, 0.99), ['95', '99']],
  [pageOf(0.5, 0.999), ['50', '99_9']],
  ['<script>window.templateArgs = {"percentile1": 0.9, "percentile2": 0.95}</script>', ['90', '95']],
])("percentiles that have no names get those of Locust's page: %s", async (page, [one, other]) => {
  const server = await locust(page);

  expect(await percentilesOf(`${server.url}/base`)).toEqual([
    [
      [one, 10],
      [other, 1_000],
    ],
    [],
  ]);
  expect(server.requests.map(({ url }) => url)).toEqual(['/base/stats/requests', '/base/']);
});

test.each([
  ['there is none', '', 404],
  ['it is another one', '<form>Login</form>', 200],
  ['it has one of two', '<script>var percentile1 = 0.95;</script>', 200],
  ['it says nonsense', pageOf('"x"', 7), 200],
  ['it is far too large', `${pageOf(0.95, 0.99)}${' '.repeat(2_000_000)}`, 200],
])("where the page tells nothing (%s), Locust's default is assumed, and that is said", async (_, page, status) => {
  const server = await locust(page, status);

  expect(await percentilesOf(server.url)).toEqual([
    [
      ['50', 10],
      ['95', 1_000],
    ],
    ['assumed-percentiles'],
  ]);
});

test('the page is asked for once, however often the statistics are', async () => {
  const server = await locust(pageOf(0.95, 0.99));
  const client = testClient();
  for (let sample = 0; sample < 3; sample += 1) await percentilesOf(server.url, client);

  expect(server.requests.filter(({ url }) => url === '/')).toHaveLength(1);
});
