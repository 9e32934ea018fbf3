import { FollowedTarget, stateFromTables } from '../../recording/followed-target.ts';
import type { FollowedState } from '../../recording/followed-target.ts';
import type { FetchedTarget } from '../../targets/target.ts';
import type { GoodReport } from '../../locust/fetch/fetch-report.ts';
import type { Run } from '../../runs/run.ts';
import { idleGraceMs } from '../window-span.ts';

/** An answer that says a test is over, of a Locust whose own report of that may be on its way. */
export interface UnconfirmedEnd {
  readonly run: string;
  readonly atMs: number;
  readonly fetched: GoodReport;
}

/** A target as one window knows it. */
export class WatchedTarget extends FollowedTarget<FetchedTarget> {
  #isBeingScraped = false;
  /** A scrape between two instants saw a test: the next instant samples it. */
  #sawStart = false;
  #recordedAtMs: number;
  #dueAfterAtMs = -Infinity;
  #isLeaving = false;
  #isSettling = false;
  #unconfirmedEnd: UnconfirmedEnd | undefined;
  #isEndDue = false;

  /** @param recordedAtMs when its run was last put on record, as far as this window knows */
  constructor(target: FetchedTarget, state: FollowedState, recordedAtMs: number) {
    super(target, state);
    this.#recordedAtMs = recordedAtMs;
  }

  /** A scrape has not come back yet. */
  get isBeingScraped(): boolean {
    return this.#isBeingScraped;
  }

  /** Its run has ended, and its last figures are still to come. */
  get isSettling(): boolean {
    return this.#isSettling;
  }

  /** The end of its run under way that its web UI has shown, while its own report is waited for. */
  get unconfirmedEnd(): UnconfirmedEnd | undefined {
    return this.#unconfirmedEnd?.run === this.run?.id ? this.#unconfirmedEnd : undefined;
  }

  /** Its own report has been waited for long enough. */
  get isEndDue(): boolean {
    return this.#isEndDue && this.unconfirmedEnd !== undefined;
  }

  /** When its run was last put on record, ms. */
  get recordedAtMs(): number {
    return this.#recordedAtMs;
  }

  /** The window has to stay for it. */
  get needsWindow(): boolean {
    return this.run !== undefined || (this.#sawStart && !this.isRemoved);
  }

  /** It is no longer sampled; it is watched only until its run is ended. */
  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /** Whether an instant is none of its own: it was not watched yet, or had another interval. */
  isBeforeItsTime(instantMs: number): boolean {
    return instantMs <= this.#dueAfterAtMs;
  }

  /** How often it is scraped now, ms. */
  intervalMs(idleSeconds: number): number {
    const isIdle = this.run === undefined && !this.#sawStart;
    return (isIdle ? idleSeconds : this.target.sampleSeconds) * 1000;
  }

  /** So long after an instant a scrape is still one of it, ms: half an interval, so that it is not nearer to the next. */
  graceMs(idleSeconds: number): number {
    const isIdle = this.run === undefined && !this.#sawStart;
    return isIdle ? idleGraceMs : this.intervalMs(idleSeconds) / 2;
  }

  /** It has come while the window was under way. */
  joined(atMs: number): void {
    this.#dueAfterAtMs = atMs;
  }

  /** It was switched off, removed, or has expired. */
  leaves(): void {
    this.#isLeaving = true;
  }

  /** It is to be sampled after all. */
  stays(): void {
    this.#isLeaving = false;
  }

  /** Its new settings, in force from now on: instants that only another interval would have had are over. */
  editedAt(target: FetchedTarget, atMs: number): void {
    const isNewInterval = target.sampleSeconds !== this.target.sampleSeconds;
    this.edited(target);
    if (isNewInterval) this.#dueAfterAtMs = atMs - (target.sampleSeconds * 1000) / 2;
  }

  scrapeBegan(): void {
    this.#isBeingScraped = true;
  }

  scrapeEnded(): void {
    this.#isBeingScraped = false;
  }

  settlingBegan(): void {
    this.#isSettling = true;
  }

  settlingEnded(): void {
    this.#isSettling = false;
  }

  /** Its web UI has shown the end of its run. */
  endShown(end: UnconfirmedEnd | undefined): void {
    this.#unconfirmedEnd = end;
    this.#isEndDue = false;
  }

  /** Its own report does not come: the next scrape ends the run. */
  endFellDue(): void {
    this.#isEndDue = true;
  }

  /** The last scrape only detected that a test runs. */
  get sawStart(): boolean {
    return this.#sawStart;
  }

  /** A scrape that only detects has shown whether a test runs. */
  startDetected(isActive: boolean): void {
    this.#sawStart = isActive;
  }

  /** Its run is put on record. */
  recorded(atMs: number): void {
    this.#recordedAtMs = atMs;
  }

  /** The same target for the next window: what was under way in this one is not. */
  forNextWindow(): WatchedTarget {
    return new WatchedTarget(this.target, this.state, this.#recordedAtMs);
  }

  /** The same target, with the run that the window before knew of it. */
  withRunOf(before: WatchedTarget): WatchedTarget {
    return new WatchedTarget(this.target, { ...this.state, run: before.state.run }, this.#recordedAtMs);
  }
}

/**
 * @param records the records of the runs under way by target; undefined when they could not be read
 * @param nowMs the present instant
 */
export function watch(
  target: FetchedTarget,
  records: ReadonlyMap<string, Run> | undefined,
  nowMs: number,
): WatchedTarget {
  return new WatchedTarget(target, stateFromTables(target, records, nowMs), nowMs);
}
