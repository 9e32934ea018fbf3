import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDeliverer } from '../../lambda/influx/deliver.ts';
import type { Deliverer } from '../../lambda/influx/deliver.ts';
import { keepToken, renewToken } from '../../lambda/influx/renew-token.ts';
import type { KeptToken } from '../../lambda/influx/renew-token.ts';
import { influx2, startInflux2Server } from '../support/influx-2-server.ts';
import type { Influx2Server } from '../support/influx-2-server.ts';
import { patientClock as clock } from '../support/patient-clock.ts';

describe('a token that is read from a secret', () => {
  let server: Influx2Server;
  let reads: number;
  let inSecret: string;
  let token: KeptToken;

  beforeEach(async () => {
    server = await startInflux2Server();
    reads = 0;
    inSecret = await makeToken();
    token = keepToken({
      read() {
        reads += 1;
        return inSecret === '' ? Promise.reject(new Error('the secret cannot be read')) : Promise.resolve(inSecret);
      },
    });
  });
  afterEach(() => server.close());

  /** A token that InfluxDB knows. */
  async function makeToken(): Promise<string> {
    const basic = Buffer.from(`${influx2.username}:${influx2.password}`).toString('base64');
    const signIn = { method: 'POST', headers: { authorization: `Basic ${basic}` } };
    const cookie = (await fetch(`${server.url}/api/v2/signin`, signIn)).headers.get('set-cookie') ?? '';
    const body = JSON.stringify({ description: 'test', permissions: [] });
    const made = await fetch(`${server.url}/api/v2/authorizations`, { method: 'POST', headers: { cookie }, body });
    return ((await made.json()) as { token: string }).token;
  }

  const open = (): Deliverer => {
    const { org, bucket } = influx2;
    return renewToken(token, (current) => createDeliverer({ url: server.url, org, bucket, token: current, clock }));
  };
  const lines = ['m f=1 1', 'm f=2 2'];

  it('is read with the first delivery, and once for all windows', async () => {
    const [first, second] = [open(), open()];
    expect(reads).toBe(0);
    for (const deliverer of [first, second]) {
      await deliverer.deliver(lines);
      expect(await deliverer.deliver(lines)).toMatchObject([{ outcome: 'delivered', lines }]);
      deliverer.close();
    }
    expect(reads).toBe(1);
  });

  it('is read again after a 401, and the lines that were refused go out with the new one', async () => {
    const deliverer = open();
    await deliverer.deliver(lines);
    server.deleteAllTokens();
    inSecret = await makeToken();
    expect(await deliverer.deliver(lines)).toMatchObject([{ outcome: 'delivered', lines }]);
    expect(reads).toBe(2);
    deliverer.close();
  });

  it('when there is no other, the lines are kept with the reason, and each delivery asks but once', async () => {
    server.deleteAllTokens();
    const deliverer = open();
    expect(await deliverer.deliver(lines)).toMatchObject([{ outcome: 'retryable', status: 401, lines }]);
    expect(reads).toBe(2);
    expect(server.asked.filter((line) => line.includes('/write'))).toHaveLength(1);
    deliverer.close();
  });

  it('when it cannot be read the lines are kept, and the next delivery tries again', async () => {
    const there = inSecret;
    inSecret = '';
    const deliverer = open();
    const reason = 'the secret cannot be read';
    expect(await deliverer.deliver(lines)).toEqual([{ outcome: 'retryable', reason, lines }]);
    inSecret = there;
    expect(await deliverer.deliver(lines)).toMatchObject([{ outcome: 'delivered' }]);
    deliverer.close();
  });

  it('after the end nothing is sent', async () => {
    const deliverer = open();
    deliverer.close();
    expect(await deliverer.deliver(lines)).toMatchObject([{ outcome: 'retryable' }]);
    expect(server.asked.filter((line) => line.includes('/write'))).toEqual([]);
  });
});
