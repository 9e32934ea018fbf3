import type { Clock } from '../runtime/clock.ts';
import { openInfluxConnection, type InfluxBucket } from './influx-connection.ts';
import { answerOfError, isDeadConnection, type WriteAnswer } from './write-answer.ts';

interface DelivererOptions extends InfluxBucket {
  readonly clock: Clock;
  /** For one delivery as a whole; default 5,000. */
  readonly deadlineMs?: number;
}

/** What became of the lines of one request. */
interface Delivered extends WriteAnswer {
  readonly lines: readonly string[];
}

/** Sends lines to one bucket. */
export interface Deliverer {
  /**
   * Sends lines (ms precision, without line breaks) in requests of at most 5,000, one after another, and tells what
   * became of each request: every line is in exactly one, in the given order. Never rejects.
   * After the deadline, or once InfluxDB has asked to be left alone for a while, the rest is `retryable` without an
   * attempt.
   */
  deliver(lines: readonly string[], options?: { readonly deadlineMs?: number }): Promise<readonly Delivered[]>;
  /** Aborts what is under way and ends the connections; what is delivered later is `retryable`. */
  close(): void;
}

/** InfluxData's own advice for one request. */
const maxLinesPerRequest = 5000;
/** Inside the shortest usual interval between two samples. */
const defaultDeadlineMs = 5000;

/**
 * Opens nothing yet: a connection is made with the first delivery.
 * @throws TypeError when the url or the token cannot stand in a request; its message shows neither.
 */
export function createDeliverer({ clock, ...options }: DelivererOptions): Deliverer {
  const connection = openInfluxConnection(options);
  const closing = new AbortController();

  async function send(lines: readonly string[], deadline: AbortSignal): Promise<WriteAnswer> {
    const signal = AbortSignal.any([deadline, closing.signal]);
    try {
      // Too late: the lines need not even be packed.
      signal.throwIfAborted();
      const status = await connection.write(lines, signal).catch((error: unknown) => {
        if (signal.aborted || !isDeadConnection(error)) throw error;
        // A connection kept alive over a pause may be dead by now. Writing lines twice does no harm.
        connection.dropIdle();
        return connection.write(lines, signal);
      });
      return { outcome: 'delivered', status };
    } catch (error) {
      if (closing.signal.aborted) return { outcome: 'retryable', reason: 'closed before InfluxDB answered' };
      if (deadline.aborted) return { outcome: 'retryable', reason: 'InfluxDB did not answer before the deadline' };
      return answerOfError(error, options.token, clock.now());
    }
  }

  return {
    async deliver(lines, { deadlineMs = options.deadlineMs ?? defaultDeadlineMs } = {}) {
      const deadline = clock.deadline(deadlineMs);
      const requests: Delivered[] = [];
      for (let start = 0; start < lines.length; start += maxLinesPerRequest) {
        const chunk = lines.slice(start, start + maxLinesPerRequest);
        const previous = requests.at(-1);
        const mustWait = previous?.outcome === 'retryable' && previous.retryAfterMs !== undefined;
        requests.push({ ...(mustWait ? previous : await send(chunk, deadline)), lines: chunk });
      }
      return requests;
    },
    close() {
      closing.abort();
      connection.close();
    },
  };
}
