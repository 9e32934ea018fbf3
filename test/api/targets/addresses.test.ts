import { afterEach, describe, expect, it } from 'vitest';
import type { ApiPorts } from '../../../lambda/api/api-ports.ts';
import { systemClock } from '../../../lambda/runtime/clock.ts';
import { problem, startAdminRig, transports } from '../../support/rigs/api-rig.ts';
import type { AdminRig, Transport } from '../../support/rigs/api-rig.ts';

describe.each(transports)('addresses at registration, %s', (transport: Transport) => {
  let rig: AdminRig;
  afterEach(() => rig.close());

  const start = async (replaced: Partial<ApiPorts> = {}, policy = { allowPrivate: false, allowLoopback: false }) => {
    rig = await startAdminRig(transport, () => ({
      addressPolicy: policy,
      // Whatever is let through is not to be reached from a test.
      openLocust: () => ({
        fetchReport: () =>
          Promise.resolve({
            ok: false as const,
            durationMs: 0,
            failure: { kind: 'timeout' as const, message: 'too far' },
          }),
        close: () => undefined,
      }),
      ...replaced,
    }));
  };
  const put = (url: string) => rig.ask('PUT /v1/targets/shop', { body: { url } });

  it('every spelling of an address that must not be read is refused, for every call', async () => {
    await start();
    const spellings = [
      '127.0.0.1', '127.1', '2130706433', '0x7f000001', '0x7f.1', '0177.0.0.1', '017700000001', '127.0.0.1.',
      '%31%32%37.0.0.1', '１２７.0.0.1', '127。0。0。1', '[::1]', '[0:0:0:0:0:0:0:1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]',
      '[64:ff9b::7f00:1]', '[::127.0.0.1]', '0', '0.0.0.0', '[::]', '169.254.169.254', '2852039166', '0xa9fea9fe',
      '[::ffff:169.254.169.254]', '[fd00:ec2::254]', '[fe80::1]', '100.100.100.200', '224.0.0.1', '[ff02::1]',
      '255.255.255.255', '10.0.0.1', '192.168.1.1', '172.16.0.1', '[fd12::1]', '[2002:7f00:1::]',
    ]; // prettier-ignore
    for (const host of spellings) {
      const answer = await put(`http://${host}:8089/`);
      expect(answer, host).toMatchObject(problem('blocked-address', 422));
      expect(answer.json['errors'], host).toMatchObject([{ field: 'url', in: 'body' }]);
    }
    expect(await rig.ask('POST /v1/targets', { body: { url: 'http://127.1' } })).toMatchObject({ status: 422 });
    expect((await rig.ask('GET /v1/targets')).json['targets']).toEqual([]);
  });

  it('PATCH is no way around', async () => {
    await start();
    await put('http://8.8.8.8');

    const answer = await rig.ask('PATCH /v1/targets/shop', { body: { url: 'http://2130706433/' } });

    expect(answer).toMatchObject(problem('blocked-address', 422));
    expect(await rig.ask('GET /v1/targets/shop')).toMatchObject({ json: { url: 'http://8.8.8.8', version: 1 } });
  });

  it('a name is refused for any of its addresses, and named with it', async () => {
    const asked: string[] = [];
    const resolve = (name: string): Promise<string[]> => {
      asked.push(name);
      return Promise.resolve(name === 'mixed.test' ? ['8.8.8.8', '169.254.169.254'] : ['8.8.8.8']);
    };
    await start({ resolve });

    const refused = await put('http://mixed.test:8089');

    expect(refused).toMatchObject(problem('blocked-address', 422));
    expect(refused.json['detail']).toContain('mixed.test resolves to 169.254.169.254');
    expect((await put('http://good.test')).status).toBe(201);
    expect(asked).toEqual(['mixed.test', 'good.test']);
  });

  it('a name that does not resolve, or not in time, is registered with a warning', async () => {
    await start({
      clock: systemClock,
      resolve: (name) => (name === 'slow.test' ? new Promise(() => undefined) : Promise.reject(new Error('x'))),
    });

    expect(await put('http://slow.test')).toMatchObject({ status: 201, json: { warnings: [{ kind: 'timeout' }] } });
    expect(await put('http://none.test')).toMatchObject({ status: 200, json: { warnings: [{ kind: 'timeout' }] } });
  });

  it('private addresses pass where the deployment says so, and metadata addresses still do not', async () => {
    await start({}, { allowPrivate: true, allowLoopback: false });

    expect((await put('http://10.1.2.3:8089')).status).toBe(201);
    expect(await put('http://100.100.100.200')).toMatchObject({ status: 422 });
    expect(await put('http://[fd00:ec2::254]')).toMatchObject({ status: 422 });
    expect(await put('http://127.0.0.1')).toMatchObject({ status: 422 });
  });
});

describe('a name that changes its address after registration', () => {
  it('is caught by the check, whose connections are judged again', async () => {
    const { createLocustClient } = await import('../../../lambda/locust/fetch/fetch-report.ts');
    const rig = await startAdminRig('in process', (ports) => ({
      resolve: () => Promise.resolve(['8.8.8.8']),
      openLocust: () =>
        createLocustClient({
          clock: ports.clock,
          addressPolicy: { allowPrivate: false, allowLoopback: false },
          lookup: (_name, _options, callback) => {
            process.nextTick(callback, null, [{ address: '127.0.0.1', family: 4 }]);
          },
        }),
    }));

    const made = await rig.ask('PUT /v1/targets/shop', { body: { url: 'http://rebind.test:8089' } });
    const check = await rig.ask('POST /v1/targets/shop/check');

    expect(made).toMatchObject({ status: 201, json: { warnings: [{ kind: 'blocked-address' }] } });
    expect(check).toMatchObject({ json: { reachable: false, failure: { kind: 'blocked-address' } } });
    await rig.close();
  });
});
