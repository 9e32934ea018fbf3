/** A status whose figures did not change is written again after so long, ms, so that it shows that the collector is alive. */
export const statusRefreshMs = 5 * 60_000;
