const code = { newline: 0x0a, space: 0x20, quote: 0x22, hash: 0x23, equals: 0x3d, backslash: 0x5c } as const;

/**
 * Finds where lines of line protocol end. A line break inside a quoted field value belongs to the value; any other ends
 * its line, also behind a backslash, so that a line that is cut off badly does not swallow the next one.
 * Give it the bytes one after the other, in as many pieces as they come.
 */
export interface LineScanner {
  /** True when this byte is the line break that ends a line. */
  readonly endsLine: (byte: number) => boolean;
}

export function createLineScanner(): LineScanner {
  let atStart = true;
  let isComment = false;
  let inFields = false;
  let quoted = false;
  let escaped = false;
  let afterEquals = false;

  const startLine = (): void => {
    [atStart, isComment, inFields, quoted, escaped, afterEquals] = [true, false, false, false, false, false];
  };
  const read = (byte: number): void => {
    const literal = escaped;
    escaped = !literal && byte === code.backslash;
    if (quoted) {
      quoted = literal || byte !== code.quote;
    } else {
      // A quote opens a field's value and nothing else: in measurements, tags and keys it is a plain character.
      quoted = inFields && afterEquals && byte === code.quote;
      inFields ||= !literal && byte === code.space && !atStart;
      afterEquals = !literal && byte === code.equals;
    }
    isComment ||= atStart && byte === code.hash;
    atStart &&= byte === code.space;
  };
  return {
    endsLine(byte) {
      if (byte === code.newline && !quoted) {
        startLine();
        return true;
      }
      if (!isComment) read(byte);
      return false;
    },
  };
}

/** The lines of a body, without their line breaks; a last line that has none counts as well. */
export function splitLines(body: Uint8Array): Uint8Array[] {
  const scanner = createLineScanner();
  const lines: Uint8Array[] = [];
  let start = 0;
  for (let index = 0; index < body.length; index += 1) {
    if (!scanner.endsLine(body[index] ?? 0)) continue;
    lines.push(body.subarray(start, index));
    start = index + 1;
  }
  if (start < body.length) lines.push(body.subarray(start));
  return lines;
}
