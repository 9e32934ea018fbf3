import { figureNames, unitOf } from './figures.ts';
import type { Unit } from './figures.ts';

export const maxCriteria = 50;
/** Characters of one. */
export const maxCriterionLength = 400;

const operators = ['<', '<=', '>', '>='] as const;
export type Operator = (typeof operators)[number];

/** What a figure is held against, in ms, percent, times or times a second. */
export type Limit =
  | { readonly kind: 'fixed'; readonly value: number }
  /** The baseline's figure and something added, which may be below 0: so many percent of it, or so much. */
  | { readonly kind: 'baseline'; readonly added: number; readonly isPercent: boolean };

/** One rule for the final figures of a run, such as `GET /pay p95 < 500 ms`. */
export interface Criterion {
  /** `GET /pay`, `/pay`, or `*` for each; undefined: the whole run. */
  readonly endpoint: string | undefined;
  readonly figure: string;
  readonly operator: Operator;
  readonly limit: Limit;
}

/** A criterion, or what is wrong with the text, for the person who wrote it. */
export type ParsedCriterion =
  { readonly ok: true; readonly criterion: Criterion } | { readonly ok: false; readonly problem: string };

/** Below this many digits a number is written as it was read. */
const number = String.raw`(\d{1,9}(?:\.\d{1,6})?)`;
const fixedLimit = new RegExp(String.raw`^${number}\s*(\S*)$`);
const baselineLimit = new RegExp(String.raw`^baseline(?:\s*([+-])\s*${number}\s*(\S*))?$`);

/**
 * Reads `[endpoint] figure operator limit`. The limit is a number with a unit, or `baseline`, to which percent or a number
 * with a unit may be added. The last operator counts: names of endpoints may hold some. Never throws.
 */
export function parseCriterion(text: string): ParsedCriterion {
  if (text.length > maxCriterionLength) return wrong(`is longer than ${maxCriterionLength} characters`);
  const [, left, operator, right] = /^(.*?)(<=|>=|<|>)([^<>=]*)$/s.exec(text.trim()) ?? [];
  if (left === undefined || right === undefined || !isOperator(operator)) {
    return wrong('needs a figure, one of < <= > >=, and a limit, such as p95 < 500 ms');
  }
  const [, endpoint = '', figure = ''] = /^(?:(.*\S)\s+)?(\S*)\s*$/s.exec(left.trim()) ?? [];
  const unit = unitOf(figure);
  if (unit === undefined) {
    return wrong(figure === '' ? `names no figure before ${operator}` : `"${figure}" is no figure: ${figureNames}`);
  }
  const limit = parseLimit(right.trim(), unit);
  if (typeof limit === 'string') return wrong(limit);
  return { ok: true, criterion: { endpoint: endpoint === '' ? undefined : endpoint, figure, operator, limit } };
}

/** In one form, which is read as the same. */
export function formatCriterion({ endpoint, figure, operator, limit }: Criterion): string {
  const unit = unitOf(figure) ?? 'count';
  const words = [figure, operator, formatLimit(limit, unit)];
  return (endpoint === undefined ? words : [endpoint, ...words]).join(' ');
}

const isOperator = (text: string | undefined): text is Operator => operators.some((each) => each === text);

const wrong = (problem: string): ParsedCriterion => ({ ok: false, problem });

/** @returns what is wrong, where it is no limit */
function parseLimit(text: string, unit: Unit): Limit | string {
  const [, fixed, fixedUnit = ''] = fixedLimit.exec(text) ?? [];
  if (fixed !== undefined) {
    const value = valueOf(Number(fixed), fixedUnit, unit);
    return typeof value === 'string' ? value : { kind: 'fixed', value };
  }
  const baseline = baselineLimit.exec(text);
  if (baseline === null) return `"${text}" is no limit: ${examples[unit]}, or baseline + 10 %`;
  const [, sign, added, addedUnit = ''] = baseline;
  if (added === undefined) return { kind: 'baseline', added: 0, isPercent: false };
  const size = Number(added) * (sign === '-' ? -1 : 1);
  // What is in percent itself grows by points: ten percent of no failures are none.
  if (addedUnit === '%' && unit !== 'ratio') return { kind: 'baseline', added: withoutMinus(size), isPercent: true };
  const value = valueOf(size, addedUnit, unit);
  return typeof value === 'string' ? value : { kind: 'baseline', added: withoutMinus(value), isPercent: false };
}

const examples: Readonly<Record<Unit, string>> = {
  time: '500 ms or 2 s',
  ratio: '1 %',
  count: '1000',
  rate: '50 or 50/s',
};

/** @returns what is wrong, where the unit is not one of the figure's */
function valueOf(value: number, written: string, unit: Unit): number | string {
  if (unit === 'time' && (written === 'ms' || written === '')) return value;
  // Of the binary fraction, the digits that were written.
  if (unit === 'time' && written === 's') return Math.round(value * 1e9) / 1e6;
  if (unit === 'ratio' && written === '%') return value;
  if (unit === 'rate' && (written === '/s' || written === '')) return value;
  if (unit === 'count' && written === '') return value;
  const isWithoutUnit = written === '';
  return isWithoutUnit
    ? `needs a unit: ${examples[unit]}`
    : `"${written}" is no unit of this figure: ${examples[unit]}`;
}

/** 0 rather than -0. */
const withoutMinus = (value: number): number => (value === 0 ? 0 : value);

function formatLimit(limit: Limit, unit: Unit): string {
  if (limit.kind === 'fixed') return withUnit(limit.value, unit);
  const { added, isPercent } = limit;
  if (added === 0 && !isPercent) return 'baseline';
  const size = Math.abs(added);
  return `baseline ${added < 0 ? '-' : '+'} ${isPercent ? `${size} %` : withUnit(size, unit)}`;
}

const unitWords: Readonly<Record<Unit, string>> = { time: ' ms', ratio: ' %', count: '', rate: '/s' };

const withUnit = (value: number, unit: Unit): string => `${value}${unitWords[unit]}`;
