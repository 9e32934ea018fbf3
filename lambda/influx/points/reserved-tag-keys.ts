/**
 * Tag keys that a target's own tags may not use, nor any that starts with `_` (`_measurement`, `_field` and their like):
 * the points' own tags, and `time`, which InfluxDB keeps for itself. One list for the code that takes
 * tags and the code that writes them.
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
