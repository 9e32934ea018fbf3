/** The parts of dynalite 4 that are used here; the package brings no types. */
declare module 'dynalite' {
  import type { Server } from 'node:http';
  import type { DynaliteOptions } from 'dynalite/db/index.js';

  /** The server that other processes can reach: for tests alone. */
  export default function dynalite(options?: DynaliteOptions): Server;
}

declare module 'dynalite/db/index.js' {
  export interface DynaliteOptions {
    /** The folder of the LevelDB; in memory without. */
    readonly path?: string;
    /** How long a table stays in CREATING; 500 by default. */
    readonly createTableMs?: number;
    readonly deleteTableMs?: number;
    readonly updateTableMs?: number;
  }

  export interface LevelIterator {
    /** Undefined after the last entry. */
    next(): Promise<unknown>;
    /** The next entries, so many at most; none after the last. */
    nextv(size: number): Promise<readonly unknown[]>;
    close(): Promise<void>;
  }

  export interface DynaliteStore {
    readonly db: {
      open(): Promise<void>;
      close(): Promise<void>;
      /** Both are called by dynalite for what it reads in order. */
      keys: (options?: object) => LevelIterator;
      values: (options?: object) => LevelIterator;
    };
  }

  const db: { create(options: DynaliteOptions): DynaliteStore };
  export default db;
}

declare module 'dynalite/validations/index.js' {
  import type { DynaliteStore } from 'dynalite/db/index.js';

  const validations: {
    /** @throws what is wrong, as an answer */
    checkTypes(input: unknown, types: object): object;
    checkValidations(input: object, types: object, custom: unknown, store: DynaliteStore): void;
  };
  export default validations;
}
