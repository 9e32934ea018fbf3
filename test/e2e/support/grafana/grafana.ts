import { VariableSort, VariableType } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { InfluxQlQuery } from '../../../../infra/grafana/influxql.ts';
import { cellsOf, coloursOf, figureOf, widthOf } from './grafana-cells.ts';
import type { Cell } from './grafana-cells.ts';
import { loadGrafanaData } from './grafana-data.ts';
import type { Field, Frame } from './grafana-data.ts';
import type { Influxd, InfluxSeries } from '../influx/influxd.ts';

/** What is chosen in a dashboard. */
export interface Chosen {
  /** One value, or `All`. A variable that is not named takes the first of its options. */
  readonly values?: Readonly<Record<string, string>>;
  readonly fromAtMs: number;
  readonly toAtMs: number;
}

/** A dashboard as Grafana shows it, with a real InfluxDB behind it. */
export interface OpenDashboard {
  readonly dashboard: Dashboard;
  /** What there is to choose for a variable, in the order of the list. */
  options(variable: string): readonly string[];
  /** What a panel shows, after its transformations. */
  show(title: string): Promise<readonly Frame[]>;
  /** Rows of the only frame of a panel, by the names of its columns. */
  rows(title: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** The same, each cell as one sees it. */
  cells(title: string): Promise<readonly Readonly<Record<string, Cell>>[]>;
  /** What a tile shows first. */
  figure(title: string): Promise<Cell>;
  /** The pixels that a table's columns take at least. */
  width(title: string): Promise<number>;
  /** The colours that a panel's thresholds give the last value of each of its columns. */
  colours(title: string): Promise<readonly string[]>;
  /** A text with variables, such as a link's. */
  fill(text: string): string;
  query(influxql: string): Promise<readonly InfluxSeries[]>;
}

const grafana = loadGrafanaData;
/** Pixels of a panel, one point each. */
const defaultPoints = 1000;

interface Choice {
  readonly options: readonly string[];
  readonly value: string;
  readonly allValue: string | undefined;
}

/** Opens a dashboard: asks for the options of its variables one after the other, as Grafana does. */
export async function openDashboard(dashboard: Dashboard, influxd: Influxd, chosen: Chosen): Promise<OpenDashboard> {
  const choices = new Map<string, Choice>();
  const query = (influxql: string): Promise<readonly InfluxSeries[]> => influxd.query(fillTime(influxql, chosen));
  const fill = (text: string): string => fillVariables(text, choices);
  for (const variable of dashboard.templating.list ?? []) {
    if (variable.type === VariableType.Custom) {
      const value = chosen.values?.[variable.name] ?? String(variable.current?.value);
      choices.set(variable.name, { options: [value], value, allValue: undefined });
    }
    if (variable.type !== VariableType.Query || typeof variable.query !== 'string') continue;
    const series = await query(fill(variable.query));
    const found = [...new Set(series.flatMap(({ values }) => values.map((row) => String(row[1]))))];
    const options = sortedAs(variable.sort, found);
    const all = variable.includeAll === true ? 'All' : undefined;
    const value = chosen.values?.[variable.name] ?? all ?? options[0] ?? '';
    choices.set(variable.name, { options, value, allValue: variable.allValue });
  }
  const show = async (title: string): Promise<readonly Frame[]> => {
    const panel = panelOf(dashboard, title);
    const frames: Frame[] = [];
    for (const target of queriesOf(panel)) {
      const influxql = fill(target.query).replaceAll('$__interval', intervalOf(panel, chosen));
      frames.push(...framesOf(target, await query(influxql)));
    }
    return transformed(panel, frames);
  };
  return {
    dashboard,
    options: (variable) => choices.get(variable)?.options ?? [],
    show,
    rows: async (title) => rowsOf([onlyOne(await show(title))]),
    cells: async (title) => cellsOf(panelOf(dashboard, title), onlyOne(await show(title)), fill),
    figure: async (title) => figureOf(panelOf(dashboard, title), await show(title)),
    width: async (title) => widthOf(panelOf(dashboard, title), onlyOne(await show(title))),
    colours: async (title) => coloursOf(panelOf(dashboard, title), await show(title)),
    fill,
    query,
  };
}

function sortedAs(sort: VariableSort | undefined, found: readonly string[]): readonly string[] {
  if (sort === VariableSort.Disabled) return found;
  return sort === VariableSort.AlphabeticalDesc ? found.toSorted().toReversed() : found.toSorted();
}

function onlyOne(frames: readonly Frame[]): Frame {
  const [frame] = frames;
  if (frame === undefined || frames.length !== 1) throw new Error(`${frames.length} frames`);
  return frame;
}

function panelOf(dashboard: Dashboard, title: string): Panel {
  const panel = panelsOf(dashboard).find((each) => each.title === title);
  if (panel === undefined) throw new Error(`no panel ${title}`);
  return panel;
}

/** The panels of a dashboard without its headings. */
export function panelsOf(dashboard: Dashboard): readonly Panel[] {
  return (dashboard.panels ?? []).filter((each): each is Panel => each.type !== 'row');
}

/** The queries of a panel. */
export function queriesOf(panel: Panel): readonly InfluxQlQuery[] {
  return (panel.targets ?? []) as unknown as readonly InfluxQlQuery[];
}

function fillVariables(text: string, choices: ReadonlyMap<string, Choice>): string {
  return text.replace(/\$\{(\w+)(?::(\w+))?\}/g, (whole, name: string, format: string | undefined) => {
    const choice = choices.get(name);
    if (choice === undefined) return whole;
    if (format === 'queryparam') return `var-${name}=${encodeURIComponent(choice.value)}`;
    // Grafana takes a custom "all" as it is.
    if (choice.value === 'All' && choice.allValue !== undefined) return choice.allValue;
    if (choice.value === 'All') return `(${choice.options.map((option) => grafana().escapeRegex(option)).join('|')})`;
    return format === 'regex' ? grafana().escapeRegex(choice.value) : choice.value;
  });
}

function fillTime(influxql: string, { fromAtMs, toAtMs }: Chosen): string {
  return influxql.replaceAll('$timeFilter', `time >= ${fromAtMs}ms and time <= ${toAtMs}ms`);
}

function intervalOf(panel: Panel, { fromAtMs, toAtMs }: Chosen): string {
  const data = grafana();
  const range = { from: data.dateTime(fromAtMs), to: data.dateTime(toAtMs), raw: { from: '', to: '' } };
  return data.rangeUtil.calculateInterval(range, panel.maxDataPoints ?? defaultPoints, panel.interval).interval;
}

/** The frames that Grafana's data source for InfluxDB makes of an answer. */
function framesOf(target: InfluxQlQuery, series: readonly InfluxSeries[]): readonly Frame[] {
  const { refId } = target;
  const time = (rows: InfluxSeries['values']): Field =>
    columnOf(
      'Time',
      'time',
      rows.map(([at]) => at),
    );
  if (target.resultFormat === 'table') {
    const [first] = series;
    if (first === undefined) return [];
    const rows = series.flatMap(({ values }) => values);
    const columns = first.columns.slice(1).map((name, at) =>
      columnOf(
        name,
        undefined,
        rows.map((row) => row[at + 1]),
      ),
    );
    return [{ refId, name: first.name, fields: [time(rows), ...columns], length: rows.length }];
  }
  return series.flatMap((each) =>
    each.columns.slice(1).map((column, at): Frame => {
      const name = named(target.alias ?? '', column, each.tags ?? {});
      const values = each.values.map((row) => row[at + 1]);
      const value = {
        ...columnOf('Value', undefined, values),
        labels: each.tags ?? {},
        config: { displayNameFromDS: name },
      };
      return { refId, name, fields: [time(each.values), value], length: values.length };
    }),
  );
}

function columnOf(name: string, type: Field['type'] | undefined, values: readonly unknown[]): Field {
  const known = typeof values.find((value) => value !== null && value !== undefined);
  const found = known === 'string' || known === 'boolean' ? known : 'number';
  return { name, type: type ?? found, config: { displayNameFromDS: name }, values };
}

function named(alias: string, column: string, tags: Readonly<Record<string, string>>): string {
  return alias.replace(/\$(\w+)/g, (whole, word: string) => {
    if (word === 'col') return column;
    return word.startsWith('tag_') ? (tags[word.slice('tag_'.length)] ?? whole) : whole;
  });
}

function transformed(panel: Panel, frames: readonly Frame[]): Promise<readonly Frame[]> {
  const configs = panel.transformations ?? [];
  if (configs.length === 0) return Promise.resolve(frames);
  return new Promise((resolve, reject) => {
    grafana().transformDataFrame(configs, frames).subscribe({ next: resolve, error: reject });
  });
}

/** Rows by the names of the columns. */
export function rowsOf(frames: readonly Frame[]): readonly Readonly<Record<string, unknown>>[] {
  return frames.flatMap((frame) =>
    Array.from({ length: frame.length }, (_, row) =>
      Object.fromEntries(
        frame.fields.map((field) => [grafana().getFieldDisplayName(field, frame, frames), field.values[row]]),
      ),
    ),
  );
}
