// @ts-check
import { listDeadLetters } from './dead-letters-api.js';
import { h } from '../parts/element.js';
import { formatCount } from '../parts/format.js';
import { deadLettersHref } from '../route.js';
import { onceAMinute } from '../parts/once-a-minute.js';

/** Listing dead letters reads each of them, so they are counted up to here only. */
const mostCounted = 20;

/** Shows how many dead letters there are, if any. */
export function deadLetterNotice() {
  const link = h('a', { href: deadLettersHref });
  const element = h(
    'p',
    { class: 'notice', hidden: true },
    link,
    ': lines that InfluxDB rejected. Replay or drop them.',
  );
  return {
    element,
    refresh: onceAMinute(async () => {
      const { letters, hasMore } = await listDeadLetters(mostCounted);
      element.hidden = letters.length === 0;
      link.textContent = `${hasMore ? 'More than ' : ''}${formatCount(letters.length, 'dead letter')}`;
    }),
  };
}
