import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import * as z from 'zod';
import type { EndpointRow, Report } from '../../locust/report/report.ts';
import { fromStoredFigures, storedFigures, toStoredFigures } from './stored-figures.ts';

const endpoint = storedFigures.extend({ method: z.string(), name: z.string() });

/** The final figures of a run, in the units of its total. */
export const runResult = z.object({
  /** For how long Locust had been counting, ms. */
  countedMs: z.number(),
  /** Locust showed 500 of its endpoints only, or not all of them are kept. */
  truncated: z.boolean(),
  endpoints: z.array(endpoint),
  errors: z.array(
    z.object({ method: z.string(), name: z.string(), error: z.string(), occurrences: z.number().optional() }),
  ),
});

export type RunResult = z.output<typeof runResult>;

/** How it is kept: another shape gets another number, and what reads an older one stays. */
const stored = z.object({ version: z.literal(1), result: runResult });

/** 500 endpoints take a fifth of it; a Locust that begins a test every few seconds must not cost more than samples do. */
const maxStoredBytes = 100_000;
/** Of a result as text: what is kept is below, by far. */
const maxTextBytes = 16 * 1024 * 1024;

const compress = promisify(gzip);
const expand = promisify(gunzip);

/** What a run's last report says. @param countedMs for how long Locust had been counting */
export function resultOf({ endpoints, errors, lacksEndpoints }: Report, countedMs: number): RunResult {
  return {
    countedMs,
    truncated: lacksEndpoints,
    endpoints: endpoints.map((row) => ({ method: row.method, name: row.name, ...toStoredFigures(row) })),
    errors: errors.map(({ method, name, error, occurrences }) => ({ method, name, error, occurrences })),
  };
}

/** The endpoints of a result as Locust's rows. */
export function endpointRows({ endpoints }: RunResult): readonly EndpointRow[] {
  return endpoints.map((row) => ({ method: row.method, name: row.name, ...fromStoredFigures(row) }));
}

/** A result in few bytes: of one that is too large the errors are left out, and then the smaller half of its endpoints. */
export async function packResult(result: RunResult): Promise<Uint8Array> {
  const bytes = await compress(JSON.stringify({ version: 1, result }));
  const { endpoints, errors } = result;
  if (bytes.length <= maxStoredBytes || endpoints.length + errors.length === 0) return bytes;
  if (errors.length > 0) return packResult({ ...result, truncated: true, errors: [] });
  const largestFirst = endpoints.toSorted((one, other) => (other.numRequests ?? 0) - (one.numRequests ?? 0));
  const half = Math.floor(largestFirst.length / 2);
  return packResult({ ...result, truncated: true, endpoints: largestFirst.slice(0, half) });
}

/** Undefined for what is no result. */
export async function unpackResult(bytes: Uint8Array): Promise<RunResult | undefined> {
  try {
    const text = await expand(bytes, { maxOutputLength: maxTextBytes });
    const parsed = stored.safeParse(JSON.parse(text.toString()));
    return parsed.success ? parsed.data.result : undefined;
  } catch {
    return undefined;
  }
}
