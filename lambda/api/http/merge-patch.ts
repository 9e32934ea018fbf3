type Json = unknown;

/**
 * A JSON merge patch (RFC 7396) applied to a document: objects are merged field by field, null removes a field, all
 * else replaces what was there. Neither argument is changed.
 */
export function mergePatch(document: Json, patch: Json): Json {
  if (!isJsonObject(patch)) return patch;
  const merged = new Map(isJsonObject(document) ? Object.entries(document) : []);
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) merged.delete(field);
    else if (value !== undefined) merged.set(field, mergePatch(merged.get(field), value));
  }
  // Defines every field as the object's own, `__proto__` too.
  return Object.fromEntries(merged);
}

function isJsonObject(value: Json): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
