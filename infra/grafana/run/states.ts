import { MappingType } from '@grafana/grafana-foundation-sdk/dashboard';
import type { RangeMap, RegexMap, ValueMap } from '@grafana/grafana-foundation-sdk/dashboard';
import { noAnswers } from '../queries/now.ts';

/** Texts in colours, by value. */
const texts = (of: readonly (readonly [value: string, text: string, color: string])[]): ValueMap => ({
  type: MappingType.ValueToText,
  options: Object.fromEntries(of.map(([value, text, color], index) => [value, { text, color, index }])),
});

/** Locust's states: only what is amiss has a colour that calls. */
export const stateColours = texts([
  ['running', 'running', 'green'],
  ['spawning', 'spawning', 'blue'],
  ['hatching', 'hatching', 'blue'],
  ['ready', 'ready', 'text'],
  ['stopping', 'stopping', 'text'],
  ['cleanup', 'cleanup', 'text'],
  ['stopped', 'stopped', 'text'],
  ['missing', 'missing', 'orange'],
]);

/** Verdicts on a run. */
export const verdictColours = texts([
  ['passed', 'passed', 'green'],
  ['unsure', 'unsure', 'orange'],
  ['failed', 'failed', 'red'],
]);

/** Why the last attempt brought nothing. */
export const noAnswer = texts(noAnswers.map(([kind, text]) => [kind, text, 'orange']));

const outcome = (word: string, color: string): RegexMap => ({
  type: MappingType.RegexToText,
  options: { pattern: `/^run \\S+ ${word}.*$/`, result: { text: word, color, index: 0 } },
});

/** How a run ended, from the text of its stop: one word. */
export const runOutcomes = [outcome('finished', 'text'), outcome('ended', 'text'), outcome('lost', 'orange')] as const;

/** A number of attempts stands for a run that is on, and of which nothing comes any more. */
export const silence: RangeMap = {
  type: MappingType.RangeToText,
  options: { from: 0, to: 1e12, result: { text: 'silent', color: 'orange', index: 0 } },
};
