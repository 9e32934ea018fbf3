import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { LocustClient } from '../../../lambda/locust/fetch/fetch-report.ts';
import { recordedReport } from './locust-client.ts';
import { startLocustServer } from './locust-server.ts';
import type { LocustServer } from './locust-server.ts';

/** What the login takes. */
export const right = { username: 'ann', password: 'sesame & co' };
const authArgs = { auth_providers: [{ callback_url: '/elsewhere' }], username_password_callback: '/login_submit' };
const locustPage = `<!doctype html><div id="root"></div><script>window.authArgs = ${JSON.stringify(authArgs)}</script>`;

export type Answer = (request: IncomingMessage, response: ServerResponse, form: URLSearchParams) => void;

export interface Site {
  readonly server: LocustServer;
  /** `GET /login` and so on. */
  asked(): readonly string[];
  /** Ends all sessions. */
  restart(): void;
}

export const redirect = (response: ServerResponse, location: string): void => {
  response.writeHead(302, { location }).end();
};

const toLogin: Answer = (_request, response) => {
  redirect(response, '/login');
};

/** A Locust behind a login: what comes without its session is answered by `outside`, and `login` has all other paths. */
export async function startSite(login: Answer, outside: Answer = toLogin) {
  let session = 'one';
  const server = await startLocustServer((request, response) => {
    void text(request).then((body) => {
      const isInside = request.headers.cookie?.includes(`session=${session}`) === true;
      const answer = !request.url?.endsWith('/stats/requests') ? login : isInside ? inside : outside;
      answer(request, response, new URLSearchParams(body));
    });
  });
  const inside: Answer = (_request, response) => response.end(recordedReport);
  onTestFinished(() => server.close());
  const site: Site = {
    server,
    asked: () => server.requests.map(({ method, url }) => `${method ?? ''} ${url ?? ''}`),
    restart: () => {
      session += 'more';
    },
  };
  return { ...site, newSession: () => `session=${session}; HttpOnly; Path=/` };
}

/** As Locust's own: the form is built by the browser, and sent to another address than its page's. */
export async function startLocustLogin(outside?: Answer) {
  const site = await startSite((request, response, form) => {
    if (request.method === 'GET') {
      if (request.url === '/login') response.end(locustPage);
      else response.writeHead(405).end();
    } else if (form.get('password') === right.password && form.get('username') === right.username) {
      response.setHeader('set-cookie', site.newSession());
      redirect(response, '/');
    } else {
      response.setHeader('set-cookie', 'session=none');
      redirect(response, '/login');
    }
  }, outside);
  return site;
}

/** Reads a target by the form at a path of its own. */
export function reader(client: LocustClient, { server }: Site, path: string, fields: Record<string, string> = right) {
  return () => client.fetchReport({ url: server.url, auth: { type: 'form', url: server.url + path, fields } });
}
