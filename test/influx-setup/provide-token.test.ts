import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { provideToken } from '../../lambda/influx-setup/provide-token.ts';
import type { InfluxSetupPorts, Provided } from '../../lambda/influx-setup/provide-token.ts';
import { setUp as setUpAll } from '../../lambda/influx-setup/set-up.ts';
import type { Clock } from '../../lambda/runtime/clock.ts';
import { influx2, startInflux2Server } from '../support/influx/influx-2-server.ts';
import type { Influx2Server } from '../support/influx/influx-2-server.ts';
import { noDeadline } from '../support/time/patient-clock.ts';

describe("the setup of a managed InfluxDB's token", () => {
  let server: Influx2Server;
  let sleptMs: number;
  let secret: string | undefined;

  beforeEach(async () => {
    server = await startInflux2Server();
    sleptMs = 0;
    secret = 'a-placeholder-that-is-no-token';
  });
  afterEach(() => server.close());

  /** Time goes by while one sleeps, and only then. */
  const clock: Clock = {
    now: () => sleptMs,
    passedMs: () => sleptMs,
    sleepUntil(instantMs) {
      sleptMs = instantMs;
      return Promise.resolve();
    },
    deadline: noDeadline,
  };

  const portsWith = (more: Partial<InfluxSetupPorts>): InfluxSetupPorts => {
    const { org, bucket, username, password } = influx2;
    return {
      clock,
      influx: { url: server.url, org, bucket },
      readSignIn: () => Promise.resolve({ username, password }),
      readToken: () => Promise.resolve(secret),
      putToken(token) {
        secret = token;
        return Promise.resolve();
      },
      ...more,
    };
  };
  const setUp = (more: Partial<InfluxSetupPorts> = {}): Promise<Provided> => provideToken(portsWith(more));

  it('puts a token into the secret that may write the one bucket, and nothing else', async () => {
    expect(await setUp()).toBe('made');
    expect(server.authorizations).toHaveLength(1);
    expect(server.authorizations[0]?.token).toBe(secret);
    expect(server.authorizations[0]?.permissions).toEqual([
      { action: 'write', resource: { type: 'buckets', id: '0b0b0b0b0b0b0b0b', orgID: '0a0a0a0a0a0a0a0a' } },
    ]);
    expect(server.asked.at(-1)).toBe('POST /api/v2/signout 204');
  });

  it('does nothing when the token that is there works: not even sign in', async () => {
    await setUp();
    const [before, askedBefore] = [secret, server.asked.length];
    expect(await setUp()).toBe('kept');
    expect(secret).toBe(before);
    expect(server.asked.slice(askedBefore)).toEqual(['POST /api/v2/write 400']);
  });

  it('makes a new one when the old one was taken away in InfluxDB', async () => {
    await setUp();
    const before = secret;
    server.deleteAllTokens();
    expect(await setUp()).toBe('made');
    expect(secret).not.toBe(before);
  });

  it('leaves no second token behind when the secret was lost', async () => {
    await setUp();
    secret = undefined;
    expect(await setUp()).toBe('made');
    expect(server.authorizations.map(({ token }) => token)).toEqual([secret]);
  });

  it('keeps the old token when the new one cannot be put into the secret', async () => {
    await setUp();
    const before = server.authorizations;
    const putToken = (): Promise<void> => Promise.reject(new Error('no access'));
    await expect(setUp({ putToken, readToken: () => Promise.resolve(undefined) })).rejects.toThrow('no access');
    expect(server.authorizations).toEqual(expect.arrayContaining([...before]));
  });

  it.each([
    ['a new one keeps points for 30 days', 'first', undefined, 30],
    ['a new one keeps them for as long as somebody says', 'first', 7, 7],
    ['for ever, too', 'first', 0, 0],
    ['one that was there is left as it is', 'change', undefined, undefined],
    ['one that was there is changed by who says so', 'change', 90, 90],
  ] as const)('%s', async (_, occasion, retentionDays, expected) => {
    const before = server.retentionSeconds;
    expect(await setUpAll(portsWith({}), { occasion, retentionDays })).toEqual({
      token: 'made',
      retentionDays: expected,
    });
    expect(server.retentionSeconds).toBe(expected === undefined ? before : expected * 86_400);
  });

  it('waits for an instance that is still starting', async () => {
    server.failNext(3, 503);
    expect(await setUp()).toBe('made');
    expect(server.asked.filter((line) => line.endsWith('503'))).toHaveLength(3);
  });

  it('gives up on one that never answers, saying what it asked', async () => {
    server.failNext(100, 503);
    await expect(setUp()).rejects.toThrow('POST /api/v2/write was answered with 503');
    expect(server.asked).toHaveLength(6);
    expect(sleptMs).toBe(50_000);
  });

  it('a wrong password fails at once, and is shown nowhere', async () => {
    const readSignIn = (): Promise<{ username: string; password: string }> =>
      Promise.resolve({ username: 'admin', password: 'wrong-secret' });
    const failing = setUp({ readSignIn });
    await expect(failing).rejects.toThrow('POST /api/v2/signin was answered with 401');
    await expect(failing).rejects.not.toThrow(/wrong-secret/);
  });

  it('a bucket that is not there is named', async () => {
    const influx = { url: server.url, org: influx2.org, bucket: 'other' };
    await expect(setUp({ influx })).rejects.toThrow('there is no bucket other in load-tests');
  });
});
