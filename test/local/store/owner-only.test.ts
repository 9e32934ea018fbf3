import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSecretsFile } from '../../../infra/local/registry/secrets-file.ts';
import { loadTokens } from '../../../infra/local/api/tokens.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'owner-only-'));
});
afterEach(() => rm(folder, { recursive: true }));

const modeOf = async (name: string): Promise<string> => ((await stat(join(folder, name))).mode & 0o777).toString(8);
const key = (ref: string) => ({ target: 'shop', ref });
const secrets = { auth: { type: 'bearer', token: 's3cret' }, headers: { 'X-Key': 'v' } } as const;

describe('the file of secrets', () => {
  it('gives back what was kept, to another process too, and no more once it is removed', async () => {
    await createSecretsFile({ folder }).create(key('a'), secrets);

    const store = createSecretsFile({ folder });
    expect(await store.read(key('a'))).toEqual(secrets);
    expect(await store.read(key('b'))).toBeUndefined();
    await store.remove(key('a'));
    await store.remove(key('a'));
    expect(await store.read(key('a'))).toBeUndefined();
    expect(await readFile(join(folder, 'secrets.json'), 'utf8')).not.toContain('s3cret');
  });

  it('is its owner’s alone, also when somebody had opened it to others', async () => {
    const store = createSecretsFile({ folder });
    await store.create(key('a'), secrets);
    expect(await modeOf('secrets.json')).toBe('600');

    await chmod(join(folder, 'secrets.json'), 0o644);
    await store.read(key('a'));

    expect(await modeOf('secrets.json')).toBe('600');
  });

  it('loses nothing when many write at once, and leaves nothing else in the folder', async () => {
    const store = createSecretsFile({ folder });

    await Promise.all(Array.from({ length: 30 }, (_, index) => store.create(key(`r${index}`), secrets)));

    const all = await Promise.all(Array.from({ length: 30 }, (_, index) => store.read(key(`r${index}`))));
    expect(all.every((each) => each?.auth?.type === 'bearer')).toBe(true);
    expect(await readdir(folder)).toEqual(['secrets.json']);
  });

  it('that is damaged is reported without what is in it', async () => {
    await writeFile(join(folder, 'secrets.json'), '{"shop/a":"s3cret');

    const reading = createSecretsFile({ folder }).read(key('a'));

    await expect(reading).rejects.toThrow('damaged');
    await expect(reading).rejects.not.toThrow('s3cret');
  });

  it('keeps target and reference apart from others that would make the same name', async () => {
    const store = createSecretsFile({ folder });
    await store.create({ target: '__proto__', ref: 'x' }, secrets);

    expect(await store.read({ target: '__proto__', ref: 'x' })).toEqual(secrets);
    expect(await store.read({ target: 'constructor', ref: 'name' })).toBeUndefined();
  });
});

describe('the tokens of one machine', () => {
  it('are made once, kept for their owner alone, and differ', async () => {
    const first = await loadTokens(folder, {});

    expect(first.admin).toMatch(/^[\w-]{32}$/);
    expect(first.reporter).not.toBe(first.admin);
    expect(await loadTokens(folder, {})).toEqual(first);
    expect(await modeOf('tokens.json')).toBe('600');
  });

  it('are those of the environment where it has some', async () => {
    const [admin, reporter] = ['a'.repeat(16), 'r'.repeat(16)];
    expect(await loadTokens(folder, { ADMIN_TOKEN: admin, REPORTER_TOKEN: reporter })).toEqual({ admin, reporter });
    expect(await readdir(folder)).toEqual([]);
    const half = await loadTokens(folder, { ADMIN_TOKEN: admin, REPORTER_TOKEN: '' });
    expect(half.admin).toBe(admin);
    expect(half.reporter).toMatch(/^[\w-]{32}$/);
  });

  it('that could not be sent, or would make a reporter an admin, are refused without showing them', async () => {
    await expect(loadTokens(folder, { ADMIN_TOKEN: 'two words' })).rejects.toThrow(/^ADMIN_TOKEN may hold/);
    const same = 'x'.repeat(16);
    await expect(loadTokens(folder, { ADMIN_TOKEN: same, REPORTER_TOKEN: same })).rejects.toThrow('must differ');
  });

  it.each(['ADMIN_TOKEN', 'REPORTER_TOKEN'])('that could be found by trying are refused: a short %s', async (name) => {
    const short = 'q'.repeat(15);

    const failure = await loadTokens(folder, { [name]: short }).catch(String);

    expect(failure).toBe(`Error: ${name} needs at least 16 characters.`);
  });
});
