import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { boundBodies, maxBodyBytesAtOnce } from '../../../lambda/api/http/bound-bodies.ts';
import { ProblemError, problemResponse } from '../../../lambda/api/http/problem.ts';
import { startAdminRig, tokens } from '../../support/rigs/api-rig.ts';
import type { AdminRig } from '../../support/rigs/api-rig.ts';
import { startReportRig } from '../../support/rigs/report-rig.ts';

const reportBytes = 4 * 1024 * 1024;

describe('bodies over HTTP', () => {
  let rig: AdminRig;
  beforeAll(async () => {
    rig = await startAdminRig('over HTTP');
  });
  afterAll(() => rig.close());

  async function open({ url = '' } = rig): Promise<Socket> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return socket.on('error', () => undefined);
  }

  async function send(head: readonly string[], to = rig): Promise<Socket> {
    const socket = await open(to);
    socket.write([...head, 'host: localhost', 'content-type: application/json', '', ''].join('\r\n'));
    return socket;
  }

  const report = 'POST /v1/targets/shop/reports?at=2026-11-22T14:05:00Z HTTP/1.1';

  it.each([
    ['of a length that is announced', `content-length: ${reportBytes}`],
    ['of any length', 'transfer-encoding: chunked'],
  ])('are not waited for where the token is wrong: %s', async (_what, length) => {
    const sockets = await Promise.all(
      Array.from({ length: 150 }, () => send([report, length, 'authorization: Bearer wrong'])),
    );

    const answers = await Promise.all(sockets.map(async (socket) => String((await once(socket, 'data'))[0])));

    expect(new Set(answers.map((answer) => answer.slice(0, 12)))).toEqual(new Set(['HTTP/1.1 401']));
    for (const socket of sockets) socket.destroy();
  });

  it.each([
    ['wrong', 'HTTP/1.1 401'],
    [tokens.admin, 'HTTP/1.1 100'],
  ])('are asked for after the token where the sender waits for that: %#', async (token, answer) => {
    const put = 'PUT /v1/targets/shop HTTP/1.1';
    const socket = await send([put, 'content-length: 2', 'expect: 100-continue', `authorization: Bearer ${token}`]);

    expect(String((await once(socket, 'data'))[0])).toMatch(new RegExp(`^${answer}`));
    socket.destroy();
  });

  it('that break off are nobody’s failure here', async () => {
    const socket = await send([
      'PUT /v1/targets/shop HTTP/1.1',
      'content-length: 1000',
      `authorization: Bearer ${tokens.admin}`,
    ]);
    socket.write('{"url":');
    socket.destroy();

    // Each asks the same server, after the one that broke off.
    expect((await rig.ask('PUT /v1/targets/shop', { body: { url: 'http://127.0.0.1:1' } })).status).toBe(201);
    expect((await rig.ask('GET /v1/targets/shop')).status).toBe(200);
    expect(rig.failures).toEqual([]);
  });

  it('that are announced and do not come leave room for others, and those beyond are sent away', async () => {
    const reporting = await startReportRig('over HTTP');
    onTestFinished(() => reporting.close());
    await reporting.register('shop');
    const head = [report, `content-length: ${reportBytes}`, `authorization: Bearer ${tokens.reporter}`];
    const sockets = await Promise.all(Array.from({ length: 40 }, () => send(head, reporting.admin)));
    const answers: string[] = [];
    for (const socket of sockets) socket.on('data', (chunk) => answers.push(String(chunk).slice(0, 12)));

    await expect.poll(() => answers.length).toBe(sockets.length - maxBodyBytesAtOnce / reportBytes);
    expect(new Set(answers)).toEqual(new Set(['HTTP/1.1 503']));
    expect((await reporting.admin.ask('GET /v1/targets')).status).toBe(200);
    for (const socket of sockets) socket.destroy();
  });

  it('of requests that come before the answers are taken a connection has two, and is closed at the third', async () => {
    const many = await open();
    const closed = new Promise((resolve) => many.once('close', resolve));
    many.pause();
    many.write('GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(1_600));
    many.resume();
    let bytes = 0;
    many.on('data', (piece: Buffer) => (bytes += piece.length));
    await closed;
    const oneSize = (await rig.ask('GET /openapi.json')).text.length;
    expect(bytes).toBeLessThan(2 * (oneSize + 2_000));

    const polite = await open();
    for (let turn = 0; turn < 5; turn += 1) {
      polite.write('GET /v1/health HTTP/1.1\r\nhost: localhost\r\n\r\n');
      expect(String((await once(polite, 'data'))[0])).toMatch(/^HTTP\/1.1 200/);
    }
    polite.destroy();
  });

  it('of connections beyond 512 nobody takes any, and the others are served', async () => {
    const sockets = await Promise.all(Array.from({ length: 600 }, () => open()));
    const left = (): number => sockets.filter(({ destroyed }) => !destroyed).length;
    await expect.poll(left).toBeLessThanOrEqual(512);
    expect(left()).toBeGreaterThan(500);
    for (const socket of sockets.slice(0, 10)) socket.destroy();

    await expect.poll(async () => (await rig.ask('GET /v1/health').catch(() => undefined))?.status).toBe(200);
    for (const socket of sockets) socket.destroy();
  });
});

describe('the memory of all bodies together', () => {
  const maxBytes = 1_000;

  /** Answers once it is let. */
  function start() {
    const app = new Hono<{ Variables: { role: 'admin' | 'reporter' | undefined } }>();
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    app.use(boundBodies(() => 400, maxBytes));
    app.post('/', async (context) => {
      await gate;
      return context.text(await context.req.text());
    });
    app.onError((error) =>
      error instanceof ProblemError ? problemResponse(error) : new Response(null, { status: 500 }),
    );
    const post = (body: string, announced: object = { 'content-length': String(body.length) }) =>
      Promise.resolve(app.request('/', { method: 'POST', body, headers: { ...announced } }));
    return { post, open };
  }

  it('is bounded by what requests announce; the rest is answered with when to come again', async () => {
    const { post, open } = start();
    const taken = [post('a'.repeat(400)), post('b'.repeat(400)), post('c'.repeat(200))];

    const refused = await post('d');

    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('5');
    expect(await refused.json()).toMatchObject({ type: 'urn:locust2influx:problem:unavailable' });
    open();
    expect((await Promise.all(taken)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await post('e'.repeat(400))).status).toBe(200);
  });

  it('takes one of unknown length for the largest, and none for nothing', async () => {
    const { post, open } = start();
    const taken = [post('a', {}), post('b', {})];

    expect((await post('c', {})).status).toBe(503);
    open();
    expect((await Promise.all(taken)).map(({ status }) => status)).toEqual([200, 200]);
  });

  it('is an eighth of what the function has', () => {
    expect(maxBodyBytesAtOnce).toBe((512 * 1024 * 1024) / 8);
  });
});
