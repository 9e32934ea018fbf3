import type { DataTransformerConfig, DynamicConfigValue } from '@grafana/grafana-foundation-sdk/dashboard';
import { failRatio, asProperty } from './thresholds.ts';

const property = (id: string, value: unknown): DynamicConfigValue => ({ id, value });

/** How columns of tables look. */
export const column = {
  unit: (unit: string, decimals?: number): DynamicConfigValue[] => [
    property('unit', unit),
    ...(decimals === undefined ? [] : [property('decimals', decimals)]),
  ],
  width: (pixels: number): DynamicConfigValue => property('custom.width', pixels),
  hidden: (): DynamicConfigValue => property('custom.hidden', true),
  named: (name: string): DynamicConfigValue => property('displayName', name),
  colouredText: (): DynamicConfigValue => property('custom.cellOptions', { type: 'color-text' }),
  link: (title: string, url: string): DynamicConfigValue => property('links', [{ title, url }]),
  colour: (name: string): DynamicConfigValue => property('color', { mode: 'fixed', fixedColor: name }),
  picture: (): DynamicConfigValue =>
    property('custom.cellOptions', { type: 'sparkline', hideValue: true, fillOpacity: 10, lineWidth: 1 }),
};

/** A share of requests that failed, 0 to 1. */
export const failedColumn = (): DynamicConfigValue[] => [
  ...column.unit('percentunit', 2),
  asProperty(failRatio()),
  column.colouredText(),
];

const onlyFrom = (refId: string) => ({ filter: { id: 'byRefId', options: refId } });

/** What Grafana makes of answers before it shows them. */
export const transformation = {
  /** Leaves columns out. */
  without: (...names: string[]): DataTransformerConfig => ({
    id: 'filterFieldsByName',
    options: { exclude: { names } },
  }),
  withoutTimeOf: (refId: string): DataTransformerConfig => ({
    id: 'filterFieldsByName',
    ...onlyFrom(refId),
    options: { exclude: { names: ['Time'] } },
  }),
  /** Series of one query become a row each, with a picture. */
  picturesOf: (refId: string): DataTransformerConfig => ({ id: 'timeSeriesTable', options: { [refId]: {} } }),
  /** Rows that agree in all columns that they share become one. */
  merged: (): DataTransformerConfig => ({ id: 'merge', options: {} }),
  joinedBy: (byField: string): DataTransformerConfig => ({
    id: 'joinByField',
    options: { byField, mode: 'outer' },
  }),
  ordered: (...names: string[]): DataTransformerConfig => ({
    id: 'organize',
    options: {
      indexByName: Object.fromEntries(names.map((name, index) => [name, index])),
      excludeByName: {},
      renameByName: {},
    },
  }),
  /** A new column `as` = `left` `operator` `right`, which is a column or a number. */
  computed: (as: string, left: string, operator: '+' | '-' | '/', right: string): DataTransformerConfig => ({
    id: 'calculateField',
    options: { alias: as, mode: 'binary', binary: { left, operator, right }, replaceFields: false },
  }),
  /** A new column `as`: the greatest of those named in each row. */
  greatest: (as: string, ...names: string[]): DataTransformerConfig => ({
    id: 'calculateField',
    options: { alias: as, mode: 'reduceRow', reduce: { include: names, reducer: 'max' }, replaceFields: false },
  }),
  converted: (types: Readonly<Record<string, 'time' | 'string'>>): DataTransformerConfig => ({
    id: 'convertFieldType',
    options: {
      conversions: Object.entries(types).map(([targetField, destinationType]) => ({ targetField, destinationType })),
      fields: {},
    },
  }),
  sortedBy: (field: string, desc = false): DataTransformerConfig => ({
    id: 'sortBy',
    options: { fields: {}, sort: [{ field, desc }] },
  }),
};
