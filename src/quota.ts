import { abortable } from "./abort.js";
import { getDelay, getInstant, type Instant, readCount, readReset } from "./rate-limit.js";

/** Servers may report resets of the same window that differ by this many milliseconds. */
const windowTolerance = 2000;

/** Timers stop while the machine is suspended. Afterwards a call waits for at most this many milliseconds. */
const maxTimerStep = 1000;

export type Quota = ReturnType<typeof createQuota>;

/** The quota of one operation, as far as responses report it. */
export function createQuota() {
  const waiting = new Set<() => void>();
  let resetsAt: Instant = { monotonic: 0, wallClock: 0 };
  let remaining = Infinity;
  let inFlight = 0;

  return {
    /** Whether a request may be sent. Responses may not have counted those in flight yet. */
    canSend: () => remaining > inFlight || getDelay(resetsAt) === 0,

    /** Milliseconds until the quota resets. 0 if it is not exhausted. */
    getResetDelay: () => (remaining === 0 ? getDelay(resetsAt) : 0),

    getRetryDate: () => new Date(resetsAt.wallClock),

    addRequest() {
      inFlight += 1;
    },

    removeRequest() {
      inFlight -= 1;
      if (remaining > inFlight) waiting.forEach((resolve) => resolve());
    },

    /** Stores what a response reports, unless the quota is sufficient for `concurrency` requests: dates are slow to parse. */
    update(headers: Headers, receivedAt: Instant, isExhausted: boolean, concurrency: number): void {
      const reported = isExhausted ? 0 : (readCount(headers, "remaining") ?? Infinity);
      const isCurrent = getDelay(resetsAt) > 0;
      const reset = reported < concurrency || isCurrent ? readReset(headers, receivedAt) : undefined;
      if (reset === undefined || reported === Infinity) return;
      // Of two responses of one window, the one with less remaining is the later one. The earlier reset is more precise:
      // the Date header has no fractions of a second.
      const difference = reset.monotonic - resetsAt.monotonic;
      const isSameWindow = isCurrent && difference < windowTolerance;
      remaining = isSameWindow ? Math.min(remaining, reported) : reported;
      if (!isSameWindow || difference < 0) resetsAt = reset;
    },

    /** Waits until a request has ended, the quota resets, or a second has passed. */
    wait(signal: AbortSignal | undefined): Promise<void> {
      const delay = getDelay(resetsAt);
      const expectedReset = resetsAt;
      const step = Math.min(Math.ceil(delay), maxTimerStep);
      return abortable<void>(signal, (resolve) => {
        const timer = setTimeout(() => {
          // Fake timers may replace only `setTimeout`. If the clocks stand still, the timer counts.
          const isClockStopped = resetsAt === expectedReset && getDelay(resetsAt) > delay - step / 2;
          if (isClockStopped) resetsAt = getInstant(delay - step);
          resolve();
        }, step);
        waiting.add(resolve);
        return () => {
          clearTimeout(timer);
          waiting.delete(resolve);
        };
      });
    },
  };
}
