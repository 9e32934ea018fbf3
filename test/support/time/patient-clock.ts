import { systemClock } from '../../../lambda/runtime/clock.ts';
import type { Clock } from '../../../lambda/runtime/clock.ts';

/** A deadline that never comes: however slow the machine is, or however long it stalls, what works is not too late. */
export const noDeadline = (): AbortSignal => new AbortController().signal;

/** The machine's clock for parts that all work. Where one hangs a test gives it a deadline of its own. */
export const patientClock: Clock = { ...systemClock, deadline: noDeadline };
