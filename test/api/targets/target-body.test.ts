import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { splitSecrets } from '../../../lambda/api/targets/split-secrets.ts';
import { targetBody } from '../../../lambda/api/targets/target-body.ts';
import type { TargetBody } from '../../../lambda/api/targets/target-body.ts';
import { createTargetEdits } from '../../../lambda/targets/edit-targets.ts';
import type { TargetEdits } from '../../../lambda/targets/edit-targets.ts';
import { sampleSecondsChoices } from '../../../lambda/targets/target.ts';
import { parseSecrets } from '../../../lambda/runtime/target-secrets.ts';
import { startRegistry } from '../../support/rigs/registry.ts';
import type { TestRegistry } from '../../support/rigs/registry.ts';

let registry: TestRegistry;
let edits: TargetEdits;
beforeAll(async () => {
  registry = await startRegistry();
  edits = createTargetEdits(registry.client, 'Targets');
});
afterAll(() => registry.close());

/** Any sixteen bits, so that halves of characters are among them. */
const halves = fc
  .array(fc.integer({ min: 0x20, max: 0xffff }), { maxLength: 6 })
  .map((codes) => String.fromCharCode(...codes));
const text = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
  fc.string({ minLength: 250, maxLength: 260 }),
  fc.constantFrom('constructor', '__proto__', 'toString', '#v', ':v0', ' ', '"', 'ſ', '\u2028', '\ufeff', '\ud83d'),
  halves,
);
const url = fc
  .tuple(
    fc.constantFrom('http://', 'HTTPS://', 'http:', 'http:///', 'https:\\\\', 'ftp://'),
    fc.constantFrom('127.0.0.1:8089', '0x7f.1', '[::1]:1', 'bücher.example:80', 'a.b.', 'H', 'xn--a', 'a_b', '1.2.3'),
    fc.oneof(
      fc.constantFrom('', '/', '//', '/a/../b//', '/%2e%2E/x', '/%zz', '/ü'),
      text.map((path) => `/${path}`),
    ),
    fc.constantFrom(0, 0, 0, 300, 700, 2000),
  )
  .map(([scheme, host, path, padding]) => `${scheme}${host}${path}${'ü'.repeat(padding)}`);
const year = fc.constantFrom('0000', '0001', '0099', '1969', '2026', '9999', '+010000', '-000001', '10000');
const parts = fc.tuple(
  year,
  fc.constantFrom('-01-01', '-12-31', '-02-30', '-02-29'),
  fc.constantFrom('T00:00:00', 'T23:59:59.9999999', 'T24:00:00', 'T12:00', 't12:00:00'),
  fc.constantFrom('Z', '+14:00', '-23:59', '', 'z'),
);
const edges = fc.constantFrom('0000-01-01T00:00:00+14:00', '9999-12-31T23:00:00-02:00', '0000-01-01T00:00:00Z');
const instant = fc.oneof(
  edges,
  parts.map((all) => all.join('')),
);

const body = fc.record(
  {
    source: fc.constantFrom('fetch', 'fetch', 'fetch', 'report'),
    url,
    project: text,
    enabled: fc.boolean(),
    sampleSeconds: fc.constantFrom(...sampleSecondsChoices),
    states: fc.array(fc.constantFrom('spawning', 'running'), { maxLength: 5 }),
    tags: fc.dictionary(text, text, { maxKeys: 5 }),
    auth: fc.oneof(
      fc.record({ type: fc.constant('basic'), username: text, password: text }),
      fc.record({ type: fc.constant('bearer'), token: text }),
    ),
    tls: fc.record({ verify: fc.boolean() }, { requiredKeys: [] }),
    headers: fc.dictionary(fc.oneof(text, fc.constantFrom('X-Key', 'x-key', 'constructor')), text, { maxKeys: 3 }),
    maxEndpoints: fc.oneof(fc.integer({ min: 0, max: 5001 }), fc.double()),
    maxErrors: fc.oneof(fc.integer({ min: 0, max: 501 }), fc.double()),
    expiresAt: instant,
  },
  { requiredKeys: [] },
);

/** Each field is taken or refused by itself, so that most bodies have something odd and fit all the same. */
function accepted({ source = 'fetch', ...given }: { readonly source?: string }): TargetBody | undefined {
  const base = source === 'fetch' ? { source, url: 'http://127.0.0.1:1' } : { source };
  const fits = (more: object): boolean => targetBody.safeParse({ ...base, ...more }).success;
  const fitting = Object.entries(given).filter(([name, value]) => fits({ [name]: value }));
  return targetBody.safeParse({ ...base, ...Object.fromEntries(fitting) }).data;
}

function split(given: TargetBody): ReturnType<typeof splitSecrets> | undefined {
  try {
    return splitSecrets(given);
  } catch {
    return undefined;
  }
}

it('every body that is accepted comes back from the table and from the store of secrets as it went in', async () => {
  let stored = 0;
  const made = '2026-11-22T14:05:00.000Z';
  await fc.assert(
    fc.asyncProperty(body, async (given) => {
      const parsed = accepted(given);
      const parts = parsed && split(parsed);
      fc.pre(parts !== undefined);
      const record = {
        ...parts.settings,
        id: 'shop',
        owner: 'admin',
        createdAt: made,
        updatedAt: made,
        version: 1,
      } as const;

      const written = await edits.write(record, (await edits.find('shop'))?.mark);

      const found = await edits.find('shop');
      expect(written).toEqual(record);
      expect(found).toMatchObject({ fits: true });
      expect(found?.fits === true && found.target).toEqual(record);
      const secrets = JSON.stringify(parts.secrets ?? {});
      expect(parseSecrets(Buffer.from(secrets).toString())).toEqual(parts.secrets ?? {});
      expect(JSON.stringify(record)).toBe(Buffer.from(JSON.stringify(record)).toString());
      stored += 1;
    }),
    { numRuns: 200 },
  );
  expect(stored).toBeGreaterThan(150);
}, 30_000);
