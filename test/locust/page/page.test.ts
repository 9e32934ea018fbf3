import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maxCpuMsPerTarget } from '../../../lambda/locust/fetch/cpu-budget.ts';
import { parsePage } from '../../../lambda/locust/page/page.ts';

const folder = new URL('../../fixtures/locust-pages/', import.meta.url);
const pageOf = (name: string): string => readFileSync(new URL(`${name}.html`, folder), 'utf8');

const host = 'https://shop.example.com';
const locustfile = 'locustfile.py';

/** Each was started from the form: 4 users, 2 per second, 10 minutes, host with a query. */
const recorded = {
  '0.14.6.running': { host },
  '1.6.0.ready': { host },
  '1.6.0.running': { host },
  '2.12.1.running': { host, locustfile },
  '2.18.3.running': { host, locustfile },
  '2.24.1.running': { host, locustfile },
  '2.31.8.running': { host, locustfile, spawnRate: 2, runTimeSeconds: 600 },
  '2.47.0.ready': { host, locustfile },
  '2.47.0.running': { host, locustfile, users: 4, spawnRate: 2, runTimeSeconds: 600 },
};

test.each(Object.entries(recorded))('a real page says what its release knows, and nothing else: %s', (name, setup) => {
  const locustVersion = name.replace(/\.[a-z]+$/, '');

  expect(parsePage(pageOf(name))?.setup).toEqual({ ...setup, locustVersion });
});

test('every recorded page is expected', () => {
  const pages = readdirSync(folder).filter((name) => name.endsWith('.html'));
  expect(pages.sort()).toEqual(Object.keys(recorded).map((name) => `${name}.html`));
});

const argumentsPage = (given: object): string =>
  `<script>window.templateArgs = ${JSON.stringify({ version: '2.47.0', ...given })}\n</script>`;
const setupOf = (given: object): unknown => parsePage(argumentsPage(given))?.setup;

test.each([[{ hide_common_options: true }], [{ hide_common_options: false, shape_use_common_options: false }]])(
  'users and spawn rate of a load shape are not those of the form: %j',
  (shape) => {
    expect(setupOf({ ...shape, num_users: 5, spawn_rate: 1 })).toEqual({ locustVersion: '2.47.0' });
  },
);

test.each([
  ['http://user:secret@shop:80/cart', 'http://shop:80/cart'],
  ['user:secret@shop', 'shop'],
  ['http://shop/?token=secret', 'http://shop'],
  ['http://shop/#secret', 'http://shop'],
  ['http://user:sec/ret@shop', undefined],
  ['http://user:sec#ret@shop', undefined],
  ['http://user:sec?ret@shop', undefined],
  ['http://[2001:db8::1]:8080', 'http://[2001:db8::1]:8080'],
  [' ', undefined],
  [null, undefined],
  [7, undefined],
  [`http://${'a'.repeat(400)}`, undefined],
])('a host is stored without what may be secret: %j', (given, stored) => {
  expect(setupOf({ host: given })).toEqual({ locustVersion: '2.47.0', ...(stored !== undefined && { host: stored }) });
});

test('what a page says under the names of other values, or in texts, is not taken for them', () => {
  const given = { extra_options: { host: 'x', num_users: 9 }, users: { 'a"},"host":"y': {} }, tasks: '{"host":"z"}' };

  expect(setupOf(given)).toEqual({ locustVersion: '2.47.0' });
});

test.each(['', '<html>Welcome to nginx!</html>', 'window.templateArgs = {', 'window.templateArgs = {"version": }'])(
  'the page of something else is none: %j',
  (page) => {
    expect(parsePage(page)).toBeUndefined();
  },
);

test('whatever comes, nothing is thrown, and no value is longer than a tag', () => {
  const real = Object.keys(recorded).map(pageOf);
  const damaged = fc
    .tuple(fc.constantFrom(...real), fc.nat(), fc.nat(400), fc.string({ unit: 'binary' }))
    .map(([page, at, length, text]) => {
      const from = at % page.length;
      return page.slice(0, from) + text + page.slice(from + length);
    });
  fc.assert(
    fc.property(damaged, (page) => {
      for (const value of Object.values(parsePage(page)?.setup ?? {})) {
        expect(String(value).length).toBeLessThanOrEqual(256);
      }
    }),
    { numRuns: 40 },
  );
});

test.each([
  ['brackets', 'window.templateArgs = {"version":"2.47.0","a":'.concat('['.repeat(4_000_000))],
  ['inputs', '<input type="text" name="host"'.repeat(250_000)],
  ['quotes', 'window.templateArgs = {'.concat('"\\'.repeat(2_000_000))],
  ['percentiles', 'percentile1 = '.repeat(500_000)],
  ['assignments', 'window.templateArgs = {'.repeat(300_000)],
])('a page that means harm costs no more than its size: %s', (_, page) => {
  const startedAt = process.cpuUsage();
  parsePage(page);
  const { user, system } = process.cpuUsage(startedAt);

  expect((user + system) / 1_000).toBeLessThan(maxCpuMsPerTarget);
});
