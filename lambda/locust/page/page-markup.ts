import { testSetup } from '../test-setup.ts';
import type { TestSetup } from '../test-setup.ts';

/** Longer than any tag of Locust's page. */
const maxTagLength = 1_000;

/**
 * The set-up in the markup of a page from before Locust 2.21: the host of its form, the release, and from 2.0 on the
 * locustfile. Users, spawn rate and run time of its form are those of the command line, not what a tester entered, so
 * they are left out. Undefined where the page is none of Locust's.
 */
export function setupOfMarkup(page: string): TestSetup | undefined {
  const locustVersion = textBetween(page, 'https://github.com/locustio/locust/releases/tag/', '"');
  const input = textBetween(page, '<input type="text" name="host"', '>');
  if (locustVersion === undefined && input === undefined) return undefined;
  const host = input === undefined ? undefined : textBetween(input, ' value="', '"');
  const locustfile = textBetween(page, '<title>Locust for ', '</title>');
  return testSetup({
    host: host === undefined ? undefined : unescaped(host),
    locustfile: locustfile === undefined || locustfile === 'None' ? undefined : unescaped(locustfile),
    locustVersion,
  });
}

/** What stands after the first `before`, up to the next `after`; undefined where that is not near. */
function textBetween(text: string, before: string, after: string): string | undefined {
  const from = text.indexOf(before);
  if (from < 0) return undefined;
  const near = text.slice(from + before.length, from + before.length + maxTagLength);
  const length = near.indexOf(after);
  return length < 0 ? undefined : near.slice(0, length);
}

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&#34;': '"',
  '&#39;': "'",
};

/** Undoes what Jinja does to texts in HTML. */
function unescaped(text: string): string {
  return text.replace(/&(?:amp|lt|gt|#34|#39);/g, (entity) => entities[entity] ?? entity);
}
