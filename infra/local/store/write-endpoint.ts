import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../../lambda/runtime/clock.ts';
import type { BucketFiles } from './bucket-files.ts';
import { type FieldTypes, isPrecision, type LineBatch, readLines } from './line-batch.ts';
import { readBody } from './read-body.ts';
import { WriteRefused } from './write-refused.ts';

/** InfluxDB Cloud's limit for one request. */
const maxBodyBytes = 50 * 1024 * 1024;
const maxProblemsNamed = 5;

/** The one bucket that is there, and who may write to it. */
export interface WriteAccess {
  readonly bucket: string;
  readonly org: string;
  readonly token: string;
}

export interface WriteEndpoint extends WriteAccess {
  readonly files: BucketFiles;
  readonly clock: Clock;
}

/**
 * Answers `POST /api/v2/write` as InfluxDB 2 does. The good lines of a request are stored even where others are bad;
 * InfluxDB's releases differ in whether they do so for malformed lines.
 * @returns a function that resolves when all lines are stored
 * @throws WriteRefused (by rejection of that function) as InfluxDB refuses: 401, 404, 413, 400 with the number of each
 * malformed line, 422 when a field already has another type
 */
export function createWriteEndpoint(endpoint: WriteEndpoint): (request: IncomingMessage) => Promise<void> {
  const fieldTypes: FieldTypes = new Map();
  return async (request) => {
    requireToken(request.headers.authorization, endpoint.token);
    const precision = requireKnownPlace(request.url ?? '', endpoint);
    const body = await readBody(request, maxBodyBytes);
    if (body.length === 0) throw new WriteRefused(400, 'invalid', 'writing requires points');
    const batch = readLines(body, { precision, nowMs: endpoint.clock.now(), fieldTypes });
    await endpoint.files.append(batch.linesByDay);
    refuseProblems(batch);
  };
}

function requireToken(header: string | undefined, token: string): void {
  const [, given] = /^(?:Token|Bearer) +(\S+) *$/i.exec(header ?? '') ?? [];
  if (given === undefined || !timingSafeEqual(digest(given), digest(token))) {
    throw new WriteRefused(401, 'unauthorized', 'unauthorized access');
  }
}

/** timingSafeEqual wants equal lengths. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

function requireKnownPlace(requestUrl: string, { bucket, org }: WriteAccess): 'ns' | 'us' | 'ms' | 's' {
  const query = new URLSearchParams(requestUrl.split('?').slice(1).join('?'));
  const [givenOrg, givenBucket, precision] = [query.get('org'), query.get('bucket'), query.get('precision') ?? 'ns'];
  if (givenOrg === null) throw new WriteRefused(400, 'invalid', 'please name the organization with org');
  if (givenBucket === null) throw new WriteRefused(400, 'invalid', 'please name the bucket with bucket');
  if (givenOrg !== org) throw new WriteRefused(404, 'not found', `organization name "${givenOrg}" not found`);
  if (givenBucket !== bucket) throw new WriteRefused(404, 'not found', `bucket "${givenBucket}" not found`);
  if (isPrecision(precision)) return precision;
  throw new WriteRefused(400, 'invalid', 'invalid precision; valid precision units are ns, us, ms, and s');
}

/** Malformed lines outweigh conflicting types: a request gets one status. */
function refuseProblems({ malformed, conflicts, stored }: LineBatch): void {
  const dropped = malformed.length + conflicts.length;
  if (dropped === 0) return;
  const named = [...malformed, ...conflicts].slice(0, maxProblemsNamed).join('; ');
  const more = dropped > maxProblemsNamed ? `; and ${dropped - maxProblemsNamed} more` : '';
  const counts = `dropped=${dropped} stored=${stored}`;
  if (malformed.length > 0) throw new WriteRefused(400, 'invalid', `partial write: ${named}${more} ${counts}`);
  const cause = 'failure writing points to database: partial write: field type conflict: ';
  throw new WriteRefused(422, 'unprocessable entity', `${cause}${named}${more} ${counts}`);
}
