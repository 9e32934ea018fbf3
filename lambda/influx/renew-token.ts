import type { Deliverer } from './deliver.ts';

/** A token that can be read again: another one may be there by then. */
export interface TokenSource {
  /** Rejects when there is none to be had; its error goes into logs. */
  read(): Promise<string>;
}

/** A token source that remembers what it read, for all deliverers of a process. */
export interface KeptToken extends TokenSource {
  /** Makes the next `read` ask again, unless another token than this one has been read meanwhile. */
  forget(token: string): void;
}

interface Reading {
  readonly reading: Promise<string>;
  token?: string;
}

/** Reads once, however many ask; failures are not kept. */
export function keepToken(source: TokenSource): KeptToken {
  let kept: Reading | undefined;
  return {
    read() {
      if (kept !== undefined) return kept.reading;
      const mine: Reading = { reading: source.read() };
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

/**
 * A deliverer whose token is read with the first delivery, and again once InfluxDB has answered 401: lines that the old
 * token was refused for are sent once more when there is another. Lines are `retryable` while no token can be read.
 */
export function renewToken(token: KeptToken, open: (token: string) => Deliverer): Deliverer {
  let opened: { readonly token: string; readonly deliverer: Deliverer } | undefined;
  let isClosed = false;

  async function current(): Promise<{ readonly token: string; readonly deliverer: Deliverer }> {
    const now = await token.read();
    if (opened?.token !== now) {
      opened?.deliverer.close();
      opened = { token: now, deliverer: open(now) };
      if (isClosed) opened.deliverer.close();
    }
    return opened;
  }

  return {
    async deliver(lines, options) {
      try {
        const first = await current();
        const requests = await first.deliverer.deliver(lines, options);
        if (!requests.some(({ status }) => status === 401)) return requests;
        token.forget(first.token);
        const second = await current();
        if (second.token === first.token) return requests;
        const again = requests.map(async (request) =>
          request.status === 401 ? second.deliverer.deliver(request.lines, options) : [request],
        );
        return (await Promise.all(again)).flat();
      } catch (error) {
        const reason = error instanceof Error ? error.message : 'the token cannot be read';
        return lines.length === 0 ? [] : [{ outcome: 'retryable', reason, lines }];
      }
    },
    close() {
      isClosed = true;
      opened?.deliverer.close();
    },
  };
}
