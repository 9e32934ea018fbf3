import type { Lines } from '../lines.ts';
import type { Measurement } from './point.ts';

const start = `${'locust_total' satisfies Measurement},`;

/** How many of the lines are a sample's total, which holds its main figures: users, rates, response times. */
export function countTotals({ text }: Lines): number {
  let count = text.startsWith(start) ? 1 : 0;
  for (let at = text.indexOf(`\n${start}`); at !== -1; at = text.indexOf(`\n${start}`, at + 1)) count += 1;
  return count;
}
