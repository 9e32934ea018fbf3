/** What every point of one target's run is tagged with. */
export interface Series {
  readonly project: string;
  readonly target: string;
  /** The run's id, see `runs/run`. */
  readonly run: string;
  /** The target's own tags. */
  readonly tags: Readonly<Record<string, string>>;
}
