import { describe, expect, it } from 'vitest';
import { parseCollectorEnv } from '../../lambda/collector/env.ts';

const good = {
  TARGETS_TABLE: 'T',
  RUNS_TABLE: 'R',
  INFLUX_URL: 'https://influx.example/base',
  INFLUX_ORG: 'o',
  INFLUX_BUCKET: 'b',
  INFLUX_TOKEN_SECRET: 'locust/token',
};

describe("the collector's environment", () => {
  it('has defaults for what need not be set', () => {
    expect(parseCollectorEnv(good)).toEqual({
      targetsTable: 'T',
      runsTable: 'R',
      influx: { url: 'https://influx.example/base', org: 'o', bucket: 'b' },
      influxToken: { secretId: 'locust/token' },
      targetSecretsPrefix: undefined,
      wakeQueueUrl: undefined,
      spoolBucket: undefined,
      idleSeconds: 10,
      serviceName: 'locust2influx-collector',
      allowPrivateAddresses: false,
    });
  });

  it('takes the token itself where there is no secret', () => {
    const { influxToken } = parseCollectorEnv({
      ...good,
      INFLUX_TOKEN_SECRET: undefined,
      INFLUX_TOKEN: 'secret-token',
    });
    expect(influxToken).toEqual({ token: 'secret-token' });
  });

  it.each([
    [{ TARGETS_TABLE: undefined }, /TARGETS_TABLE/],
    [{ INFLUX_URL: 'ftp://x' }, /INFLUX_URL/],
    [{ INFLUX_TOKEN_SECRET: undefined, INFLUX_TOKEN: '' }, /INFLUX_TOKEN/],
    [{ INFLUX_TOKEN_SECRET: undefined }, /exactly one of INFLUX_TOKEN_SECRET and INFLUX_TOKEN/],
    [{ INFLUX_TOKEN: 'secret-token' }, /exactly one of INFLUX_TOKEN_SECRET and INFLUX_TOKEN/],
    [{ TARGET_SECRETS_PREFIX: 'no-slash' }, /TARGET_SECRETS_PREFIX: it looks like/],
    [{ IDLE_SECONDS: '7' }, /IDLE_SECONDS: allowed are 2, 5, 10, 15, 20, 30, 60/],
    [{ ALLOW_PRIVATE_ADDRESSES: 'yes' }, /ALLOW_PRIVATE_ADDRESSES/],
  ])('%j is refused by name, and no value is shown', (more, why) => {
    const parse = () => parseCollectorEnv({ ...good, ...more });
    expect(parse).toThrow(why);
    expect(parse).not.toThrow(/secret-token/);
  });
});
