/**
 * Instants that nobody sampled, and that were missed if their run went on all the while. Whether it did, its next scrape
 * shows: a Locust may be too busy to answer for half an hour, and the age of its counters proves a run after any time.
 */
export class UnprovenInstants {
  readonly #ofTargets = new Map<string, number>();

  /** Of all targets together. */
  get total(): number {
    return [...this.#ofTargets.values()].reduce((sum, instants) => sum + instants, 0);
  }

  add(target: string, instants: number): void {
    if (instants > 0) this.#ofTargets.set(target, (this.#ofTargets.get(target) ?? 0) + instants);
  }

  /** Those of a target, once. */
  take(target: string): number {
    const instants = this.#ofTargets.get(target) ?? 0;
    this.#ofTargets.delete(target);
    return instants;
  }

  /** All that are left, once. */
  takeAll(): number {
    const { total } = this;
    this.#ofTargets.clear();
    return total;
  }
}
