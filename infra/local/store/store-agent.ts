import { Agent } from 'node:http';
import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import type { InfluxStore } from './influx-store.ts';

/** Connects what sends by HTTP with the store, wherever its URL leads: no other process can reach such a connection. */
export class StoreAgent extends Agent {
  readonly #store: Pick<InfluxStore, 'accept'>;

  constructor(store: Pick<InfluxStore, 'accept'>) {
    // One costs next to nothing, and Node keeps sockets of the system alone.
    super({ keepAlive: false });
    this.#store = store;
  }

  override createConnection(): Duplex {
    const [ours, theirs] = duplexPair();
    // Of a pair, what happens to one end does not happen to the other.
    ours.once('close', () => theirs.destroy());
    theirs.once('close', () => ours.destroy());
    this.#store.accept(theirs);
    return ours;
  }
}
