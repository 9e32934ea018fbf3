import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { expect, test } from 'vitest';
import { dashboards } from '../../infra/grafana/build.ts';

const panels = Object.values(dashboards()).flatMap((dashboard) =>
  (dashboard.panels ?? []).filter((each): each is Panel => each.type !== 'row'),
);

interface Override {
  readonly isPattern: boolean;
  readonly of: string;
  readonly isNamed: boolean;
}

const overridesOf = ({ fieldConfig }: Panel): readonly Override[] =>
  (fieldConfig?.overrides ?? []).map(({ matcher, properties }) => ({
    isPattern: matcher.id === 'byRegexp',
    of: String(matcher.options),
    isNamed: properties.some(({ id }) => id === 'displayName'),
  }));

test('a column gets its name after all patterns for it: Grafana matches them with the name that is shown', () => {
  for (const panel of panels) {
    const overrides = overridesOf(panel);
    for (const [index, { isPattern, of, isNamed }] of overrides.entries()) {
      if (!isNamed) continue;
      expect(isPattern, `${panel.title}: one column has a name`).toBe(false);
      const later = overrides.slice(index + 1).filter((override) => override.isPattern);
      const tooLate = later.filter((pattern) => new RegExp(pattern.of.slice(1, -1)).test(of));
      expect(tooLate, `${panel.title}: ${of}`).toEqual([]);
    }
  }
});
