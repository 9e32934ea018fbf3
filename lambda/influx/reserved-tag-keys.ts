/**
 * Tag keys that a target's own tags may not use, nor any that starts with `_` (`_measurement`, `_field` and their like):
 * the points' own tags, and `time`, which InfluxDB keeps for itself. One list for whoever takes tags and whoever writes
 * them.
 */
export const reservedTagKeys: ReadonlySet<string> = new Set([
  'project',
  'target',
  'run',
  'method',
  'name',
  'error',
  'event',
  'worker',
  'time',
]);
