import { expect, it } from 'vitest';
import { collectionOf, isCollected } from '../../lambda/targets/collection-rule.ts';

const nowMs = Date.parse('2026-11-22T14:05:00.000Z');
const at = (afterMs: number): string => new Date(nowMs + afterMs).toISOString();

it.each([
  { enabled: true, expiresAt: undefined, collection: 'on' },
  { enabled: true, expiresAt: at(1), collection: 'on' },
  { enabled: true, expiresAt: at(0), collection: 'expired' },
  { enabled: true, expiresAt: at(-1), collection: 'expired' },
  { enabled: false, expiresAt: undefined, collection: 'off' },
  { enabled: false, expiresAt: at(-1), collection: 'off' },
])('enabled: $enabled, expiring at $expiresAt is $collection', ({ collection, ...target }) => {
  expect(collectionOf(target, nowMs)).toBe(collection);
  expect(isCollected(target, nowMs)).toBe(collection === 'on');
});
