import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultDashboard, VariableType } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { describe, expect, test } from 'vitest';
import { dashboardJson, dashboards, dashboardsFolder } from '../../infra/grafana/build.ts';
import type { InfluxQlQuery } from '../../infra/grafana/influxql.ts';
import { collectorQueries } from '../../infra/grafana/queries/collector.ts';
import { endpointQueries } from '../../infra/grafana/queries/endpoints.ts';
import { nowQueries } from '../../infra/grafana/queries/now.ts';
import { compareQueries } from '../../infra/grafana/queries/compare.ts';
import { runQueries } from '../../infra/grafana/queries/run.ts';
import { trendsQueries } from '../../infra/grafana/queries/trends.ts';

const all = Object.entries(dashboards());
type AnyDashboard = (typeof all)[number][1];

const panelsOf = (dashboard: AnyDashboard): Panel[] =>
  (dashboard.panels ?? []).filter((each): each is Panel => each.type !== 'row');
const queriesOf = (panel: Panel): InfluxQlQuery[] => (panel.targets ?? []) as unknown as InfluxQlQuery[];

test('the committed JSON is what the code builds', async () => {
  const names = await readdir(dashboardsFolder);
  expect(names.sort()).toEqual(all.map(([name]) => `${name}.json`).sort());
  for (const [name, dashboard] of all) {
    const committed = await readFile(join(dashboardsFolder, `${name}.json`), 'utf8');
    expect(committed, 'npm run build writes it').toBe(dashboardJson(dashboard));
  }
});

test('every named query is asked by a panel', () => {
  const asked = new Set(
    all.flatMap(([, dashboard]) =>
      panelsOf(dashboard)
        .flatMap(queriesOf)
        .map(({ query }) => query),
    ),
  );
  const named = [nowQueries, endpointQueries, runQueries, compareQueries, trendsQueries, collectorQueries].flatMap(
    (queries) => Object.values(queries).flat(),
  );
  expect(named.map((query) => query.build().query).filter((query) => !asked.has(query))).toEqual([]);
});

test('a panel of a run that lies outside the time range says where all of it is', () => {
  const panels = panelsOf(dashboards()['run'] ?? expect.fail());
  const asksRange = (panel: Panel): boolean => queriesOf(panel).some(({ query }) => query.includes('$timeFilter'));
  const others = panels.filter((panel) => !asksRange(panel));
  const tiles = ['State', 'Last sample', 'Users', 'Requests/s', 'p95', 'Failed', 'Verdict'];
  expect(others.map(({ title }) => title)).toEqual([...tiles, 'Chosen run']);
  for (const panel of panels.filter(asksRange)) {
    expect(panel.fieldConfig?.defaults.noValue, panel.title).toContain('“Chosen run”');
  }
});

