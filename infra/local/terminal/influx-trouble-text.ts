import { clockTime } from './clock-time.ts';
import type { InfluxState, InfluxTrouble } from './influx-trouble.ts';

/** InfluxDB as it is found before there is a point for it, or on the way of points to it. */
export type InfluxMoment = 'start' | 'delivery';

/** Until when points wait, or what has to be mended before. */
const remedies: Readonly<Record<Exclude<InfluxTrouble, 'rejected'>, string>> = {
  token: '; check INFLUX_TOKEN',
  bucket: '; check INFLUX_BUCKET and INFLUX_ORG',
  url: '; check INFLUX_URL',
  tls: "; check the certificate of INFLUX_URL's server: NODE_EXTRA_CA_CERTS may name a file with its CA",
  down: ' and are sent when InfluxDB is back',
};

/** How InfluxDB does, on one line: what happens to the points, what to mend, and last, as it may be long, the reason. */
export function influxText(state: InfluxState, moment: InfluxMoment): string {
  if (state.kind === 'works') return 'InfluxDB takes points again; those that wait follow';
  if (state.kind === 'takes-all') {
    return `InfluxDB takes all points again; ${counted(state.rejectedPoints)} rejected before are dead letters: see the page`;
  }
  const { status, reason = '', lines } = state.problem;
  const why = `(${status === undefined ? 'no answer' : `status ${status}`}: ${reason})`;
  if (state.kind === 'rejects-still') {
    const since = clockTime(state.sinceAtMs);
    return `InfluxDB still rejects points, ${counted(state.rejectedPoints)} since ${since}, kept as dead letters: see the page ${why}`;
  }
  const { trouble } = state;
  if (trouble === 'rejected') return `InfluxDB rejects points, kept as dead letters: see the page ${why}`;
  return moment === 'start'
    ? `InfluxDB does not take points yet: they will wait${remedies[trouble]} ${why}`
    : `InfluxDB cannot take ${counted(lines)}: they wait${remedies[trouble]} ${why}`;
}

const counted = (points: number): string => `${points} ${points === 1 ? 'point' : 'points'}`;
