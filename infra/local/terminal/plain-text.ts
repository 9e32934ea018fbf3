const maxLength = 300;

/**
 * Text from outside, safe to print on one line of a terminal: control and formatting characters (line breaks, escape
 * sequences, reversed writing) become �, and what is longer than 300 characters is cut off with an ellipsis.
 */
export function plainText(text: string): string {
  const safe = text.toWellFormed().replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');
  return safe.length <= maxLength ? safe : `${safe.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
