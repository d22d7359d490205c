/** The quota of one operation. See https://yandex.ru/dev/market/partner-api/doc/en/concepts/limits */
import { rateLimitHeaders } from "../generated/constants.js";

/**
 * Counts requests in windows. A window starts with its first request and not by the clock, so that the requests of a
 * short test never fall into two windows.
 *
 * @param limit - Requests per window.
 * @param period - Length of a window, in milliseconds.
 */
export function createQuotaCounter(limit: number, period: number) {
  let used = 0;
  let windowEnd = -Infinity;

  /** Starts a window if the last one has ended. */
  function getRemaining(now: number): number {
    if (now >= windowEnd) [used, windowEnd] = [0, now + period];
    return Math.max(0, limit - used);
  }

  return {
    limit,
    getRemaining,
    /** Counts a response. The API documents that 2xx and 4xx count. A 420 is excluded, since it rejects the request. */
    count(status: number, now: number): void {
      getRemaining(now); // may start a window
      if (status < 500 && status !== 420) used += 1;
    },
    getHeaders: (now: number) => ({
      [rateLimitHeaders.limit]: String(limit),
      [rateLimitHeaders.remaining]: String(getRemaining(now)),
      // After `getRemaining`, which may start a window. Rounded up to a second, since the quota resets no earlier.
      [rateLimitHeaders.until]: new Date(Math.ceil(windowEnd / 1000) * 1000).toUTCString(),
    }),
    /** The period in hours, in the words of the API: `1 hours`. */
    description: `${period / 3_600_000} hours`,
    reset: () => (windowEnd = -Infinity),
  };
}
