/**
 * What one report may hold, fetched or sent. The sender decides the sizes, so each of them has a limit here; a
 * message names the limit when it is hit. Together they keep one sample below 100 ms of CPU and 32 MB of memory.
 */
export const reportLimits = {
  /** Bytes once decompressed. 500 rows are about 300 kB; this is room for the longest names and error texts. */
  maxBytes: 8 * 1024 * 1024,
  /**
   * Bytes that come uncompressed, of which only what is kept stays in memory: 500 errors with a whole page each are
   * 10 to 20 MB.
   */
  maxPlainBytes: 32 * 1024 * 1024,
  /** Bytes of Locust's own page: 50 kB and, from 2.21 on, 350 bytes for each 5 s of the test: this is 4 hours. */
  maxPageBytes: 1024 * 1024,
  /** Bytes that are left once texts and lists are cut: 1,200 rows are about 600 kB. */
  maxKeptBytes: 4 * 1024 * 1024,
  /** 500 rows, 500 errors and a thousand workers have about 30,000. */
  maxValues: 100_000,
  /** Brackets, colons, commas, texts and numbers: the most that so many values need. More is no report of a Locust. */
  maxTokens: 600_000,
  /** Locust nests three levels. What is deeper is null. */
  maxDepth: 8,
  /** Keys of one object; Locust's largest has about 30. The first ones and the last are read. */
  maxKeys: 100,
  /** Entries of any list. The first ones and the last are read. Locust, and the companion, send 500 rows and the total. */
  maxRows: 1_200,
  /** Of any text, in UTF-8. Tags end at 256 characters, messages at 1,024 bytes. */
  maxTextBytes: 1_024,
  /** Characters of a number: a double needs 24. */
  maxNumberLength: 40,
  /** Characters of a state; Locust's longest has eight. */
  maxStateLength: 64,
  /** Rows of `errors[]`: Locust's own limit. */
  maxErrors: 500,
  /** Each is a series. The rest is one point named `(other)`. */
  maxWorkers: 1_000,
  /** Kinds of percentiles of one answer; Locust's default is two. Each is a field of every endpoint. */
  maxPercentiles: 20,
  /** What a double counts exactly, and what DynamoDB's client takes. A larger figure is left out. */
  maxFigure: Number.MAX_SAFE_INTEGER,
  /** DynamoDB refuses what is closer to zero than 1e-130. A smaller figure is 0. */
  minFigure: 1e-100,
} as const;
