import type { Run } from '../../runs/run.ts';
import type { ConsultedStep } from './consult-page.ts';

/** Points that one window fills in, of all its targets together: 20 targets that nobody saw for three hours. */
const maxFilledPoints = 50_000;

const note =
  `One window fills in at most ${maxFilledPoints.toLocaleString('en')} points of what Locusts have kept of times that nobody ` +
  'saw. Some of this run, the oldest, are only in its timeline.';

/** How many points a window may still fill in. */
export class FillingLimit {
  #left: number;

  constructor(most = maxFilledPoints) {
    this.#left = most;
  }

  /** @returns as many as are wanted, or as are left */
  take(wanted: number): number {
    const taken = Math.min(wanted, this.#left);
    this.#left -= taken;
    return taken;
  }
}

/** Leaves out what is too much for one window, the oldest first, and notes it in the run. */
export function limitFilled(consulted: ConsultedStep, filling: FillingLimit | undefined): ConsultedStep {
  const { step, missed } = consulted;
  const taken = filling?.take(missed.length) ?? missed.length;
  if (taken === missed.length) return consulted;
  const { run, ended } = step;
  const noted = run === undefined ? { ...step, ended: ended && withNote(ended) } : { ...step, run: withNote(run) };
  return { step: noted, missed: missed.slice(missed.length - taken) };
}

function withNote(run: Run): Run {
  const { notes = [] } = run;
  return notes.includes(note) ? run : { ...run, notes: [...notes, note] };
}
