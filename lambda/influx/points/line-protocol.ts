import { normalTag } from './normal-form.ts';
import type { Point } from './point.ts';
import { reservedTagKeys } from './reserved-tag-keys.ts';
import type { Series } from './series.ts';

const needsCare = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\\, =]/u;
const escapable = /[, =]/g;
const maxPlainLength = 256;

/**
 * A point as one line of line protocol, its timestamp in ms, without a line break at the end; undefined when it has
 * no field. Tag keys and values are written in their normal form (see `normalTag`). Tags with an empty value are left
 * out, and so are the target's own tags under a reserved key.
 */
export function toLine({ measurement, series, tags, fields, instantMs }: Point): string | undefined {
  if (fields === '') return undefined;
  let line = measurement + seriesTags(series);
  for (const tag of tags) line += tagText(tag[0], tag[1]);
  return `${line} ${fields.slice(1)} ${instantMs}`;
}

const tagsOfSeries = new WeakMap<Series, string>();

/** The part that all points of a series share, made once. */
function seriesTags(series: Series): string {
  let text = tagsOfSeries.get(series);
  if (text === undefined) {
    text = sortedTags(series);
    tagsOfSeries.set(series, text);
  }
  return text;
}

/** Sorted by key, which saves InfluxDB the sorting. */
function sortedTags({ project, target, run, host = '', tags }: Series): string {
  const byKey = new Map([
    ['project', project],
    ['target', target],
    ['run', run],
  ]);
  for (const rawKey of Object.keys(tags).sort()) {
    const key = normalTag(rawKey);
    const isFree = key !== '' && !key.startsWith('_') && !reservedTagKeys.has(key) && !byKey.has(key);
    if (isFree) byKey.set(key, tags[rawKey] ?? '');
  }
  if (!byKey.has('host')) byKey.set('host', host);
  return [...byKey.keys()]
    .sort()
    .map((key) => tagText(escaped(key), byKey.get(key) ?? ''))
    .join('');
}

function tagText(key: string, value: string): string {
  return value === '' ? '' : `,${key}=${escaped(value)}`;
}

/** The normal form with commas, equals signs and spaces escaped. */
function escaped(text: string): string {
  if (text.length <= maxPlainLength && !needsCare.test(text)) return text;
  return normalTag(text).replace(escapable, '\\$&');
}
