import type { IncomingMessage } from 'node:http';
import type { BodyBudget } from './body-budget.ts';
import { GetError } from './get-error.ts';
import type { ReadingTurns } from './reading-turns.ts';

/** Reads a body while it comes, and holds less than all of it. */
export interface PlainReader {
  readonly maxBytes: number;
  push(piece: Buffer): void;
  heldBytes(): number;
}

// Every piece costs an event and an object, so a body sent byte by byte would cost far more than its size. Network
// packets have 1,400 bytes.
const freePieces = 1_024;
const minBytesPerPiece = 512;

interface BodyLimits {
  readonly maxBytes: number;
  readonly budget: BodyBudget;
  readonly turns: ReadingTurns;
  readonly reader?: PlainReader;
}

interface ReadBody {
  /** Undefined where the reader took it. */
  readonly body: Buffer | undefined;
  readonly sizeBytes: number;
}

/**
 * Reads an answer's body within its limits: into the reader where it is not encoded, else into memory.
 * @throws GetError when it is too large, or comes in too many pieces
 */
export function readBody(response: IncomingMessage, get: BodyLimits): Promise<ReadBody> {
  const reader = response.headers['content-encoding'] === undefined ? get.reader : undefined;
  const { maxBytes } = reader ?? get;
  return new Promise((resolve, reject) => {
    const kept: Buffer[] = [];
    let [size, pieces, held] = [0, 0, 0];
    const pauses = pausesOf(response);
    const share = get.budget.open({
      ...pauses(),
      giveWay: () => {
        refuse('CROWDED_OUT');
      },
    });
    const turns = get.turns.open(pauses());
    const leave = (): void => {
      share.release();
      turns.leave();
    };
    response.on('close', leave);
    let isRefused = false;
    const refuse = (code: string): void => {
      isRefused = true;
      kept.length = 0;
      leave();
      response.pause();
      reject(new GetError(code, 'reading'));
    };
    const tooLarge = reader === undefined ? 'TOO_LARGE' : 'TOO_LARGE_PLAIN';
    if (Number(response.headers['content-length']) > maxBytes) {
      refuse(tooLarge);
      return;
    }
    response.on('data', (piece: Buffer) => {
      if (isRefused) return;
      size += piece.length;
      pieces += 1;
      if (size > maxBytes) refuse(tooLarge);
      else if (pieces > freePieces + size / minBytesPerPiece) refuse('TOO_MANY_PIECES');
      else {
        if (reader === undefined) kept.push(piece);
        else reader.push(piece);
        const now = reader?.heldBytes() ?? size;
        share.grow(Math.max(0, now - held));
        held = Math.max(held, now);
        turns.took(size);
      }
    });
    response.on('end', () => {
      const body = kept.length === 1 ? kept[0] : Buffer.concat(kept, reader === undefined ? size : 0);
      resolve({ body: reader === undefined ? body : undefined, sizeBytes: size });
    });
  });
}

/** A body may have to wait for two things at once, memory and its turn: it goes on when it waits for neither. */
function pausesOf(response: IncomingMessage): () => { pause(): void; resume(): void } {
  const reasons = new Set<symbol>();
  return () => {
    const reason = Symbol('reason to wait');
    return {
      pause() {
        reasons.add(reason);
        response.pause();
      },
      resume() {
        if (reasons.delete(reason) && reasons.size === 0) response.resume();
      },
    };
  };
}
