import { expect, test } from 'vitest';
import { readLoginForm } from '../../../lambda/locust/login/login-form.ts';
import { failureOf, saying, testClient } from '../../support/locust/locust-client.ts';
import { reader, redirect, startSite } from '../../support/locust/login-site.ts';
import type { Answer } from '../../support/locust/login-site.ts';

const redirecting =
  (location: string): Answer =>
  (_request, response) => {
    redirect(response, location);
  };
const page =
  (html: string): Answer =>
  (_request, response) => {
    response.end(html);
  };
const cookies =
  (...set: readonly string[]): Answer =>
  (_request, response) => {
    response.setHeader('set-cookie', set).end();
  };

test.each<readonly [what: string, login: Answer, kind: string, words: string]>([
  ['redirects for ever', redirecting('/login'), 'login-failed', 'starts no session'],
  ['leads elsewhere', page('<form action="http://169.254.169.254/x">'), 'login-failed', 'leads to another address'],
  ['leads to a script', page('<form action="javascript:1">'), 'login-failed', 'leads to another address'],
  ['redirects to an address that is not allowed', redirecting('http://10.0.0.1/'), 'login-failed', 'starts no session'],
  [
    'sets cookies of another host',
    cookies('a=1; Domain=other.test', 'b=2; domain=.0.0.1'),
    'login-failed',
    'starts no session',
  ],
  ['sets cookies that are no cookies', cookies('', '=', ';;', 'x'), 'login-failed', 'starts no session'],
  ['sets large cookies', cookies(`a=${'x'.repeat(9_000)}`), 'too-large', 'cookies of more than the 8192 bytes allowed'],
  [
    'sets cookies of a megabyte',
    cookies(...Array<string>(1_000).fill(`a=${'x'.repeat(1_000)}`)),
    'too-large',
    'headers than the 16 KiB',
  ],
  ['is a page without end', page('<input '.repeat(100_000)), 'too-large', 'larger than the 131072 bytes allowed'],
  [
    'is not there',
    (_request, response) => response.writeHead(404).end(),
    'login-failed',
    'There is no login form at the address in auth.url',
  ],
  [
    'says no',
    (request, response) => response.writeHead(request.method === 'GET' ? 200 : 403).end(),
    'login-failed',
    'does not accept the login form (HTTP 403)',
  ],
  ['is broken off', (request) => request.socket.destroy(), 'refused', 'closed the connection without an answer'],
])('a login that %s is a failure after two requests at most', async (_what, login, kind, words) => {
  const site = await startSite(login);

  const failure = failureOf(await reader(testClient(), site, '/login')());

  expect(failure).toMatchObject({ kind, message: saying(words) });
  expect(site.server.requests.length).toBeLessThanOrEqual(2);
});

test('of a page with more tags than a login has the first 1,000 are read, for each costs as many as are open', () => {
  const form = '<form action="/in"><input name="username"></form>';
  const action = (before: string): string | undefined => readLoginForm(before + form, ['username']).action;

  expect(action('<b>'.repeat(990))).toBe('/in');
  expect(action('<b>'.repeat(1_000))).toBeUndefined();
  expect(action('<b></b>'.repeat(1_000))).toBeUndefined();
});

test('a login that never answers ends with the time of one reading', async () => {
  const deadline = new AbortController();
  const site = await startSite(() => {
    deadline.abort();
  });

  const failure = failureOf(await reader(testClient({ deadline }), site, '/login')());

  expect(failure).toMatchObject({ kind: 'timeout' });
});
