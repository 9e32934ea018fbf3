// @ts-check
import { Problem } from './api.js';
import { listDeadLetters } from './dead-letters-api.js';
import { h } from './element.js';
import { formatCount } from './format.js';
import { deadLettersHref } from './route.js';

/** To list them reads each, so that they are counted seldom, and no further than this. */
const everyMs = 60_000;
const mostCounted = 20;

/** Says that there are dead letters, where there are. */
export function deadLetterNotice() {
  const link = h('a', { href: deadLettersHref });
  const element = h(
    'p',
    { class: 'notice', hidden: true },
    link,
    ': lines that InfluxDB refused, to replay or to drop.',
  );
  let nextMs = 0;
  return {
    element,
    /** Never fails: the list beside it tells when the API is away. */
    async refresh() {
      if (performance.now() < nextMs) return;
      nextMs = performance.now() + everyMs;
      try {
        const { letters, hasMore } = await listDeadLetters(mostCounted);
        element.hidden = letters.length === 0;
        link.textContent = `${hasMore ? 'More than ' : ''}${formatCount(letters.length, 'dead letter')}`;
      } catch (error) {
        // An API that keeps none.
        if (error instanceof Problem) nextMs = Infinity;
      }
    },
  };
}
