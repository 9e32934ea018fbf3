/** A part of JSON, or one character that is none. */
const tokenPattern =
  /[\t\n\r ]+|"(?:[ !#-[\]-\u{10ffff}]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)(?!\w)|[[\]{},:]|./dsuy;

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or end';

/**
 * Where a text stops being JSON, for a person; undefined for JSON. Shows one character of it at most: the text may hold
 * a secret. `JSON.parse` itself would quote it, and says where only sometimes.
 */
export function jsonProblem(text: string): string | undefined {
  const open: string[] = [];
  let expected: Expected = 'value';
  let isDone = false;
  for (tokenPattern.lastIndex = 0; ;) {
    const at = tokenPattern.lastIndex;
    const token = tokenPattern.exec(text)?.[0];
    if (token === undefined) return isDone ? undefined : `it ends too early, at ${placeOf(text, text.length)}`;
    if (/^[\t\n\r ]/.test(token)) continue;
    const next: Expected | undefined = isDone ? undefined : after(token, expected, open);
    if (next === undefined) return `unexpected ${shown(token)} at ${placeOf(text, at)}`;
    expected = next;
    isDone = open.length === 0 && expected === ', or end';
  }
}

/** What may come after a token; undefined where the token may not stand. Opens and closes what it begins and ends. */
function after(token: string, expected: Expected, open: string[]): Expected | undefined {
  const takesValue = expected === 'value' || expected === 'value or ]';
  if (token === '{' || token === '[') {
    if (!takesValue) return undefined;
    open.push(token);
    return token === '{' ? 'key or }' : 'value or ]';
  }
  if (token === '}' || token === ']') {
    const isEmpty = expected === (token === '}' ? 'key or }' : 'value or ]');
    if (!isEmpty && expected !== ', or end') return undefined;
    return open.pop() === (token === '}' ? '{' : '[') ? ', or end' : undefined;
  }
  if (token === ',') {
    if (expected !== ', or end') return undefined;
    return open.at(-1) === '{' ? 'key' : 'value';
  }
  if (token === ':') return expected === ':' ? 'value' : undefined;
  const isText = token.startsWith('"') && token.length > 1;
  if (expected === 'key' || expected === 'key or }') return isText ? ':' : undefined;
  const isValue = isText || /^(?:-?\d|true$|false$|null$)/.test(token);
  return takesValue && isValue ? ', or end' : undefined;
}

function shown(token: string): string {
  const [character = ''] = token;
  return /^[!-~]$/.test(character) ? `"${character}"`.replace('"""', "'\"'") : 'character';
}

function placeOf(text: string, at: number): string {
  const before = text.slice(0, at).split(/\r\n|\n|\r/);
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}
