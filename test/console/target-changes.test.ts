import { expect, test } from 'vitest';

/** The page's own code, which is JavaScript. */
const source = new URL('../../lambda/console/target-form/target-changes.js', import.meta.url).href;
const { bodyOf, patchOf } = (await import(source)) as {
  readonly bodyOf: (values: object) => object;
  readonly patchOf: (values: object, target: object) => object;
};

const target = {
  ...{ id: 'shop', url: 'http://127.0.0.1:8089', project: 'web', enabled: true, sampleSeconds: 10 },
  ...{ states: ['spawning', 'running'], tags: {}, headers: [], maxEndpoints: 500, maxErrors: 50 },
};
const login = { type: '', username: '', password: '', token: '', url: '', fields: [] };
const untouched = {
  ...target,
  ...{ host: '', tags: [], headers: [], login, ca: '', acceptsAny: false, expiresAt: '' },
  ...{ maxEndpoints: '500', maxErrors: '50' },
};
const host = 'https://shop.example.com';

test('the system under test is sent where it was entered, and taken out where it was emptied', () => {
  expect(bodyOf(untouched)).not.toHaveProperty('host');
  expect(bodyOf({ ...untouched, host })).toMatchObject({ host });
  expect(patchOf(untouched, target)).toEqual({});
  expect(patchOf({ ...untouched, host }, target)).toEqual({ host });
  expect(patchOf({ ...untouched, host }, { ...target, host })).toEqual({});
  expect(patchOf(untouched, { ...target, host })).toEqual({ host: null });
});
