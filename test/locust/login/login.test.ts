import { expect, test } from 'vitest';
import { failureOf, saying, testClient } from '../../support/locust/locust-client.ts';
import { reader, right, startLocustLogin, startSite } from '../../support/locust/login-site.ts';
import type { Answer } from '../../support/locust/login-site.ts';
import { patientClock } from '../../support/time/patient-clock.ts';

test.each([
  ['redirect to a login page', undefined],
  ['401', ((_request, response) => response.writeHead(401).end()) satisfies Answer],
  ['login page with status 200', ((_request, response) => response.end('<html>Sign in</html>')) satisfies Answer],
])(
  'a Locust that answers with a %s is signed in to once, and again when its sessions are over',
  async (_how, outside) => {
    const site = await startLocustLogin(outside);
    const read = reader(testClient(), site, '/login');

    expect([await read(), await read()]).toMatchObject([{ ok: true }, { ok: true }]);
    expect(site.asked()).toEqual(['GET /login', 'POST /login_submit', 'GET /stats/requests', 'GET /stats/requests']);
    site.restart();
    expect([await read(), await read()]).toMatchObject([{ ok: true }, { ok: true }]);

    expect(site.asked().filter((each) => each.startsWith('POST'))).toHaveLength(2);
  },
);

test('the address that the form is sent to does as well as that of its page', async () => {
  const site = await startLocustLogin();

  expect(await reader(testClient(), site, '/login_submit')()).toMatchObject({ ok: true });

  expect(site.asked()).toEqual(['GET /login_submit', 'POST /login_submit', 'GET /stats/requests']);
});

test('hidden inputs and cookies of the form go along, to where it leads, and the headers of the target', async () => {
  const form =
    '<form action="/search"><input name=q></form><!-- <form action="/no"> --><form method=post action="in?a=1&amp;b=2">' +
    '<input type=hidden name=csrf value="t&#43;&gt;k"><input name=username><input name=password type=password></form>';
  const seen: unknown[] = [];
  const site = await startSite((request, response, sent) => {
    if (request.method === 'GET') {
      response.setHeader('set-cookie', ['csrf=t; Secure', 'old=1', 'old=; Max-Age=0']).end(form);
    } else {
      const { cookie, origin, referer } = request.headers;
      seen.push(request.url, Object.fromEntries(sent), cookie, origin, referer, request.headers['x-gate']);
      response.setHeader('set-cookie', site.newSession()).end('welcome');
    }
  });
  const { url } = site.server;
  const auth = { type: 'form', url: `${url}/base/login?next=/`, fields: right } as const;

  const fetched = await testClient().fetchReport({ url, auth, headers: { 'X-Gate': 'open', Cookie: 'lang=en' } });

  expect(fetched).toMatchObject({ ok: true });
  expect(seen).toEqual([
    '/base/in?a=1&b=2',
    { csrf: 't+>k', ...right },
    'lang=en; csrf=t',
    url,
    `${url}/base/in?a=1&b=2`,
    'open',
  ]);
  expect(site.server.requests.at(-1)?.headers.cookie).toBe('lang=en; csrf=t; session=one');
});

test('a login that is of no use is not repeated for a minute, and its message holds nothing that was entered', async () => {
  let nowMs = 0;
  const clock = { ...patientClock, now: () => nowMs };
  const site = await startLocustLogin();
  const read = reader(testClient({ clock }), site, '/login', { ...right, password: 'hush' });

  const failures = [];
  for (nowMs = 0; nowMs < 120_000; nowMs += 10_000) failures.push(failureOf(await read()));

  expect(site.asked().filter((each) => each.startsWith('POST'))).toHaveLength(2);
  for (const failure of failures) {
    expect(failure).toMatchObject({ kind: 'login-failed', message: saying('still asks for a login: check auth.url') });
    expect(failure.message).not.toMatch(/hush|ann/);
  }
});

test('what was entered is not sent again for a minute where no answer came, but a form that did not come is asked for', async () => {
  let nowMs = 0;
  const clock = { ...patientClock, now: () => nowMs };
  let breaksOff = 'GET';
  const site = await startSite((request, response) => {
    if (request.method === breaksOff) request.socket.destroy();
    else response.end('<form><input name=username><input name=password></form>');
  });
  const read = reader(testClient({ clock }), site, '/login');
  const countOf = (method: string): number => site.asked().filter((each) => each.startsWith(method)).length;

  for (nowMs = 0; nowMs < 30_000; nowMs += 10_000) failureOf(await read());
  expect([countOf('GET /login'), countOf('POST')]).toEqual([3, 0]);
  breaksOff = 'POST';
  for (; nowMs < 120_000; nowMs += 10_000) failureOf(await read());

  expect(countOf('POST')).toBe(2);
});

test('other credentials are tried at once', async () => {
  const site = await startLocustLogin();
  const client = testClient();

  expect(await reader(client, site, '/login', { ...right, password: 'hush' })()).toMatchObject({ ok: false });
  expect(await reader(client, site, '/login')()).toMatchObject({ ok: true });
});

test('readings at the same time sign in once', async () => {
  const site = await startLocustLogin();
  const read = reader(testClient(), site, '/login');

  expect(await Promise.all([read(), read(), read()])).toMatchObject([{ ok: true }, { ok: true }, { ok: true }]);

  expect(site.asked().filter((each) => each.startsWith('POST'))).toHaveLength(1);
});

test('a form at another origin than its target is not asked for', async () => {
  const [site, other] = [await startLocustLogin(), await startLocustLogin()];
  const auth = { type: 'form', url: `${other.server.url}/login`, fields: right } as const;

  const failure = failureOf(await testClient().fetchReport({ url: site.server.url, auth }));

  expect(failure).toMatchObject({ kind: 'refused', message: saying("at the target's own scheme, host and port") });
  expect([...site.asked(), ...other.asked()]).toEqual([]);
});
