import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseLine } from '../../../infra/local/store/line-protocol-parser.ts';
import { startAdminRig, transports } from '../../support/rigs/api-rig.ts';
import type { AdminRig } from '../../support/rigs/api-rig.ts';
import { bodyOf } from '../../support/locust/scripted-locust.ts';

describe.each(transports)('a look at a target, %s', (transport) => {
  let rig: AdminRig;
  beforeAll(async () => {
    rig = await startAdminRig(transport);
  });
  beforeEach(() => rig.reset());
  afterAll(() => rig.close());

  it('tells what Locust says and which lines a sample would be, and writes nothing', async () => {
    const locust = await rig.locust({ state: 'running', users: 7, requests: 40, failures: 1, endpoints: ['/a', '/b'] });
    await rig.ask('PUT /v1/targets/shop', { body: { url: locust.url, project: 'web', tags: { env: 'te st' } } });
    const before = await rig.tables();

    const { status, json } = await rig.ask('POST /v1/targets/shop/check');

    expect(status).toBe(200);
    expect(json).toMatchObject({ reachable: true, state: 'running', users: 7, endpoints: 2, badRows: 0, writes: true });
    expect(json['dialect']).toMatch(/^Locust /);
    const { lines, total } = json['preview'] as { lines: string[]; total: number };
    const points = lines.map((line) => parseLine(line));
    expect(total).toBe(5);
    expect(points.map(({ measurement }) => measurement).sort()).toEqual(
      ['locust_endpoint', 'locust_endpoint', 'locust_error', 'locust_scrape', 'locust_total'], // prettier-ignore
    );
    const tags = new Map(points[0]?.tags);
    expect([tags.get('project'), tags.get('target'), tags.get('env')]).toEqual(['web', 'shop', 'te st']);
    expect(tags.get('run')).toMatch(/^\d{8}T\d{6}Z$/);
    expect(await rig.tables()).toBe(before);
  });

  it('of one at rest shows what would be written, and says that nothing is', async () => {
    const locust = await rig.locust({ state: 'stopped', requests: 40 });
    await rig.ask('PUT /v1/targets/shop', { body: { url: locust.url } });

    const { json } = await rig.ask('POST /v1/targets/shop/check');

    expect(json).toMatchObject({ reachable: true, state: 'stopped', writes: false, preview: { total: 3 } });
  });

  it('shows at most 50 lines, and how many there are', async () => {
    const endpoints = Array.from({ length: 80 }, (_, index) => `/${index}`);
    const locust = await rig.locust({ state: 'running', endpoints });
    await rig.ask('PUT /v1/targets/shop', { body: { url: locust.url, maxEndpoints: 60 } });

    const { json } = await rig.ask('POST /v1/targets/shop/check');

    const preview = json['preview'] as { lines: string[]; total: number };
    expect(preview.lines).toHaveLength(50);
    expect(preview.total).toBe(63);
  });

  it.each<[string, string, Parameters<Awaited<ReturnType<AdminRig['locust']>>['say']>[0]]>([
    ['not-locust', 'HTML', (_request, response) => response.end('<html>s3cret</html>')],
    ['unauthorized', '401', (_request, response) => response.writeHead(401).end('s3cret')],
    ['http-status', '503', (_request, response) => response.writeHead(503).end('s3cret')],
    ['redirected', 'login', (_request, response) => response.writeHead(302, { location: '/login?s3cret' }).end()],
    ['redirected', 'path', (_request, response) => response.writeHead(301, { location: '/s3cret/x' }).end()],
    ['redirected', 'host', (_request, response) => response.writeHead(308, { location: 'http://s3cret.test/' }).end()],
    ['not-locust', 'other JSON', (_request, response) => response.end('{"s3cret":1}')],
  ])(
    'of what is none tells the kind of failure (%s, for %s) and nothing of what was answered',
    async (kind, _what, saying) => {
      const locust = await rig.locust();
      locust.say(saying);
      await rig.ask('PUT /v1/targets/shop', { body: { url: locust.url } });

      const check = await rig.ask('POST /v1/targets/shop/check');

      expect(check).toMatchObject({ status: 200, json: { reachable: false, failure: { kind } } });
      expect(check.text).not.toContain('s3cret');
    },
  );

  it('of a Locust with names full of HTML shows them as the text they are', async () => {
    const locust = await rig.locust();
    locust.say((_request, response) =>
      response.end(bodyOf({ state: 'running', endpoints: ['<script>alert(1)</script>'] })),
    );
    await rig.ask('PUT /v1/targets/shop', { body: { url: locust.url } });

    const check = await rig.ask('POST /v1/targets/shop/check');

    expect(check.headers.get('content-type')).toContain('application/json');
    expect(check.headers.get('x-content-type-options')).toBe('nosniff');
    expect(JSON.stringify(check.json['preview'])).toContain('<script>alert(1)</script>');
  });
});
