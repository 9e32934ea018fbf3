import { createHash } from 'node:crypto';

/** The digits of an instant in ISO 8601's basic form, `20261122T140510.250Z`: without colons it is a file's name too. */
const instantPattern = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d\.\d{3}Z)-[0-9a-f]{16}$/;

/** The folder of what a person has to decide on. On S3 a rule of the bucket removes what has been there for 30 days. */
export const deadLetterPrefix = 'rejected';

/** Under which name something is kept: its instant, so that names order by time, and a hash of what it is. */
export function keptName(atMs: number, content: string | Buffer): string {
  const instant = new Date(atMs).toISOString().replace(/[-:]/g, '');
  return `${instant}-${createHash('sha256').update(content).digest('hex').slice(0, 16)}`;
}

/** The instant in a name, ms; undefined for what is no such name. */
export function instantOfName(name: string): number | undefined {
  const iso = name.replace(instantPattern, '$1-$2-$3T$4:$5:$6');
  return iso === name || Number.isNaN(Date.parse(iso)) ? undefined : Date.parse(iso);
}
