import type { DynamicConfigValue, Panel, ThresholdsConfig } from '@grafana/grafana-foundation-sdk/dashboard';
import { loadGrafanaData } from './grafana-data.ts';
import type { Field, Frame } from './grafana-data.ts';

/** A cell of a table as one sees it. */
export interface Cell {
  readonly text: string;
  /** The name that the dashboard gives it, such as `red`. */
  readonly color: string;
  /** Where a click leads. */
  readonly url?: string;
}

/** The rows of a table, by the names of its columns before they are renamed. @param fill fills variables in */
export function cellsOf(
  panel: Panel,
  frame: Frame,
  fill: (text: string) => string,
): readonly Readonly<Record<string, Cell>>[] {
  const { theme, grafana } = themed();
  const columns = frame.fields.map((field) => {
    const config = configOf(panel, field, frame);
    const shownAs = grafana.getDisplayProcessor({ field: { ...field, config }, theme });
    return { field, config, shownAs };
  });
  const rowAt = (row: number) => {
    const shown = columns.map(({ field, config, shownAs }) => {
      const { text, suffix = '', color = '' } = shownAs(field.values[row]);
      return { name: field.name, config, cell: { text: text + suffix, color } };
    });
    const textOf = (_: string, column: string): string =>
      encodeURIComponent(shown.find(({ name }) => name === column)?.cell.text ?? '');
    return shown.map(({ name, config, cell }): [string, Cell] => {
      const to = config.links?.[0]?.url;
      const url = to === undefined ? {} : { url: fill(to).replace(/\$\{__data\.fields\.(\w+)\}/g, textOf) };
      return [name, { ...cell, ...url }];
    });
  };
  return Array.from({ length: frame.length }, (_, row) => Object.fromEntries(rowAt(row)));
}

/** What a tile shows first, as one sees it. */
export function figureOf(panel: Panel, frames: readonly Frame[]): Cell {
  const { theme, grafana } = themed();
  const data = frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => ({ ...field, config: configOf(panel, field, frame) })),
  }));
  const { reduceOptions } = panel.options as { readonly reduceOptions: unknown };
  const fieldConfig = panel.fieldConfig ?? { defaults: {}, overrides: [] };
  const [first] = grafana.getFieldDisplayValues({
    data,
    reduceOptions,
    fieldConfig,
    theme,
    replaceVariables: (text) => text,
  });
  const { text = '', suffix = '', color = '' } = first?.display ?? {};
  return { text: text + suffix, color };
}

/** A column without a width of its own takes what is left, and no less than this. */
const leastWidth = 150;

/** How many pixels the columns of a table take at least. */
export function widthOf(panel: Panel, frame: Frame): number {
  const widths = frame.fields.map((field) => {
    const config = configOf(panel, field, frame) as unknown as Readonly<Record<string, unknown>>;
    return config['custom.hidden'] === true ? 0 : Number(config['custom.width'] ?? leastWidth);
  });
  return widths.reduce((all, width) => all + width, 0);
}

/** Grafana with a theme whose colours keep the names that a dashboard gives them. */
function themed() {
  const grafana = loadGrafanaData();
  const dark = grafana.createTheme();
  const theme = { ...dark, visualization: { ...dark.visualization, getColorByName: (name: string) => name } };
  return { grafana, theme };
}

/** The colours that a panel's thresholds give the last value of each column of numbers. */
export function coloursOf(panel: Panel, frames: readonly Frame[]): readonly string[] {
  const grafana = loadGrafanaData();
  const steps = limitsOf(panel.fieldConfig?.defaults.thresholds);
  const figures = frames.flatMap(({ fields }) => fields.filter(({ type }) => type === 'number'));
  return figures.map(({ values }) => grafana.getActiveThreshold(values.findLast(isGiven), steps).color);
}

const isGiven = (value: unknown): boolean => value !== null && value !== undefined;

/** As Grafana has them once it has loaded JSON, which knows no infinity. */
const limitsOf = (thresholds?: ThresholdsConfig) =>
  (thresholds?.steps ?? []).map((step) => ({ ...step, value: step.value ?? -Infinity }));

interface CellConfig {
  readonly thresholds: unknown;
  readonly links?: readonly { readonly url?: string }[];
}

/** The panel's defaults, and what its overrides make of them for one column. */
function configOf({ fieldConfig }: Panel, field: Field, frame: Frame): CellConfig {
  const { fieldMatchers } = loadGrafanaData();
  const properties = (fieldConfig?.overrides ?? []).flatMap(({ matcher, properties: own }): DynamicConfigValue[] =>
    fieldMatchers.get(matcher.id).get(matcher.options)(field, frame, [frame]) ? own : [],
  );
  const config = { ...fieldConfig?.defaults, ...Object.fromEntries(properties.map(({ id, value }) => [id, value])) };
  const thresholds = { ...config.thresholds, steps: limitsOf(config.thresholds) };
  return { ...config, thresholds, ...(config.color === undefined ? { color: { mode: 'thresholds' } } : {}) };
}
