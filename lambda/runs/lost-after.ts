/** After so long without one good answer, or one report where Locust sends them, a run counts as lost, ms. */
export const lostAfterMs = 5 * 60_000;
