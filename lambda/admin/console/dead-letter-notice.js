// @ts-check
import { listDeadLetters } from './dead-letters-api.js';
import { h } from './element.js';
import { formatCount } from './format.js';
import { deadLettersHref } from './route.js';
import { seldom } from './seldom.js';

/** To list them reads each, so that they are counted no further than this. */
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
  return {
    element,
    refresh: seldom(async () => {
      const { letters, hasMore } = await listDeadLetters(mostCounted);
      element.hidden = letters.length === 0;
      link.textContent = `${hasMore ? 'More than ' : ''}${formatCount(letters.length, 'dead letter')}`;
    }),
  };
}
