import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { countsOf, idleCosts, managedCost, sum } from '../support/aws/idle-cost.ts';
import type { Cost } from '../support/aws/idle-cost.ts';
import { ownInflux, synthesize } from '../support/aws/synthesize.ts';

/** Synthesizing takes seconds of computing, which may be many on a machine that is busy. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const readme = readFileSync(new URL('../../infra/README.md', import.meta.url), 'utf8');
const app = synthesize(ownInflux);

/** The README's table: what it says of each thing, and its last row. */
function table(): { readonly rows: Readonly<Record<string, Cost>>; readonly total: Cost; readonly text: string } {
  const [text = ''] = /\n\| Lambda, compute[^]*?\n\n/.exec(readme) ?? [];
  const rows = text
    .trim()
    .split('\n')
    .map((row): [string, Cost] => {
      const [, name = '', , list, withFree] = row.split('|').map((cell) => cell.replaceAll('*', '').trim());
      return [name, [Number.parseFloat(list ?? ''), Number.parseFloat(withFree ?? '')]];
    });
  return { rows: Object.fromEntries(rows.slice(0, -1)), total: rows.at(-1)?.[1] ?? [NaN, NaN], text };
}

describe("the README's table of costs", () => {
  it('is what follows from the templates and the list prices', () => {
    const costs = idleCosts(app);
    expect(table().rows).toEqual(costs);
    expect(table().total).toEqual(sum(Object.values(costs)));
  });

  it('counts what there is', () => {
    const { metrics, alarms, dashboards, secrets } = countsOf(app);
    const { text } = table();
    for (const each of [`${metrics} metrics ×`, `${alarms} alarms ×`, `${secrets} secrets ×`])
      expect(text).toContain(each);
    expect(dashboards).toBe(0);
    const [list, withFree] = table().total.map((usd) => usd.toFixed(2));
    expect(readme).toContain(
      `${withFree ?? ''} if nothing else uses the account's free allowances, otherwise up to ${list ?? ''}`,
    );
  });

  it('prices a managed InfluxDB by what is deployed with it', () => {
    const usd = Math.round(managedCost(synthesize({ influxManaged: true })));
    expect(readme).toContain(`A managed InfluxDB costs **about ${usd} a month**`);
    expect(readme).toContain(`[about ${usd} USD a month](#cost)`);
    expect(() => synthesize({})).toThrow(`about ${usd} USD a month`);
  });

  it('adds up for an hour in which a test runs, with what hand-over costs', () => {
    const [sentence = ''] = /Each hour in which tests run costs [^\n]+/.exec(readme) ?? [];
    const figures = [...sentence.matchAll(/[\d,]*\d(?:\.\d+)?/g)].map(([text]) => Number(text.replaceAll(',', '')));
    const [total, goal = NaN, own = NaN, overlap = NaN, gb = NaN, gbSeconds = NaN, each = NaN, compute, ...others] =
      figures;
    const [writes = NaN, claimWrites = NaN, perMWrites = NaN, writing, reads = NaN, claimReads = NaN, ...rest] = others;
    const [perMReads = NaN, reading, metrics = NaN, perMetric = NaN, hours = NaN, watching] = rest;
    const parts = [
      (own + overlap) * gb * each,
      ((writes + claimWrites) * perMWrites) / 1e6,
      ((reads + claimReads) * perMReads) / 1e6,
      (metrics * perMetric) / hours,
    ];
    expect(gbSeconds).toBe(Math.round((own + overlap) * gb));
    expect([compute, writing, reading, watching]).toEqual(parts.map((part) => Number(part.toFixed(4))));
    const sum = parts.reduce((so, part) => so + part, 0);
    expect(total).toBe(Number(sum.toFixed(3)));
    expect(total).toBeLessThan(goal);
  });
});
