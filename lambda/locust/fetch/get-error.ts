/** How far a GET had come when it failed. */
export type GetPhase = 'connecting' | 'tls-handshake' | 'waiting' | 'reading';

/**
 * A GET that brought no whole answer. `code` is Node's, or DEADLINE, TOO_LARGE, TOO_LARGE_PLAIN, TOO_MANY_PIECES, TOO_MANY_INTERIM or
 * CROWDED_OUT.
 */
export class GetError extends Error {
  override readonly name = 'GetError';
  readonly code: string;
  readonly phase: GetPhase;

  constructor(code: string, phase: GetPhase, cause?: unknown) {
    super(`${code} while ${phase}`, { cause });
    this.code = code;
    this.phase = phase;
  }
}
