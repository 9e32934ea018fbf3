/** What proves to InfluxDB that one may write: read when it is needed, since another one may be there by then. */
export interface InfluxToken {
  /** Rejects when there is none to be had; its error goes into logs. */
  read(): Promise<string>;
  /** Makes the next `read` ask again, unless another token than this one has been read meanwhile. */
  forget(token: string): void;
}

/** A token that stays the same as long as the process lives. */
export function fixedToken(token: string): InfluxToken {
  return { read: () => Promise.resolve(token), forget: () => undefined };
}

interface Reading {
  readonly reading: Promise<string>;
  token?: string;
}

/** Reads once, however many ask; failures are not kept. @param read reads it from where it is */
export function keepToken(read: () => Promise<string>): InfluxToken {
  let kept: Reading | undefined;
  return {
    read() {
      if (kept !== undefined) return kept.reading;
      const mine: Reading = { reading: read() };
      kept = mine;
      mine.reading.then(
        (token) => (mine.token = token),
        () => {
          if (kept === mine) kept = undefined;
        },
      );
      return mine.reading;
    },
    forget(token) {
      if (kept?.token === token) kept = undefined;
    },
  };
}
