/** How far a window has come with its instants. */
export class InstantProgress {
  readonly #underWay = new Set<number>();
  #lastAtMs = -Infinity;
  #firstAtMs = Infinity;

  /** The first instant that was sampled, or counted, ms; Infinity before it. */
  get firstAtMs(): number {
    return this.#firstAtMs;
  }

  /** The last instant that was sampled, or counted, ms. */
  get lastAtMs(): number {
    return this.#lastAtMs;
  }

  /** Up to here all that instants brought is safe, ms. */
  get doneUntilMs(): number {
    return this.#underWay.size === 0 ? this.#lastAtMs : Math.min(...this.#underWay) - 1;
  }

  /** An instant is sampled now. */
  began(instantMs: number): void {
    this.#underWay.add(instantMs);
    this.counted(instantMs);
  }

  /** All that an instant brought is safe. */
  settled(instantMs: number): void {
    this.#underWay.delete(instantMs);
  }

  /** An instant is over: nobody was sampled, and that is counted. */
  counted(instantMs: number): void {
    this.#firstAtMs = Math.min(this.#firstAtMs, instantMs);
    this.#lastAtMs = Math.max(this.#lastAtMs, instantMs);
  }
}