describe.each(all)('dashboard %s', (_name, dashboard) => {
  const panels = panelsOf(dashboard);
  const text = JSON.stringify(dashboard);

  test('has the schema of its time, so that Grafana migrates nothing', () => {
    expect(dashboard.schemaVersion).toBe(defaultDashboard().schemaVersion);
  });

  test('every panel says what it shows, what to make of it, and why it is empty when it is', () => {
    for (const panel of panels) {
      expect(panel.title).toMatch(/^\S/);
      expect(panel.description?.length, panel.title).toBeGreaterThan(30);
      const { noValue = '' } = panel.fieldConfig?.defaults ?? {};
      // A tile would make a sentence too small to read.
      if (panel.type === 'stat')
        expect([noValue, panel.description], panel.title).toEqual(['–', expect.stringContaining('“–”: ')]);
      else expect(noValue.length, panel.title).toBeGreaterThan(10);
    }
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
  });

  test('panels have numbers of their own and lie beside each other', () => {
    const ids = (dashboard.panels ?? []).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } = { x: 0, y: 0, w: 0, h: 0 } }) => {
      expect(x + w).toBeLessThanOrEqual(24);
      return Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)} ${y + Math.floor(cell / w)}`);
    });
    expect(new Set(cells).size).toBe(cells.length);
  });

  test('asks the chosen data source alone, and only by variables that there are', () => {
    const uids = [...text.matchAll(/"uid":"([^"]*)"/g)].map(([, uid]) => uid).filter((uid) => uid !== dashboard.uid);
    expect(new Set(uids)).toEqual(new Set(['${datasource}']));
    const names = new Set((dashboard.templating.list ?? []).map(({ name }) => name));
    const used = [...text.matchAll(/\$\{(\w+)(?::\w+)?\}/g)].map(([, name = '']) => name);
    expect(used.filter((name) => !names.has(name))).toEqual([]);
  });

  test('a value is put into a condition only as an escaped pattern', () => {
    const queries = [
      ...panels.flatMap(queriesOf).map(({ query }) => query),
      ...(dashboard.templating.list ?? []).map(({ query }) => (typeof query === 'string' ? query : '')),
    ];
    for (const query of queries) {
      const conditions = query.split('WHERE').slice(1).join(' ');
      const unescaped = conditions
        .replaceAll(/[=!]~ \/\^\$\{\w+:regex\}\$\//g, '')
        .replaceAll('$timeFilter', '')
        // One of a few numbers.
        .replaceAll(/(<|>=) \$\{p95limit\}/g, '');
      expect(unescaped.replaceAll('$__interval', ''), query).not.toMatch(/\$[\w{]/);
    }
  });

  test('what there is to choose is of any time, which InfluxDB 3 has to be asked for, or of the time range', () => {
    const lists = (dashboard.templating.list ?? []).filter(({ type }) => type === VariableType.Query);
    expect(lists.length).toBeGreaterThan(1);
    for (const { query } of lists)
      expect(query).toMatch(/^S(HOW TAG VALUES|ELECT) .* WHERE (time > 0|.*\$timeFilter)( AND | GROUP BY |$)/);
  });

  test('nothing is red at rest', () => {
    const rules = panels.flatMap((panel) => {
      const { defaults, overrides } = panel.fieldConfig ?? { defaults: {}, overrides: [] };
      const ofColumns = overrides.flatMap(({ properties }) => properties).filter(({ id }) => id === 'thresholds');
      return [defaults.thresholds, ...ofColumns.map(({ value }) => value as typeof defaults.thresholds)];
    });
    for (const rule of rules) {
      const atZero = rule?.steps.findLast(({ value }) => value === null || value <= 0);
      expect(['text', 'green', 'transparent']).toContain(atZero?.color);
    }
  });

  test('a single missing value is a dash, not the text of an empty panel', () => {
    for (const { type, title, fieldConfig } of panels.filter((panel) => panel.type !== 'stat')) {
      const rules = fieldConfig?.overrides.filter(({ matcher }) => matcher.options === '/.*/') ?? [];
      expect(
        rules.flatMap(({ properties }) => properties),
        `${type} ${title}`,
      ).toContainEqual({ id: 'noValue', value: '–' });
    }
  });

  test('numbers have a unit or are plain counts, and lines stop where samples are missing', () => {
    for (const { type, title, fieldConfig } of panels) {
      const { unit, decimals } = fieldConfig?.defaults ?? {};
      const custom: unknown = fieldConfig?.defaults.custom;
      if (type === 'stat' && (title === 'State' || title === 'Verdict')) continue;
      if (['stat', 'timeseries', 'trend'].includes(type)) expect(unit ?? decimals, title).toBeDefined();
      if (type === 'timeseries') expect(custom, title).toHaveProperty('insertNulls');
    }
  });

  test('times and sizes keep their decimals: without, 1,220 ms reads “1 s”', () => {
    const scaled = new Set<unknown>(['ms', 's', 'bytes', 'decbytes']);
    for (const { title, fieldConfig } of panels) {
      const { unit: usual, decimals: usually } = fieldConfig?.defaults ?? {};
      const columns = (fieldConfig?.overrides ?? []).map(({ properties }) => {
        const own = (id: string): unknown => properties.find((property) => property.id === id)?.value;
        return { unit: own('unit') ?? usual, decimals: own('decimals') };
      });
      const rounded = [{ unit: usual, decimals: usually }, ...columns].filter(({ decimals }) => decimals !== undefined);
      expect(
        rounded.filter(({ unit }) => scaled.has(unit)),
        title,
      ).toEqual([]);
    }
  });

  test('no line is drawn over a time in which nothing ran, and what failed is not green', () => {
    for (const { type, title = '', fieldConfig } of panels) {
      const { custom, color } = (fieldConfig?.defaults ?? {}) as {
        readonly custom?: unknown;
        readonly color?: unknown;
      };
      // From run to run the line is the trend.
      if (type === 'timeseries' && !title.endsWith('per run')) {
        expect(custom, title).toHaveProperty('insertNulls', expect.any(Number));
      }
      if (title.startsWith('Failed attempts by kind')) expect(color).toEqual({ mode: 'shades', fixedColor: 'orange' });
    }
  });

  test('links to other dashboards and switches of annotations are in sight, in no menu', () => {
    expect(dashboard.links).toHaveLength(all.length - 1);
    expect(text).not.toContain('inControlsMenu');
  });

  test('a row that is there once for each target is not there for all of them by itself', () => {
    const repeated = (dashboard.panels ?? []).map(({ repeat }) => repeat).filter((name) => name !== undefined);
    const variables = (dashboard.templating.list ?? []).filter(({ name }) => repeated.includes(name));
    expect(variables).toHaveLength(repeated.length);
    expect(variables.filter(({ includeAll }) => includeAll === true)).toEqual([]);
  });

  test('where a query takes the newest rows alone, the panel says how many', () => {
    for (const panel of panels) {
      for (const { query } of queriesOf(panel)) {
        const limit = /ORDER BY time DESC LIMIT (\d+)$/.exec(query)?.[1];
        expect(query.includes('LIMIT'), query).toBe(limit !== undefined);
        if (limit !== undefined) expect(panel.description).toContain(Number(limit).toLocaleString('en'));
      }
    }
  });

  test('the choice of a data source says which ones these dashboards can ask', () => {
    const sources = (dashboard.templating.list ?? []).filter(({ type }) => type === VariableType.Datasource);
    expect(sources.map(({ description }) => description)).toEqual([expect.stringContaining('InfluxQL')]);
  });

  test('links lead to dashboards that there are', () => {
    const uids = new Set(all.map(([, { uid }]) => uid));
    const links = [...text.matchAll(/\/d\/([\w-]+)/g)].map(([, uid]) => uid);
    expect(links.length).toBeGreaterThan(2);
    expect(links.every((uid) => uids.has(uid))).toBe(true);
  });
});
