export type Slot = ReturnType<ReturnType<typeof createConcurrencyLimiter>["acquire"]>;

/** Counts the requests in flight and limits how many are processed concurrently. */
export function createConcurrencyLimiter(maxConcurrent: number) {
  let inFlight = 0;
  let accepted = 0;
  let peak = 0;
  return {
    /** Maximum number of requests that were in flight concurrently, rejected ones included. */
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
        /** A rejected request does not count toward the limit. */
        isWithinLimit,
        /** Marks the request as finished. Calls after the first one have no effect. */
        release() {
          inFlight -= Number(!isReleased);
          accepted -= Number(!isReleased && isWithinLimit);
          isReleased = true;
        },
      };
    },
  };
}
