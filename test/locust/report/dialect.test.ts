import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseReport } from '../../../lambda/locust/report/report.ts';

const folder = new URL('../../fixtures/locust-reports/', import.meta.url);

function dialect(text: string): string {
  const parsed = parseReport(text);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.dialect;
}

const answer = (top: object, row: object = {}): string =>
  JSON.stringify({ stats: [{ name: 'Aggregated', ...row }], errors: [], state: 'running', ...top });

/** Locust 0.14.6 as 14006: enough to compare releases. */
const rank = (release: string): number => {
  const [major = 0, minor = 0, patch = 0] = release.split('.').map(Number);
  return major * 1_000_000 + minor * 1_000 + patch;
};

describe('the releases that an answer may come from', () => {
  it.each(readdirSync(folder).filter((name) => name.endsWith('.json')))('hold the one that sent %s', (name) => {
    const words = dialect(readFileSync(new URL(name, folder), 'utf8'));

    const [, from] = /(?:from |Locust )(\d[\d.]*)(?:,| or later)/.exec(words) ?? [];
    const [, before] = /before (\d[\d.]*)/.exec(words) ?? [];
    const sent = rank(name.split('-')[0] ?? '');
    expect(words).not.toContain('unknown');
    expect(rank(from ?? '')).toBeLessThanOrEqual(sent);
    expect(sent).toBeLessThan(before === undefined ? Infinity : rank(before));
  });

  it.each([
    ['2.47.0-local.running.json', 'Locust 2.45.0 or later'],
    ['2.37.14-dist.running.json', 'Locust from 2.37.13, before 2.44.0'],
    ['2.31.0-local.running.json', 'Locust from 2.21.0, before 2.37.13'],
    ['2.12.1-dist.running.json', 'Locust from 2.7.0, before 2.15.1'],
    ['1.6.0-local.running.json', 'Locust from 0.13.0, before 2.7.0'],
    ['0.14.6-dist.running.json', 'Locust from 0.13.0, before 1.0'],
  ])('of %s are %s', (name, words) => {
    expect(dialect(readFileSync(new URL(name, folder), 'utf8'))).toBe(words);
  });

  it('are few for Locust 0.8, whose total is called Total', () => {
    expect(dialect(answer({}, { name: 'Total' }))).toBe('Locust before 0.9.0');
  });

  it('are unknown when no release sends these keys together', () => {
    expect(dialect(answer({ current_rps: 1 }, { safe_name: 'x' }))).toBe('unknown Locust');
  });
});
