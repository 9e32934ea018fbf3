import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import type { LookupFunction } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createNameResolver } from '../../lambda/runtime/name-resolver.ts';
import type { NameResolver } from '../../lambda/runtime/name-resolver.ts';
import { startInfluxServer } from '../support/influx/influx-server.ts';
import { startNameServer } from '../support/locust/name-server.ts';
import type { NameServer } from '../support/locust/name-server.ts';
import { startScriptedLocust } from '../support/locust/scripted-locust.ts';
import { runner } from '../support/rigs/typescript-program.ts';

async function nameServer(answer: (name: string) => string): Promise<NameServer> {
  const server = await startNameServer(answer);
  onTestFinished(() => server.close());
  return server;
}

function file(name: string, text: string): string {
  const path = join(tmpdir(), `locust2influx-${process.pid}-${name}`);
  writeFileSync(path, text);
  return path;
}

const noSystem: LookupFunction = (_name, _options, callback) => {
  callback(Object.assign(new Error('unknown'), { code: 'ENOTFOUND' }), []);
};

function resolver(server: NameServer, more: Parameters<typeof createNameResolver>[0] = {}): NameResolver {
  const files = { hostsFile: '/nowhere', resolverFile: '/nowhere' };
  return createNameResolver({ servers: [server.address], system: noSystem, ...files, ...more });
}

test(
  '40 names whose servers never answer cost the others nothing, under the thread count of the bundle',
  { timeout: 60_000 },
  async () => {
    const locust = await startScriptedLocust({ state: 'running' });
    const influx = await startInfluxServer();
    const server = await nameServer((name) => {
      if (name.startsWith('good')) return new URL(locust.url).hostname;
      return name.startsWith('influx') ? new URL(influx.url).hostname : 'silence';
    });
    onTestFinished(async () => {
      await locust.close();
      await influx.close();
    });
    const program = new URL('./programs/dead-names.ts', import.meta.url).pathname;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [runner, program, server.address, new URL(locust.url).port, new URL(influx.url).port],
      {
        env: { ...process.env, UV_THREADPOOL_SIZE: '16', NODE_OPTIONS: '' },
      },
    );

    const said = stdout.trim().split('\n');
    expect(said.slice(0, 30).every((line) => /^good-\d+\.test ok$/.test(line))).toBe(true);
    expect(said[30]).toBe('influx.test delivered 204');
    expect(influx.lines).toHaveLength(1);
    expect(said.slice(31).toSorted()).toEqual(
      Array.from({ length: 40 }, (_, index) => `dead-${index}.test dns`).toSorted(),
    );
  },
);

describe('a name is looked for', () => {
  test('in the hosts file first, whatever name servers say', async () => {
    const server = await nameServer(() => '10.9.9.9');
    const hostsFile = file('hosts', '# mine\n127.0.0.5 Master.test master # here\n::5 master.test\nnonsense x\n');
    const { resolve } = resolver(server, { hostsFile });

    await expect(resolve('MASTER.test')).resolves.toEqual([
      { address: '127.0.0.5', family: 4 },
      { address: '::5', family: 6 },
    ]);
    expect(server.asked).toEqual([]);
  });

  test('localhost is loopback without a hosts file', async () => {
    const server = await nameServer(() => '10.9.9.9');
    const addresses = await resolver(server).resolve('localhost');

    expect(addresses.map(({ address }) => address)).toEqual(['127.0.0.1', '::1']);
  });

  test.each([
    ['locust', 1, '10.0.0.7'],
    ['locust.load', 1, '10.0.0.8'],
    ['locust.load', 5, '10.0.0.9'],
    ['locust.load.', 5, '10.0.0.8'],
  ])('with the search domains of resolv.conf: %s, ndots %i', async (name, ndots, address) => {
    const known: Record<string, string> = {
      'locust.b.test': '10.0.0.7',
      'locust.load': '10.0.0.8',
      'locust.load.b.test': '10.0.0.9',
    };
    const server = await nameServer((asked) => known[asked] ?? 'unknown');
    const resolverFile = file('resolv', `nameserver 127.0.0.1\nsearch a.test b.test\noptions edns0 ndots:${ndots}\n`);

    await expect(resolver(server, { resolverFile }).resolve(name)).resolves.toEqual([{ address, family: 4 }]);
  });

  test('by the system where no server knows it, one name at a time', async () => {
    const server = await nameServer(() => 'unknown');
    let atOnce = 0;
    let most = 0;
    const system: LookupFunction = (name, _options, callback) => {
      most = Math.max(most, (atOnce += 1));
      setImmediate(() => {
        atOnce -= 1;
        if (name === 'printer.local') callback(null, [{ address: '10.0.0.3', family: 4 }]);
        else callback(Object.assign(new Error('unknown'), { code: 'ENOTFOUND' }), []);
      });
    };
    const { resolve } = resolver(server, { system });

    const names = Array.from({ length: 8 }, (_, index) => `nobody-${index}.local`);
    for (let round = 0; round < 2; round += 1) {
      const answers = await Promise.allSettled([...names, 'printer.local'].map(resolve));
      expect(answers.map(({ status }) => status)).toEqual([...names.map(() => 'rejected'), 'fulfilled']);
    }
    expect(most).toBe(1);
  });
});

test('a name is asked for once, however many want it at the same time', async () => {
  const server = await nameServer(() => '10.0.0.4');
  const { resolve } = resolver(server);
  await Promise.all(Array.from({ length: 20 }, () => resolve('shop.test')));

  expect(server.asked).toEqual(['shop.test', 'shop.test']);
});

test('a server that says nothing is distinguished from one that knows no such name', async () => {
  const server = await nameServer((name) => (name === 'silent.test' ? 'silence' : 'unknown'));
  const { resolve } = resolver(server);

  await expect(resolve('silent.test')).rejects.toMatchObject({ code: 'ETIMEOUT' });
  await expect(resolve('nobody.test')).rejects.toMatchObject({ code: 'ENOTFOUND' });
});
