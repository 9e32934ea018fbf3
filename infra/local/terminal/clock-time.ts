/** The time of day of an instant, ms, in this machine's zone: 15:05:30. */
export const clockTime = (atMs: number): string => new Date(atMs).toTimeString().slice(0, 8);
