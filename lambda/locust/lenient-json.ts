const quote = 0x22;
const backslash = 0x5c;
const firstOfBareToken = new Set(['N', 'I', '-'].map((letter) => letter.charCodeAt(0)));
const bareToken = /-?(?:NaN|Infinity)/y;

/**
 * Parses JSON in which Python's bare tokens `NaN`, `Infinity` and `-Infinity` may stand for numbers: they become null.
 * Locust sends them when one response time was not finite.
 * @throws SyntaxError for anything else that is not JSON.
 */
export function parseLenientJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The strict parser goes first: it is native, and the tokens are rare.
    const strict = withoutBareTokens(text);
    if (strict === undefined) throw error;
    return JSON.parse(strict);
  }
}

/** The text with its bare tokens as null, in one pass; undefined when it has none. */
function withoutBareTokens(text: string): string | undefined {
  let result = '';
  let keptTo = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) at = endOfString(text, at);
    if (!firstOfBareToken.has(code)) continue;
    bareToken.lastIndex = at;
    const token = bareToken.exec(text)?.[0];
    if (token === undefined) continue;
    result += `${text.slice(keptTo, at)}null`;
    at += token.length - 1;
    keptTo = at + 1;
  }
  return keptTo === 0 ? undefined : result + text.slice(keptTo);
}

/** The position of the quote that closes the string opened at `start`, or the text's end. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== quote) {
    at += text.charCodeAt(at) === backslash ? 2 : 1;
  }
  return at;
}
