/** Something kept. */
export interface StoredObject {
  readonly key: string;
  readonly sizeBytes: number;
}

/** What `list` gives: the keys that come first, in order. */
export interface ObjectPage {
  readonly objects: readonly StoredObject[];
  /** There is nothing under the prefix beyond these. */
  readonly isComplete: boolean;
}

/**
 * Bytes under keys that are there still when the process is gone: a bucket of S3, or a folder on one machine.
 * A key is `<prefix>/<name>`, both of letters, digits, `.`, `_` and `-`. All of it rejects when the place fails.
 */
export interface SpoolStore {
  /** Resolves when the bytes are safe, whole; they replace what was under the key. */
  put(key: string, body: Buffer): Promise<void>;
  /** Keys under a prefix in the order of their characters. @param query.after only those behind this key */
  list(query: { readonly prefix: string; readonly limit: number; readonly after?: string }): Promise<ObjectPage>;
  /** Undefined when there is nothing under the key. */
  get(key: string): Promise<Buffer | undefined>;
  /** No error when it is gone already. */
  remove(key: string): Promise<void>;
}
