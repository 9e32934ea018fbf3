import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseLine } from '../../infra/local/store/line-protocol-parser.ts';
import { startEmbeddedDynamoDb } from '../../infra/local/registry/embedded-dynamodb.ts';
import { ownMeasurement } from '../support/influx/line-sink.ts';
import { says, startLocalProcess, waitingMs } from '../support/rigs/local-process.ts';
import type { LocalProcess } from '../support/rigs/local-process.ts';
import { startScriptedLocust } from '../support/locust/scripted-locust.ts';
import type { ScriptedLocust } from '../support/locust/scripted-locust.ts';

/** Whole processes start here, which takes long on a machine that is busy. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 60_000 });

let folder: string;
let locust: ScriptedLocust;
let started: LocalProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'locust2influx-start-'));
  locust = await startScriptedLocust();
});
afterEach(async () => {
  for (const each of started) each.process.kill('SIGKILL');
  await Promise.all(started.map(({ exited }) => exited));
  started = [];
  await locust.close();
  await rm(folder, { recursive: true, force: true });
});

function start(...options: string[]): LocalProcess {
  return startWith({}, ...options);
}

function startWith(env: Readonly<Record<string, string>>, ...options: string[]): LocalProcess {
  const run = startLocalProcess({ env, folder, options });
  started.push(run);
  return run;
}

async function storedLines(): Promise<string[]> {
  const path = join(folder, 'influx', 'locust');
  const texts = await Promise.all((await readdir(path)).map((day) => readFile(join(path, day), 'utf8')));
  return texts
    .join('')
    .split('\n')
    .filter((line) => line !== '');
}

describe('npm start', () => {
  it('stops cleanly when what reads its output has ended, as `head` does', async () => {
    const run = start('--target', `shop=${locust.url}`);
    await says(run, /shop answers: ready/);
    run.process.stdout?.destroy();
    locust.say({ state: 'running', requests: 40, failures: 2, users: 12 });
    expect(await run.exited).toBe(0);
    expect(run.out()).not.toContain('EPIPE');
  });

  it('writes nothing while Locust is idle, collects while a test runs, ends with it, and stops cleanly', async () => {
    const run = start('--target', `shop=${locust.url}`);
    await says(run, /shop answers: ready/);
    const asked = locust.asked;
    await vi.waitFor(() => {
      expect(locust.asked).toBeGreaterThan(asked);
    }, waitingMs);
    expect(await storedLines()).toEqual([]);

    locust.say({ state: 'running', requests: 40, failures: 2, users: 12 });
    await says(run, /shop run \d{8}T\d{6}Z started/);
    await says(run, /shop {2}running {2}12 users {2}4\.2 req\/s/);
    // The sample is shown before its lines are delivered.
    await vi.waitFor(async () => {
      const measurements = new Set((await storedLines()).map((line) => parseLine(line).measurement));
      // The collector's own is there when a minute ended meanwhile.
      measurements.delete(ownMeasurement);
      expect([...measurements].sort()).toEqual([
        'locust_endpoint',
        'locust_error',
        'locust_event',
        'locust_scrape',
        'locust_total',
      ]);
    }, waitingMs);

    locust.say({ state: 'stopped', requests: 55, failures: 3 });
    await says(run, /shop run \S+ finished after .*: 55 requests, 3 failures/);
    run.process.kill('SIGINT');
    expect(await run.exited).toBe(0);
    expect(run.out()).not.toMatch(/error|at .*\.ts:/i);
  });

  it('Ctrl-C in the middle of a test keeps every sample and puts the run on record', async () => {
    locust.say({ state: 'running', requests: 40 });
    const run = start('--target', `shop=${locust.url}`);
    await says(run, /shop {2}running/);

    run.process.kill('SIGINT');

    expect(await run.exited).toBe(0);
    const samples = run.out().match(/shop {2}running/g)?.length;
    const totals = (await storedLines()).filter((line) => line.startsWith('locust_total'));
    expect(totals).toHaveLength(samples ?? NaN);
    // The folder is free again and its files are whole.
    const registry = await startEmbeddedDynamoDb({ folder });
    await registry.stop();
  });

  it.each([
    [['--target', 'shop'], /--target "shop": it is <id>=<url>/],
    [['--target', 'Shop=http://h'], /an id has 3 to 64/],
    [['--port', 'x'], /--port/],
    [['--wrong'], /--wrong/],
  ])('%j is refused in one line that says what is allowed', async (options, message) => {
    const run = start(...options);

    expect(await run.exited).toBe(1);
    expect(run.out()).toMatch(message);
    expect(run.out()).not.toMatch(/at .*\.ts:/);
  });

  it('an InfluxDB that cannot be used is shown at the start, without its token', async () => {
    const influx = {
      INFLUX_URL: 'http://localhost:8086',
      INFLUX_ORG: 'o',
      INFLUX_BUCKET: 'b',
      INFLUX_TOKEN: 'secret…',
    };

    const run = startWith(influx);

    expect(await run.exited).toBe(1);
    expect(run.out()).toMatch(/INFLUX_TOKEN cannot be used/);
    expect(run.out()).not.toMatch(/secret|at .*\.ts:/);
  });

  it('a DynamoDB that is not there is named by its variable', async () => {
    const run = startWith({ DYNAMODB_ENDPOINT: 'http://127.0.0.1:1' });

    expect(await run.exited).toBe(1);
    expect(run.out()).toMatch(/DYNAMODB_ENDPOINT http:\/\/127\.0\.0\.1:1 cannot be used/);
    expect(run.out()).not.toMatch(/at .*\.ts:/);
  });

  it('a target is remembered, the simulated one is not', async () => {
    const first = start('--demo', '--target', `shop=${locust.url}`);
    await says(first, /demo {2}\S+ {2}\(a simulated Locust\)/);
    first.process.kill('SIGINT');
    expect(await first.exited).toBe(0);

    const second = start();
    await says(second, /shop {2}http/);
    expect(second.out()).not.toContain('demo  http');
  });

  it('a port that is taken is shown in one line', async () => {
    const { hostname, port } = new URL(locust.url);
    const run = start('--host', hostname, '--port', port);

    expect(await run.exited).toBe(1);
    expect(run.out()).toMatch(/--port \d+: another process uses it; 0 takes any free one/);
    expect(run.out()).not.toMatch(/at .*\.ts:/);
  });

  it('prints the address of a page and where the token is that opens it, but not into a log', async () => {
    const run = start('--target', `shop=${locust.url}`);
    await says(run, /Page and API at \S+\n/);
    const [, url = ''] = /Page and API at (\S+)/.exec(run.out()) ?? [];
    const [, path = ''] = /The admin token is in (\S+)/.exec(run.out()) ?? [];
    const { admin: token } = JSON.parse(await readFile(path, 'utf8')) as { admin: string };

    expect(run.out()).not.toContain(token);
    expect((await fetch(url)).headers.get('content-type')).toContain('text/html');
    expect((await fetch(`${url}/v1/targets`)).status).toBe(401);
    const answer = await fetch(`${url}/v1/targets`, { headers: { authorization: `Bearer ${token}` } });
    expect(JSON.stringify(await answer.json())).toContain('shop');
  });

  it('a second one in the same folder says so', async () => {
    const first = start();
    await says(first, /Points go to/);

    const second = start();

    expect(await second.exited).toBe(1);
    expect(second.out()).toContain(folder);
    expect(second.out()).not.toMatch(/at .*\.ts:/);
  });
});
