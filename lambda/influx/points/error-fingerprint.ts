import { STATUS_CODES } from 'node:http';
import { cut, normalTag } from './normal-form.ts';

/** So much of an error's text is read: errors differ at their beginning. */
const maxTextLength = 512;
const maxLength = 160;
/** Most of a test's errors come again with every sample. So many texts are remembered, 1 MB at most. */
const maxRemembered = 1_000;
/** No error's own word is longer; an id may be. */
const maxWordLength = 40;

/** So many chunks are looked at; 160 characters of words have thirty. Those behind are masked unseen. */
const maxChunks = 100;

/** Everything between spaces, quotes and brackets. */
const chunks = /[^\s'"`\\()<>[\]{},;]+/gu;
const hasDigit = /\p{Nd}/u;
const percentEncoded = /%[0-9a-f]{2}/i;
/** UUIDs, and `0x....`, as Locust itself writes an object's address. */
const wholeIds = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|0x\.+/gi;
const ipv6 = /^[0-9a-f]*(?::[0-9a-f]*){2,7}$/i;
const words = /(?:%[0-9a-f]{2}|[\p{L}\p{Nd}])+/giu;
const queryValues = /=[^&#]+/g;
const starRuns = /\*(?:[-.:/+=_%]?\*)+/g;

const statusCode = /^[1-5]\d\d$/;
/** `status code: 503`, `HTTP/1.1 404`, `HTTPError('500`, `response code 502`: what stands before a status. */
const beforeStatus =
  /(?:\bhttp(?:\/\d(?:\.\d)?)?(?:[ _-]?(?:status|error|code)){0,2}|status(?:[ _-]?(?:code|error))?|\b(?:response|error)[ _-]?code)(?: (?:is|was|of))?[ :=('"[<\\]{0,4}$/i;
/** One of these stands in whatever `beforeStatus` finds. */
const speaksOfStatus = /http|status|code/i;
/** What stands behind a status begins like this. */
const beginsPhrase = /^ [a-z]/i;
/** Longer than whatever stands before or after a status. */
const statusContext = 40;

const remembered = new Map<string, string>();

/**
 * What is the same in all texts of one error: whatever varies (numbers, hex, UUIDs, addresses, ids in quotes, values in
 * a URL's query) becomes `*`, runs of it one `*`, white space one space. An HTTP status stays where it stands as one:
 * `500 Server Error`, `status code: 503`, `HTTP 404`. At most 160 characters, in a tag's normal form.
 * @param text the error's text, HTML unescaped; only its first 512 characters count. Takes linear time.
 */
export function errorFingerprint(text: string): string {
  const start = cut(text, maxTextLength);
  let fingerprint = remembered.get(start);
  if (fingerprint === undefined) {
    fingerprint = makeFingerprint(start);
    if (remembered.size === maxRemembered) remembered.clear();
    remembered.set(start, fingerprint);
  }
  return fingerprint;
}

function makeFingerprint(start: string): string {
  let chunksLeft = maxChunks;
  const masked = start.replace(chunks, (chunk, at: number) => {
    chunksLeft -= 1;
    // Whatever it is, it may vary.
    return chunksLeft < 0 ? '*' : maskedChunk(chunk, start, at);
  });
  // Python doubles the backslashes before quotes in an error within an error.
  const oneLine = masked
    .replace(/\\(?=['"\\])/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  return normalTag(cut(oneLine.replace(/\*(?: \*)+/g, '*'), maxLength));
}

function maskedChunk(chunk: string, text: string, at: number): string {
  if (isQuotedId(chunk, text, at) || isAddress(chunk)) {
    return isStatus(chunk, text, at) ? chunk : '*';
  }
  const queryAt = chunk.indexOf('?');
  const path = queryAt < 0 ? chunk : chunk.slice(0, queryAt);
  const query = queryAt < 0 ? '' : chunk.slice(queryAt).replace(queryValues, '=*');
  return (path.replace(wholeIds, '*') + query)
    .replace(words, (word, wordAt: number) => (varies(word) && !isStatus(word, text, at + wordAt) ? '*' : word))
    .replace(starRuns, '*')
    .replace(/^[-+]\*/, '*');
}

/** Quoted on both sides, in one piece, with a digit in it. */
function isQuotedId(chunk: string, text: string, at: number): boolean {
  const before = text.charAt(at - 1);
  const isQuoted = before !== '' && `'"\``.includes(before) && before === text.charAt(at + chunk.length);
  return isQuoted && hasDigit.test(chunk);
}

/** An e-mail address, a URL with credentials, an IPv6 or MAC address. */
function isAddress(chunk: string): boolean {
  return chunk.indexOf('@') > 0 || (ipv6.test(chunk) && hasDigit.test(chunk));
}

function varies(word: string): boolean {
  return hasDigit.test(word) || percentEncoded.test(word) || (word.length > maxWordLength && /^[a-z]+$/i.test(word));
}

function isStatus(word: string, text: string, at: number): boolean {
  // Behind something masked in the same chunk the place is no longer known.
  if (!statusCode.test(word) || !text.startsWith(word, at)) return false;
  const end = at + word.length;
  if (beginsPhrase.test(text.slice(end, end + 2))) {
    const after = text.slice(end, end + statusContext);
    const phrases = [' Server Error', ' Client Error', ` ${STATUS_CODES[word] ?? 'Server Error'}`];
    if (phrases.some((phrase) => startsWith(after, phrase))) return true;
  }
  const before = text.slice(Math.max(0, at - statusContext), at);
  // The first is cheap, and nearly all texts end with it.
  return speaksOfStatus.test(before) && beforeStatus.test(before);
}

function startsWith(text: string, phrase: string): boolean {
  return text.slice(0, phrase.length).toLowerCase() === phrase.toLowerCase();
}
