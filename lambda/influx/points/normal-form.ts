import { hash } from 'node:crypto';

const maxTagLength = 256;
const maxFieldBytes = 1024;
/** What a tag cannot carry, or only in ways that InfluxDB's parsers read differently. */
const outsideTag = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\\]/u;
const controls = /[\p{Cc}\p{Zl}\p{Zp}]/gu;

/**
 * The normal form in which a tag's key or value is stored; a text that already has it comes back as it is.
 * - A backslash becomes `＼` (U+FF3C): at the end of a value it would swallow what follows, doubled or not.
 * - A control character (C0, DEL, C1) or line separator (U+2028, U+2029) becomes a space, each one its own.
 * - Half a surrogate pair becomes U+FFFD.
 * - More than 256 characters (UTF-16 units) are cut to 247, then `…` and eight hex digits of the whole text's hash,
 *   so that long texts with one beginning stay distinct. A surrogate pair is never cut in two.
 * Spaces stay as they are, also at the ends.
 */
export function normalTag(text: string): string {
  if (text.length > maxTagLength) return withHash(text, '…', text);
  return outsideTag.test(text) ? cleanTag(text) : text;
}

/** A tag value's normal form when another text's is the same: `~` and eight hex digits of `raw`'s hash at its end. */
export function markedTag(text: string, raw: string): string {
  return withHash(text, '~', raw);
}

/**
 * The normal form in which a string field is stored: control characters and line separators become spaces, half a
 * surrogate pair becomes U+FFFD, and what goes beyond 1,024 bytes of UTF-8 is cut off at a character.
 */
export function normalText(text: string): string {
  // A UTF-16 unit takes at most three bytes.
  if (text.length <= maxFieldBytes / 3 && !outsideTag.test(text)) return text;
  // And at least one, so the rest of a text of megabytes is never looked at.
  const clean = cut(text, maxFieldBytes).toWellFormed().replace(controls, ' ');
  const { read } = new TextEncoder().encodeInto(clean, new Uint8Array(maxFieldBytes));
  return clean.slice(0, read);
}

/** The first `length` UTF-16 units, one less where that would cut a surrogate pair in two. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const endsInPair = (text.charCodeAt(length - 1) & 0xfc00) === 0xd800;
  return text.slice(0, endsInPair ? length - 1 : length);
}

/** Unit by unit: to replace each by a regular expression costs twenty times as much where all are to be replaced. */
function cleanTag(text: string): string {
  const bytes = Buffer.from(text.toWellFormed(), 'utf16le');
  for (let at = 0; at < bytes.length; at += 2) {
    const unit = bytes.readUInt16LE(at);
    if (unit === backslash) bytes.writeUInt16LE(wideBackslash, at);
    else if (isControl(unit)) bytes.writeUInt16LE(space, at);
  }
  return bytes.toString('utf16le');
}

const [space, backslash, wideBackslash] = [0x20, 0x5c, 0xff3c];

/** The same as `controls`, of one UTF-16 unit. */
function isControl(unit: number): boolean {
  return unit < space || (unit >= 0x7f && unit <= 0x9f) || unit === 0x2028 || unit === 0x2029;
}

function withHash(text: string, mark: string, raw: string): string {
  // JSON keeps halves of surrogate pairs apart, which UTF-8 would all make the same.
  const digits = hash('sha256', JSON.stringify(raw)).slice(0, 8);
  return `${cleanTag(cut(text, maxTagLength - mark.length - digits.length))}${mark}${digits}`;
}
