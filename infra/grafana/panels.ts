import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { PanelBuilder as TrendBuilder } from '@grafana/grafana-foundation-sdk/trend';
import { influxDb } from './influxql.ts';
import type { InfluxQlQuery } from './influxql.ts';
import { neutral } from './thresholds.ts';

type Queries = Builder<InfluxQlQuery> | readonly Builder<InfluxQlQuery>[];

/** What every panel says of itself. */
export interface PanelText {
  readonly title: string;
  /** What is shown, where it comes from, and what to make of it. */
  readonly description: string;
  /** What stands in the panel when there is nothing to show: why that is. */
  readonly empty: string;
  readonly queries: Queries;
}

/** Samples are at most a minute apart: a longer silence is a gap, and no line is drawn over it. */
export const gapMs = 90_000;

/** Intervals of a long time range are minutes: lines over intervals are to hold together for days as well. */
const intervalGapMs = 600_000;

interface AnyPanel {
  title(title: string): this;
  description(description: string): this;
  datasource(source: typeof influxDb): this;
  noValue(text: string): this;
  targets(queries: Builder<InfluxQlQuery>[]): this;
}

/** What stands where there is no figure. */
const noFigure = '–';

/** Single values that are missing, such as a percentile that Locust does not report: the panel's text is for all of it. */
export const missingValue = [{ id: 'noValue', value: noFigure }];

/** Texts are shown, and put into links, as they are: with a unit Grafana takes one that looks like a number for one. */
export const plainTexts = [{ id: 'unit', value: 'string' }];

/** A panel with its text and its queries. */
export function filled<Panel extends AnyPanel>(panel: Panel, { title, description, empty, queries }: PanelText): Panel {
  return panel.title(title).description(description).datasource(influxDb).noValue(empty).targets([queries].flat());
}

/** One figure: the last in the time range. A tile has no room for why there is none: its description says it. */
export function stat({ description, empty, ...text }: PanelText): StatBuilder {
  return filled(new StatBuilder(), { ...text, description: `${description} “${noFigure}”: ${empty}`, empty: noFigure })
    .height(4)
    .span(3)
    .thresholds(neutral())
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.None)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('').values(false));
}

const legend = (calcs: string[]): VizLegendOptionsBuilder =>
  new VizLegendOptionsBuilder()
    .showLegend(true)
    .displayMode(calcs.length === 0 ? LegendDisplayMode.List : LegendDisplayMode.Table)
    .placement(LegendPlacement.Bottom)
    .calcs(calcs);

/** Names are in the tooltip alone. */
export const noLegend = (): VizLegendOptionsBuilder =>
  new VizLegendOptionsBuilder()
    .showLegend(false)
    .displayMode(LegendDisplayMode.Hidden)
    .placement(LegendPlacement.Bottom)
    .calcs([]);

const tooltip = (): VizTooltipOptionsBuilder =>
  new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending);

/** Lines over time. `calcs` are the figures of the legend: with none it is a list, which has room for ten names. */
export function timeSeries(text: PanelText, calcs: string[] = ['mean', 'max', 'lastNotNull']): TimeSeriesBuilder {
  return filled(new TimeSeriesBuilder(), text)
    .height(9)
    .span(12)
    .thresholds(neutral())
    .min(0)
    .lineWidth(2)
    .fillOpacity(5)
    .showPoints(VisibilityMode.Auto)
    .insertNulls(gapMs)
    .overrideByRegexp('/.*/', missingValue)
    .legend(legend(calcs))
    .tooltip(tooltip());
}

/** Lines of figures by interval, as many as the panel has pixels; of a short run, one for each sample at its time. */
export function timeSeriesByInterval(text: PanelText, calcs?: string[]): TimeSeriesBuilder {
  // Finer than samples are.
  return timeSeries(text, calcs).interval('1s').insertNulls(intervalGapMs);
}

/** Counts that add up, as bars: one a minute, or longer ones where the time range is long. */
export function counts(text: PanelText): TimeSeriesBuilder {
  return timeSeries(text, ['sum'])
    .interval('1m')
    .decimals(0)
    .drawStyle(GraphDrawStyle.Bars)
    .lineWidth(0)
    .fillOpacity(70)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
}

/** Lines over a number: `xField`, which is a column of each query. */
export function trend(text: PanelText, xField: string): TrendBuilder {
  return filled(new TrendBuilder(), text)
    .height(8)
    .span(12)
    .thresholds(neutral())
    .min(0)
    .lineWidth(2)
    .showPoints(VisibilityMode.Never)
    .xField(xField)
    .overrideByRegexp('/.*/', missingValue)
    .legend(legend(['mean', 'max']))
    .tooltip(tooltip());
}

/** A table whose columns can be filtered and sorted. */
export function table(text: PanelText): TableBuilder {
  return filled(new TableBuilder(), text)
    .height(10)
    .span(24)
    .thresholds(neutral())
    .filterable(true)
    .overrideByRegexp('/.*/', missingValue)
    .overrideByFieldType('string', plainTexts);
}
