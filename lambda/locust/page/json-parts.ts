const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const openers = new Set([0x7b, 0x5b]);
const closers = new Set([0x7d, 0x5d]);

/**
 * The entries of a JSON object or list that begins at an index, each as its own text; nothing is parsed, and what follows
 * the end is not looked at. Undefined where the end never comes. Takes linear time, whatever the text.
 */
export function jsonParts(text: string, from: number): readonly string[] | undefined {
  const parts: string[] = [];
  let [depth, partFrom] = [0, from + 1];
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) at = endOfString(text, at);
    else if (openers.has(code)) depth += 1;
    else if (closers.has(code)) depth -= 1;
    const isEnd = depth === 0;
    if (!isEnd && !(depth === 1 && code === comma)) continue;
    const part = text.slice(partFrom, at);
    if (part.trim() !== '') parts.push(part);
    if (isEnd) return parts;
    partFrom = at + 1;
  }
  return undefined;
}

/** The index of a string's closing quote, or the text's end. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === backslash) at += 1;
    else if (code === quote) return at;
  }
  return text.length;
}

const keyAndColon = /^\s*"([\w-]{1,64})"\s*:/;

/** The texts of an object's values by their keys; keys that are no plain names are left out. */
export function jsonValues(text: string, from: number): ReadonlyMap<string, string> | undefined {
  const parts = jsonParts(text, from);
  if (parts === undefined) return undefined;
  const values = new Map<string, string>();
  for (const part of parts) {
    const [head, key] = keyAndColon.exec(part) ?? [];
    if (head !== undefined && key !== undefined) values.set(key, part.slice(head.length));
  }
  return values;
}

/** A short JSON text parsed; undefined where it is longer, or no JSON. */
export function shortJson(text: string | undefined): unknown {
  if (text === undefined || text.length > maxValueLength) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Longer than any value that is read: a host, a file name, a few percentiles, one moment of the history. */
const maxValueLength = 4_096;
