import type { InfluxNews, InfluxTrouble } from './influx-news.ts';

/** InfluxDB as it is found before there is a point for it, or on the way of points to it. */
export type InfluxMoment = 'start' | 'delivery';

/** Until when points wait, or what has to be mended before. */
const remedies: Readonly<Record<Exclude<InfluxTrouble, 'refused'>, string>> = {
  token: '; check INFLUX_TOKEN',
  bucket: '; check INFLUX_BUCKET and INFLUX_ORG',
  url: '; check INFLUX_URL',
  down: ' and are sent when InfluxDB is back',
};

/** News of InfluxDB on one line: what becomes of the points, what to mend, and last, as it may be long, the reason. */
export function influxText(news: InfluxNews, moment: InfluxMoment): string {
  if (news.kind === 'works') return 'InfluxDB takes points again; those that wait on disk follow';
  if (news.kind === 'takes-all') {
    return `InfluxDB takes all points again; ${counted(news.refusedPoints)} kept as dead letters: see the page`;
  }
  const { trouble, problem } = news;
  const { status, reason = '', lines } = problem;
  const why = `(${status === undefined ? 'no answer' : `status ${status}`}: ${reason})`;
  if (trouble === 'refused') return `InfluxDB refused ${counted(lines)}, kept as dead letters: see the page ${why}`;
  return moment === 'start'
    ? `InfluxDB does not take points yet: they will wait on disk${remedies[trouble]} ${why}`
    : `InfluxDB cannot take ${counted(lines)}: they wait on disk${remedies[trouble]} ${why}`;
}

const counted = (points: number): string => `${points} ${points === 1 ? 'point' : 'points'}`;
