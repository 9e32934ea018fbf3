import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createParameterSecrets, keepInMemory } from '../../lambda/runtime/target-secrets.ts';
import type { TargetSecretsStore } from '../../lambda/runtime/target-secrets.ts';
import { startParameterStore } from '../support/aws/parameter-store.ts';
import type { ParameterStore } from '../support/aws/parameter-store.ts';

const key = { target: 'shop', ref: 'r1' };
const secrets = { auth: { type: 'basic', username: 'u', password: 's3cret' }, headers: { 'X-Key': 'v' } } as const;

describe('secrets in Parameter Store', () => {
  let ssm: ParameterStore;
  let store: TargetSecretsStore;
  beforeEach(async () => {
    ssm = await startParameterStore();
    store = createParameterSecrets(ssm.client, '/locust2influx/targets/');
  });
  afterEach(() => ssm.close());

  it('are one SecureString per target under the prefix, and come back as they were', async () => {
    await store.create(key, secrets);

    expect(await store.read(key)).toEqual(secrets);
    expect([...ssm.parameters.keys()]).toEqual(['/locust2influx/targets/shop/r1']);
    expect(ssm.requests).toMatchObject([
      { action: 'PutParameter', body: { Type: 'SecureString', Overwrite: false } },
      { action: 'GetParameters', body: { WithDecryption: true } },
    ]);
  });

  it('of many targets are read ten at a time, each once, and each gets its own', async () => {
    const keys = Array.from({ length: 95 }, (_, index) => ({ target: `target-${index}`, ref: 'r1' }));
    for (const each of keys) await store.create(each, { headers: { 'X-Key': each.target } });
    const gone = { target: 'gone', ref: 'r1' };

    const read = await Promise.all([...keys, ...keys, gone].map((each) => store.read(each)));

    expect(read).toEqual(
      [...keys, ...keys].map(({ target }) => ({ headers: { 'X-Key': target } })).concat(undefined as never),
    );
    expect(ssm.requests.filter(({ action }) => action === 'GetParameters')).toHaveLength(10);
  });

  it('that are not there are undefined, and removing them twice is no error', async () => {
    await store.create(key, secrets);
    await store.remove(key);
    await store.remove(key);

    expect(await store.read(key)).toBeUndefined();
    expect(ssm.parameters.size).toBe(0);
  });

  it('never stand in an error, though SSM repeats what it refuses', async () => {
    const long = { headers: { 'X-Key': 's3cret'.repeat(1000) } };
    for (const failing of [
      store.create(key, long),
      store.create(key, secrets).then(() => store.create(key, secrets)),
    ]) {
      const error = await failing.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(Error);
      expect(error).not.toHaveProperty('cause');
      expect(String((error as Error).stack)).not.toContain('s3cret');
      expect((error as Error).message).toMatch(/ValidationException|ParameterAlreadyExists/);
    }
  });

  it('kept in memory are read once for each reference, failures and holes again', async () => {
    await store.create(key, secrets);
    const memory = keepInMemory(store);
    const reads = (): number => ssm.requests.filter(({ action }) => action === 'GetParameters').length;

    await Promise.all([memory.read(key), memory.read(key)]);
    expect(await memory.read(key)).toEqual(secrets);
    expect(reads()).toBe(1);

    const later = { target: 'shop', ref: 'r2' };
    expect(await memory.read(later)).toBeUndefined();
    await store.create(later, { headers: { a: 'b' } });
    expect(await memory.read(later)).toEqual({ headers: { a: 'b' } });
    expect(reads()).toBe(3);
  });

  it('kept in memory are those of no more targets than asked for', async () => {
    const memory = keepInMemory(store, 2);
    for (const ref of ['a', 'b', 'c']) {
      await store.create({ target: 'shop', ref }, secrets);
      await memory.read({ target: 'shop', ref });
    }

    await memory.read({ target: 'shop', ref: 'c' });
    await memory.read({ target: 'shop', ref: 'a' });

    expect(ssm.requests.filter(({ action }) => action === 'GetParameters')).toHaveLength(4);
  });
});
