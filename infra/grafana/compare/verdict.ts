import { MappingType } from '@grafana/grafana-foundation-sdk/dashboard';
import type { DynamicConfigValue, RangeMap, ValueMap } from '@grafana/grafana-foundation-sdk/dashboard';
import { column, transformation } from '../columns.ts';

/**
 * Added to the baseline before a difference is held against it: of small figures a share alone says nothing, and of
 * none there is none. 10 % of (baseline + 50 ms) is 10 % of the baseline plus 5 ms.
 */
const besidesBaselineMs = 50;

/** Beyond any figure; ranges without an end are not the same in all releases of Grafana. */
const beyond = 1e12;

const range = (from: number, to: number, text: string, color: string, index: number): RangeMap => ({
  type: MappingType.RangeToText,
  options: { from, to, result: { text, color, index } },
});

/** Where bounds meet the first that holds counts. */
const verdicts: readonly RangeMap[] = [
  range(-beyond, -0.1, 'faster', 'green', 0),
  range(-0.1, 0.1, 'about the same', 'text', 1),
  range(0.1, 0.25, 'slower', 'orange', 2),
  range(0.25, beyond, 'much slower', 'red', 3),
];

const failedVerdicts: readonly RangeMap[] = [
  range(-beyond, -0.005, 'fewer fail', 'green', 0),
  range(-0.005, 0.005, 'about the same', 'text', 1),
  range(0.005, 0.02, 'more fail', 'orange', 2),
  range(0.02, beyond, 'many more fail', 'red', 3),
];

/** What comes of a side that is missing, and of a share of a baseline of 0. */
const noFigure: ValueMap = {
  type: MappingType.ValueToText,
  options: Object.fromEntries(
    ['NaN', 'Infinity', '-Infinity'].map((value, index) => [value, { text: '–', color: 'text', index }]),
  ),
};

/** Run minus baseline, that as a share of the baseline, and what to make of it. */
export const changeOf = (figure: string) => [
  transformation.computed(`${figure} difference`, `${figure} Run`, '-', `${figure} Baseline`),
  transformation.computed(`${figure} change`, `${figure} difference`, '/', `${figure} Baseline`),
  transformation.computed(`${figure} scale`, `${figure} Baseline`, '+', String(besidesBaselineMs)),
  transformation.computed(`${figure} verdict`, `${figure} difference`, '/', `${figure} scale`),
  transformation.without(`${figure} scale`),
];

/** How the columns of `changeOf` look. */
export const differenceColumn = (): DynamicConfigValue[] => [{ id: 'mappings', value: [noFigure] }];
export const changeColumn = (): DynamicConfigValue[] => [...column.unit('percentunit', 1), ...differenceColumn()];
export const verdictColumn = (name: string): DynamicConfigValue[] => [
  column.named(name),
  { id: 'mappings', value: [noFigure, ...verdicts] },
  column.colouredText(),
];

export const failedVerdictColumn = (name: string): DynamicConfigValue[] => [
  column.named(name),
  { id: 'mappings', value: [noFigure, ...failedVerdicts] },
];

/** The rule, for people. */
export const verdictText =
  '“Slower” is by more than 10 % of the baseline plus 5 ms, “much slower” by more than 25 % plus 12.5 ms, “faster” is ' +
  'the same downwards: of a few milliseconds a share says little.';
