import { reportLimits as limits } from './limits.ts';

/** An error as Python shows it, whichever release and role its text came through. */
export function plainErrorText(text: string): string {
  return withoutRepr(unescapeHtml(text));
}

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#x27;': "'",
};

/**
 * Undoes Python's `html.escape`, which Locust 1.0 to 2.27 applied to error texts.
 * A text with one of the escaped characters in it was never escaped, and stays as it is.
 */
function unescapeHtml(text: string): string {
  if (!text.includes('&') || /[<>"']/.test(text)) return text;
  return text.replace(/&(?:amp|lt|gt|quot|#x27);/g, (entity) => entities[entity] ?? entity);
}

/**
 * Undoes the second `repr` that masters up to 2.12, and 0.14 always, put around an error: quotes around the whole text
 * and backslashes before quotes inside. What Locust shows only once starts with the name of a class.
 */
function withoutRepr(text: string): string {
  const quote = text[0];
  if ((quote !== "'" && quote !== '"') || text.length < 2) return text;
  // A text that was cut has lost its last quote.
  const wasCut = Buffer.byteLength(text) > limits.maxTextBytes;
  if (!wasCut && !text.endsWith(quote)) return text;
  return text.slice(1, wasCut ? undefined : -1).replace(/\\(['"\\])/g, '$1');
}
