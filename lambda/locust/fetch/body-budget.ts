/** What a body has to be ready for. */
export interface BodyHolder {
  /** No further bytes, please, until `resume`. */
  pause(): void;
  resume(): void;
  /** There is no room, and this is the largest body: it must let go of its bytes. Called once. */
  giveWay(): void;
}

/** One body's share of what all bodies may hold together. */
export interface BodyShare {
  /** So many more bytes are held. May pause this body, and make the largest give way. */
  grow(bytes: number): void;
  /** Nothing is held now. May be called again. */
  release(): void;
}

/** Bounds the memory of all bodies that are being read at once. */
export interface BodyBudget {
  open(holder: BodyHolder): BodyShare;
}

/** The answers of all but the most talkative Locusts: 500 rows are 300 kB. These never wait. */
const smallBytes = 1024 * 1024;

interface Holding {
  readonly holder: BodyHolder;
  bytes: number;
  isPaused: boolean;
}

/**
 * A budget of so many bytes. Once half of it is used, bodies above 1 MiB wait, each until its own deadline; where even
 * that is not enough the largest gives way. So small bodies are never hurt by large ones, and large ones cost no more
 * memory than this however many come.
 */
export function createBodyBudget(maxBytes: number): BodyBudget {
  const holdings = new Set<Holding>();
  let total = 0;
  const release = (holding: Holding): void => {
    if (!holdings.delete(holding)) return;
    total -= holding.bytes;
    if (total > maxBytes / 2) return;
    for (const each of holdings) {
      if (!each.isPaused) continue;
      each.isPaused = false;
      each.holder.resume();
    }
  };
  const grow = (holding: Holding, bytes: number): void => {
    if (!holdings.has(holding)) return;
    holding.bytes += bytes;
    total += bytes;
    for (let largest = largestOf(holdings); total > maxBytes && largest !== undefined; largest = largestOf(holdings)) {
      release(largest);
      largest.holder.giveWay();
    }
    if (total <= maxBytes / 2 || holding.bytes <= smallBytes || !holdings.has(holding)) return;
    holding.isPaused = true;
    holding.holder.pause();
  };
  return {
    open(holder) {
      const holding: Holding = { holder, bytes: 0, isPaused: false };
      holdings.add(holding);
      return {
        grow: (bytes) => {
          grow(holding, bytes);
        },
        release: () => {
          release(holding);
        },
      };
    },
  };
}

function largestOf(holdings: ReadonlySet<Holding>): Holding | undefined {
  let largest: Holding | undefined;
  for (const each of holdings) if (largest === undefined || each.bytes > largest.bytes) largest = each;
  return largest;
}
