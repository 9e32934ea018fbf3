// @ts-check
/** An answer's `Date` is in whole seconds and some time on its way: less than this is no difference. */
const toleranceMs = 3_000;
let offsetMs = 0;

/** Learns from an answer how far this machine's clock is off, so that ages are right. @param {Response} response */
export function learnServerTime(response) {
  const dateAtMs = Date.parse(response.headers.get('date') ?? '');
  if (Number.isNaN(dateAtMs)) return;
  const differenceMs = dateAtMs - Date.now();
  offsetMs = Math.abs(differenceMs) > toleranceMs ? differenceMs : 0;
}

/** Now, by the server's clock. */
export function nowMs() {
  return Date.now() + offsetMs;
}
