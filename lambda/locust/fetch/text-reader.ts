import type { PlainReader } from './read-body.ts';

/** Takes a body that is a text, and gives it once all of it has come; empty where none did. */
export function textReader(maxBytes: number): { readonly reader: PlainReader; readonly text: () => string } {
  const pieces: Buffer[] = [];
  let size = 0;
  return {
    reader: {
      maxBytes,
      push: (piece) => {
        pieces.push(piece);
        size += piece.length;
      },
      heldBytes: () => size,
    },
    text: () => Buffer.concat(pieces, size).toString(),
  };
}
