import { hash } from 'node:crypto';
import { isObject } from './is-object.ts';
import { reportLimits as limits } from './limits.ts';

/**
 * A value as text, as Python's `str` writes what JSON carries: a request may be named by anything, a tuple comes as a
 * list. Of a list or object that takes more than `maxTextBytes` the beginning is kept, with `…` and a hash, so that two
 * that differ stay distinct. Undefined where there is no value.
 */
export function pythonText(value: unknown): string | undefined {
  if (typeof value === 'string' || value === undefined) return value;
  if (typeof value !== 'object' || value === null) return pythonRepr(value);
  return shortened(pythonRepr(value));
}

/** Recursion is bounded: what is read is at most `maxDepth` levels deep. */
function pythonRepr(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `(${value.map(pythonRepr).join(', ')}${value.length === 1 ? ',' : ''})`;
  if (!isObject(value)) return typeof value === 'number' ? String(value) : 'None';
  return `{${Object.entries(value)
    .map(([key, each]) => `${quoted(key)}: ${pythonRepr(each)}`)
    .join(', ')}}`;
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/[\\\n\r\t]/g, (character) => escapes[character] ?? character);
  return quote + (quote === "'" ? escaped.replaceAll("'", String.raw`\'`) : escaped) + quote;
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function shortened(text: string): string {
  if (Buffer.byteLength(text) <= limits.maxTextBytes) return text;
  // A UTF-16 unit takes at most three bytes.
  const start = text.slice(0, Math.floor(limits.maxTextBytes / 3)).toWellFormed();
  return `${start}…${hash('sha256', text).slice(0, 8)}`;
}
