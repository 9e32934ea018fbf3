/** What every point of one target's run has in common: its tags, and from when on it counts. */
export interface Series {
  readonly project: string;
  readonly target: string;
  /** The run's id, see `runs/run`. */
  readonly run: string;
  /** When it truly began, ms, where that was before its id's instant. */
  readonly beganAtMs?: number | undefined;
  /** The system under test; undefined where it is not known. */
  readonly host?: string | undefined;
  /** The target's own tags, of which one named `host` goes before. */
  readonly tags: Readonly<Record<string, string>>;
}
