/** Counts the requests in flight and limits how many are processed concurrently. */
export interface ConcurrencyLimiter {
  /** Maximum number of requests that were in flight concurrently, rejected ones included. */
  readonly peak: number;
  acquire(): Slot;
}

/** A request in flight. */
export interface Slot {
  /** Whether the request is within the limit. A rejected request does not count toward it. */
  readonly isWithinLimit: boolean;
  /** Marks the request as finished. Calls after the first one have no effect. */
  release(): void;
}

export function createConcurrencyLimiter(maxConcurrent: number): ConcurrencyLimiter {
  let inFlight = 0;
  let accepted = 0;
  let peak = 0;
  return {
    get peak() {
      return peak;
    },
    acquire() {
      const isWithinLimit = accepted < maxConcurrent;
      let isReleased = false;
      inFlight += 1;
      accepted += Number(isWithinLimit);
      peak = Math.max(peak, inFlight);
      return {
        isWithinLimit,
        release() {
          inFlight -= Number(!isReleased);
          accepted -= Number(!isReleased && isWithinLimit);
          isReleased = true;
        },
      };
    },
  };
}
