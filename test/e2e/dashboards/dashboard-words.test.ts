import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { beforeAll, describe, expect, test } from 'vitest';
import { dashboards } from '../../../infra/grafana/build.ts';
import { panelsOf } from '../support/grafana/grafana.ts';
import { loadGrafanaData } from '../support/grafana/grafana-data.ts';
import { describeWithParts } from '../support/parts.ts';

// Grafana takes any word, and shows nothing, or something else, where it does not know it.
describeWithParts('Every word of the dashboards that Grafana gives a meaning', () => {
  let grafana: ReturnType<typeof loadGrafanaData>;
  beforeAll(() => {
    grafana = loadGrafanaData();
  });

  /** The values of all properties of that name in a panel, overrides included. */
  function valuesOf(name: string, of: unknown): readonly unknown[] {
    if (typeof of !== 'object' || of === null) return [];
    const own = 'id' in of && of.id === name && 'value' in of ? [of.value] : [];
    const inside = Object.entries(of).flatMap(([key, value]) => [
      ...(key === name ? [value as unknown] : []),
      ...valuesOf(name, value),
    ]);
    return [...own, ...inside];
  }
  const words = (name: string, panels: readonly Panel[]): readonly string[] => [
    ...new Set(valuesOf(name, panels).flatMap((value) => (typeof value === 'string' ? [value] : []))),
  ];

  describe.each(Object.entries(dashboards()))('%s', (_name, dashboard) => {
    const panels = panelsOf(dashboard);

    test('units', () => {
      const known = new Set(grafana.getValueFormats().flatMap(({ submenu }) => submenu.map(({ value }) => value)));
      const units = words('unit', panels).filter((unit) => !unit.startsWith('suffix:'));
      expect(units.length).toBeGreaterThan(2);
      expect(units.filter((unit) => !known.has(unit))).toEqual([]);
    });

    test('matchers of columns, transformations and calculations', () => {
      const matchers = panels.flatMap(
        ({ fieldConfig }) => fieldConfig?.overrides.map(({ matcher }) => matcher.id) ?? [],
      );
      expect(matchers.filter((id) => grafana.fieldMatchers.getIfExists(id) === undefined)).toEqual([]);
      const transformations = panels.flatMap((panel) => panel.transformations?.map(({ id }) => id) ?? []);
      const known = grafana.standardTransformersRegistry;
      expect(transformations.filter((id) => known.getIfExists(id) === undefined)).toEqual([]);
      const calculations = valuesOf('calcs', panels).flat().map(String);
      expect(calculations.length).toBeGreaterThan(0);
      expect(calculations.filter((id) => grafana.fieldReducers.getIfExists(id) === undefined)).toEqual([]);
    });

    test('colours', () => {
      const { visualization } = grafana.createTheme();
      const colours = [...words('color', panels), ...words('fixedColor', panels)];
      // One that it does not know it takes for CSS.
      expect(colours.filter((colour) => visualization.getColorByName(colour) === colour)).toEqual([]);
    });
  });
});
