import type { EndpointRow, RowFigures } from '../../locust/report/report.ts';
import { groupBy } from '../../runtime/group-by.ts';
import { doubtsOf } from './doubts.ts';
import type { DoubtedRun } from './doubts.ts';
import { formatCriterion } from './criterion.ts';
import type { Criterion } from './criterion.ts';
import { figureOf, partAbove, showFigure, unitOf } from './figures.ts';
import type { Unit } from './figures.ts';
import { noiseOf, requestsNeeded } from './noise.ts';
import type { RuleResult, Verdict, VerdictResult } from './verdict.ts';

/** The final figures of a run. */
export interface FinalFigures {
  readonly total: RowFigures;
  /** Undefined where they are not known. */
  readonly endpoints: readonly EndpointRow[] | undefined;
  /** For how long Locust had been counting, ms. */
  readonly countedMs: number;
}

type JudgedRun = FinalFigures & DoubtedRun;

type Baseline = FinalFigures & { readonly run: string };

/** Of one criterion that is about many endpoints, so many are named at most: fewer where there are many criteria. */
const maxNamed = 20;
/** Endpoints that are named in a whole verdict: with the texts of 50 criteria it fits into a run's item, of 400 kB. */
const maxNamedInAll = 60;
/** Characters of an endpoint's name, in a verdict's text. */
const maxNameLength = 120;

/**
 * The verdict on a run. It failed where a criterion does not hold, whatever else; it passed where all hold and its figures
 * can be trusted. A criterion about the baseline holds where there is none yet. Pure.
 * @param baseline undefined: there is none
 */
export function judgeRun(run: JudgedRun, criteria: readonly Criterion[], baseline: Baseline | undefined): Verdict {
  const pairs = pairRows(run.endpoints, baseline?.endpoints);
  const named = Math.min(maxNamed, Math.max(1, Math.floor(maxNamedInAll / criteria.length)));
  const rules = criteria.flatMap((criterion) => judgeCriterion({ run, criterion, baseline, pairs, named }));
  const doubts = doubtsOf(run);
  const isCompared = criteria.some(({ limit }) => limit.kind === 'baseline');
  return {
    result: overall(rules, doubts),
    rules,
    doubts,
    ...(isCompared && baseline !== undefined && { baseline: baseline.run }),
  };
}

function overall(rules: readonly RuleResult[], doubts: readonly string[]): VerdictResult {
  if (rules.some(({ result }) => result === 'failed')) return 'failed';
  return doubts.length > 0 || rules.some(({ result }) => result === 'unsure') ? 'unsure' : 'passed';
}

interface JudgedCriterion {
  readonly run: JudgedRun;
  readonly criterion: Criterion;
  readonly baseline: Baseline | undefined;
  readonly pairs: readonly RowPair[] | undefined;
  /** So many endpoints are named. */
  readonly named: number;
}

function judgeCriterion({ run, criterion, baseline, pairs, named }: JudgedCriterion): readonly RuleResult[] {
  const { endpoint, figure } = criterion;
  const text = formatCriterion(criterion);
  const part = partAbove(figure);
  const asked = {
    run,
    criterion,
    baseline,
    unit: unitOf(figure) ?? 'count',
    needed: part === undefined ? 0 : requestsNeeded(part),
  };
  const write = (pair: JudgedPair, decision: Decision): RuleResult => ({
    criterion: text,
    result: decision.result,
    text: sentenceOf(asked, pair, decision),
  });
  const unsure = (why: string): RuleResult[] => [{ criterion: text, result: 'unsure', text: why }];
  if (endpoint === undefined) {
    const total = { row: run.total, before: baseline?.total, name: undefined };
    return [write(total, decide(asked, total))];
  }
  if (pairs === undefined) return unsure('The final figures of its endpoints are not known.');
  const meant = pairs.filter((pair) => isMeant(pair, endpoint));
  const [first] = meant;
  if (first === undefined) return unsure(`${shortName(endpoint)} is not among the endpoints of this run.`);
  if (meant.length === 1) return [write(first, decide(asked, first))];
  const worst = meant
    .map((pair) => ({ pair, decision: decide(asked, pair) }))
    .filter(({ decision }) => decision.result !== 'passed')
    .toSorted((one, other) => severity[one.decision.result] - severity[other.decision.result]);
  const result = worst[0]?.decision.result;
  if (result === undefined)
    return [{ criterion: text, result: 'passed', text: `It holds for all ${meant.length} endpoints.` }];
  // Of hundreds of endpoints few are named: only of those a sentence is written.
  const written = worst.slice(0, named).map(({ pair, decision }) => write(pair, decision));
  const more = worst.length - written.length;
  return more > 0 ? [...written, { criterion: text, result, text: `And for ${more} more endpoints.` }] : written;
}

/** An endpoint, and what it was in the baseline. */
interface RowPair {
  readonly row: EndpointRow;
  readonly before: EndpointRow | undefined;
  /** With its method. */
  readonly name: string;
}

/** More than Locust shows. Each criterion is asked of each: 50 of 1,200 would cost as much as a hundred samples. */
const maxJudged = 500;

