import { describe, expect, it } from 'vitest';
import { problemsOf, targetSettings } from '../../lambda/targets/target.ts';

const settings = (more: object): ReturnType<typeof targetSettings.safeParse> =>
  targetSettings.safeParse({ id: 'shop', project: 'web', url: 'http://host:8089', ...more });

describe("a target's settings", () => {
  it.each([
    ['http://host:8089', 'http://host:8089'],
    ['http://HOST:80/', 'http://host'],
    ['https://host/base/path//', 'https://host/base/path'],
    ['http://[::1]:8089', 'http://[::1]:8089'],
    ['http://0x7f.1', 'http://127.0.0.1'],
    ['http://bücher.example', 'http://xn--bcher-kva.example'],
  ])('the URL %s is kept as %s', (url, kept) => {
    expect(settings({ url }).data?.url).toBe(kept);
  });

  it.each([
    ['host:8089', /begin with http:\/\/ or https:\/\//],
    ['//host', /not a URL/],
    ['', /not a URL/],
    ['ftp://host', /begin with http:\/\/ or https:\/\//],
    ['http://user:secret@host', /credentials belong in auth/],
    ['http://host/?a=1', /query/],
    ['http://host/?', /query/],
    ['http://host/#x', /fragment/],
    [`http://host/${'x'.repeat(2100)}`, /2048/],
    [`http://host/${'ü'.repeat(400)}`, /2048 characters once percent-encoded/],
  ])('the URL %s is refused: %s', (url, why) => {
    const parsed = settings({ url });
    expect(parsed.success).toBe(false);
    if (!parsed.success) {
      expect(problemsOf(parsed.error)).toMatch(why);
      expect(problemsOf(parsed.error)).not.toContain('secret');
    }
  });

  it.each([`http://host/${'ü'.repeat(339)}`, 'http://host/a b//', 'http://host/../x%2f', 'HTTP:host'])(
    'the URL %s is kept in a form that is taken again as it is',
    (url) => {
      const kept = settings({ url }).data?.url;
      expect(kept).toBeDefined();
      expect(settings({ url: kept }).data?.url).toBe(kept);
    },
  );

  it.each(['shop', 'a-1', '0x0', 'a'.repeat(64)])('the id %s is good', (id) => {
    expect(settings({ id }).success).toBe(true);
  });

  it.each(['ab', 'Shop', '-shop', 'shop-', 'sh op', 'a'.repeat(65), '', 'shöp', 'a/b'])(
    'the id %s is refused',
    (id) => {
      expect(settings({ id }).success).toBe(false);
    },
  );

  it.each([
    [{ sampleSeconds: 3 }, /sampleSeconds/],
    [{ states: [] }, /states/],
    [{ states: ['ready'] }, /states/],
    [{ tags: { target: 'x' } }, /tags.*taken: project/],
    [{ tags: { _x: 'x' } }, /tags/],
    [{ tags: { 'a\\b': 'x' } }, /tags/],
    [{ tags: { a: '' } }, /tags\.a/],
    [{ tags: { a: 'x'.repeat(257) } }, /tags\.a/],
    [{ tags: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`t${index}`, 'x'])) }, /at most 50 tags/],
    [{ maxEndpoints: 0 }, /maxEndpoints/],
    [{ expiresAt: 'soon' }, /expiresAt/],
    [{ project: 'a\nb' }, /project/],
    [{ auth: { type: 'digest' } }, /auth/],
    [{ headers: ['x y'] }, /headers/],
  ])('%j is refused by name', (more, why) => {
    const parsed = settings(more);
    expect(parsed.success ? '' : problemsOf(parsed.error)).toMatch(why);
  });

  it('a password never becomes part of a target', () => {
    const parsed = settings({ auth: { type: 'basic', username: 'u', password: 'secret' } });
    expect(parsed.data?.auth).toEqual({ type: 'basic', username: 'u' });
  });
});
