/** One series of a query's result. With `GROUP BY *` its tags stand in `tags`, and `columns` are time and fields. */
export interface InfluxSeries {
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  /** One array per row, in the columns' order; `time` in ms; null where the row has no such field. */
  readonly values: readonly (readonly (string | number | boolean | null)[])[];
}

/** One point as it is stored. */
export interface StoredRow {
  readonly measurement: string;
  readonly atMs: number;
  /** Without those that other series of the measurement have. */
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}

/** A real InfluxDB of either version, with one database or bucket that tests write to and ask in InfluxQL. */
export interface Influxd {
  readonly url: string;
  /** Writes lines with timestamps in ms. 204 is success; otherwise `body` names what was refused. */
  write(lines: string): Promise<{ readonly status: number; readonly body: string }>;
  /**
   * Runs one InfluxQL statement.
   * @throws Error with InfluxDB's message.
   */
  query(influxql: string): Promise<readonly InfluxSeries[]>;
  /** Everything that is stored, or one measurement of it, in order of time within each series. */
  rows(measurement?: string): Promise<readonly StoredRow[]>;
  /** Drops everything that was written. */
  clear(): Promise<void>;
  stop(): Promise<void>;
}

interface QueryAnswer {
  readonly error?: string;
  /** InfluxDB 2 says so what is wrong with the one who asks. */
  readonly message?: string;
  readonly results?: readonly { readonly series?: readonly InfluxSeries[]; readonly error?: string }[];
}

/**
 * Asks `/query`, which both versions have, one statement.
 * @throws Error with InfluxDB's message.
 */
export async function askInfluxql(
  influxd: { readonly url: string; readonly database: string; readonly headers?: Readonly<Record<string, string>> },
  influxql: string,
): Promise<readonly InfluxSeries[]> {
  const { url, database, headers = {} } = influxd;
  const body = new URLSearchParams({ db: database, epoch: 'ms', q: influxql });
  const response = await fetch(`${url}/query`, { method: 'POST', headers, body });
  const answer = (await response.json()) as QueryAnswer;
  const result = answer.results?.[0];
  const error = answer.error ?? answer.message ?? result?.error;
  if (error !== undefined) throw new Error(`${influxql}: ${error}`);
  return result?.series ?? [];
}

/** Reads all rows, or one measurement's, with what asks in InfluxQL. */
export async function storedRows(query: Influxd['query'], measurement?: string): Promise<readonly StoredRow[]> {
  const from = measurement === undefined ? '/.*/' : `"${measurement}"`;
  return (await query(`SELECT * FROM ${from} GROUP BY *`)).flatMap(rowsOf);
}

function rowsOf({ name, tags = {}, columns, values }: InfluxSeries): readonly StoredRow[] {
  const ownTags = Object.fromEntries(Object.entries(tags).filter(([, value]) => value !== ''));
  return values.map((row) => {
    const cells = columns.map((column, index) => [column, row[index] ?? null] as const);
    const fields = cells.filter(
      (cell): cell is [string, string | number | boolean] => cell[0] !== 'time' && cell[1] !== null,
    );
    const atMs = Number(row[columns.indexOf('time')]);
    return { measurement: name, atMs, tags: ownTags, fields: Object.fromEntries(fields) };
  });
}