function pairRows(
  endpoints: readonly EndpointRow[] | undefined,
  before: readonly EndpointRow[] = [],
): readonly RowPair[] | undefined {
  // By method, then by name: a key of both would have to be made of texts as long as they are.
  const byMethod = groupBy(before, ({ method }) => method);
  const rowsBefore = new Map(
    [...byMethod].map(([method, rows]) => [method, new Map(rows.map((row) => [row.name, row]))]),
  );
  return endpoints?.slice(0, maxJudged).map((row) => {
    return { row, before: rowsBefore.get(row.method)?.get(row.name), name: nameOf(row) };
  });
}

function isMeant({ row, name }: RowPair, endpoint: string): boolean {
  return endpoint === '*' || row.name === endpoint || name === endpoint;
}

const nameOf = ({ method, name }: EndpointRow): string => (method === '' ? name : `${method} ${name}`);

function shortName(name: string): string {
  return name.length > maxNameLength ? `${name.slice(0, maxNameLength - 1).toWellFormed()}…` : name;
}

const severity: Readonly<Record<VerdictResult, number>> = { failed: 0, unsure: 1, passed: 2 };

/** What is asked of each row. */
interface Asked {
  readonly run: JudgedRun;
  readonly criterion: Criterion;
  readonly baseline: Baseline | undefined;
  readonly unit: Unit;
  /** Requests below which the figure says nothing. */
  readonly needed: number;
}

interface JudgedPair {
  readonly row: RowFigures;
  /** The baseline's row; undefined where it has none. */
  readonly before: RowFigures | undefined;
  /** Undefined for the total. */
  readonly name: string | undefined;
}

/** What became of one row: all that a sentence about it says. */
interface Decision {
  readonly result: VerdictResult;
  readonly value?: number;
  readonly tooFew?: number;
  readonly limit?: RowLimit;
}

function decide(asked: Asked, pair: JudgedPair): Decision {
  const { run, criterion, needed } = asked;
  const { row } = pair;
  const value = figureOf(row, criterion.figure, run.countedMs);
  if (value === undefined) return { result: 'unsure' };
  const requests = row.numRequests ?? 0;
  if (requests < needed) return { result: 'unsure', value, tooFew: requests };
  const limit = limitOf(asked, pair);
  if (limit === undefined) return { result: 'passed', value };
  return { result: isWithin(value, criterion.operator, limit) ? 'passed' : 'failed', value, limit };
}

function sentenceOf({ criterion, baseline, unit, needed }: Asked, { name }: JudgedPair, decision: Decision): string {
  const { figure, operator } = criterion;
  const { result, value, tooFew, limit } = decision;
  const what = name === undefined ? figure : `${figure} of ${shortName(name)}`;
  if (value === undefined) return `Locust did not say ${what}.`;
  const shown = `${what} was ${showFigure(value, unit)}`;
  if (tooFew !== undefined) return `${shown}, but of ${tooFew} requests: ${needed} are needed.`;
  if (limit === undefined) return `${shown}; there is nothing to compare it with yet.`;
  const { base, isReached } = limit;
  const chance = isReached ? ', the baseline and chance' : '';
  const was = base === undefined ? '' : ` (it was ${showFigure(base, unit)} in run ${baseline?.run ?? ''})`;
  const bound = `${showFigure(limit.value, unit)}${chance}${was}`;
  return `${shown}, ${result === 'passed' ? '' : 'not '}${words[operator]} ${bound}.`;
}

const words = { '<': 'below', '<=': 'at most', '>': 'above', '>=': 'at least' } as const;

interface RowLimit {
  readonly value: number;
  /** Nothing but chance lies between it and the baseline: to reach it is to hold. */
  readonly isReached: boolean;
  /** The baseline's own figure, where it is one. */
  readonly base?: number;
}

/** Undefined where the baseline has no such figure. */
function limitOf({ criterion, baseline, unit }: Asked, { row, before }: JudgedPair): RowLimit | undefined {
  const { limit, figure, operator } = criterion;
  if (limit.kind === 'fixed') return { value: limit.value, isReached: false };
  if (baseline === undefined || before === undefined) return undefined;
  const base = figureOf(before, figure, baseline.countedMs);
  if (base === undefined) return undefined;
  const isUpper = operator.startsWith('<');
  const asked = base + (limit.isPercent ? (base * limit.added) / 100 : limit.added);
  const noise = noiseOf(unit, base, { ours: row.numRequests ?? 0, baseline: before.numRequests ?? 0 });
  // Who asks for better than the baseline asks for more than chance gives.
  const asksForBetter = isUpper ? asked < base : asked > base;
  const chance = isUpper ? base + noise : base - noise;
  const isTighter = isUpper ? asked < chance : asked > chance;
  const isReached = !asksForBetter && isTighter;
  return { value: isReached ? chance : asked, isReached, base };
}

function isWithin(value: number, operator: Criterion['operator'], limit: RowLimit): boolean {
  if (limit.isReached && value === limit.value) return true;
  switch (operator) {
    case '<':
      return value < limit.value;
    case '<=':
      return value <= limit.value;
    case '>':
      return value > limit.value;
    case '>=':
      return value >= limit.value;
  }
}
