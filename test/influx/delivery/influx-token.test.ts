import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createInfluxWriter } from '../../../lambda/influx/delivery/influx-writer.ts';
import type { InfluxWriter } from '../../../lambda/influx/delivery/influx-writer.ts';
import { keepToken } from '../../../lambda/influx/delivery/influx-token.ts';
import type { InfluxToken } from '../../../lambda/influx/delivery/influx-token.ts';
import { toLines } from '../../../lambda/influx/lines.ts';
import { influx2, startInflux2Server } from '../../support/influx/influx-2-server.ts';
import type { Influx2Server } from '../../support/influx/influx-2-server.ts';
import { patientClock as clock } from '../../support/time/patient-clock.ts';

describe('a token that is read from a secret', () => {
  let server: Influx2Server;
  let reads: number;
  let inSecret: string;
  let token: InfluxToken;

  beforeEach(async () => {
    server = await startInflux2Server();
    reads = 0;
    inSecret = await makeToken();
    token = keepToken(() => {
      reads += 1;
      return inSecret === '' ? Promise.reject(new Error('the secret cannot be read')) : Promise.resolve(inSecret);
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

  const open = (): InfluxWriter => {
    const { org, bucket } = influx2;
    return createInfluxWriter({ url: server.url, org, bucket, token, clock });
  };
  const lines = toLines(['m f=1 1', 'm f=2 2']);
  const write = (writer: InfluxWriter) => writer.write(lines, 5_000);

  it('is read with the first delivery, and once for all windows', async () => {
    const [first, second] = [open(), open()];
    expect(reads).toBe(0);
    for (const writer of [first, second]) {
      await write(writer);
      expect(await write(writer)).toMatchObject({ outcome: 'delivered' });
      writer.close();
    }
    expect(reads).toBe(1);
  });

  it('is read again after a 401, and the lines that were refused go out with the new one', async () => {
    const writer = open();
    await write(writer);
    server.deleteAllTokens();
    inSecret = await makeToken();
    expect(await write(writer)).toMatchObject({ outcome: 'delivered' });
    expect(reads).toBe(2);
    writer.close();
  });

  it('when there is no other, the lines are kept with the reason, and each delivery asks but once', async () => {
    server.deleteAllTokens();
    const writer = open();
    expect(await write(writer)).toMatchObject({ outcome: 'retryable', status: 401 });
    expect(reads).toBe(2);
    expect(server.asked.filter((line) => line.includes('/write'))).toHaveLength(1);
    writer.close();
  });

  it('when it cannot be read the lines are kept, and the next delivery tries again', async () => {
    const there = inSecret;
    inSecret = '';
    const writer = open();
    const reason = 'the secret cannot be read';
    expect(await write(writer)).toEqual({ outcome: 'retryable', reason });
    inSecret = there;
    expect(await write(writer)).toMatchObject({ outcome: 'delivered' });
    writer.close();
  });

  it('after the end nothing is sent', async () => {
    const writer = open();
    writer.close();
    expect(await write(writer)).toMatchObject({ outcome: 'retryable' });
    expect(server.asked.filter((line) => line.includes('/write'))).toEqual([]);
  });
});
