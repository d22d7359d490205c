/** The quota of an operation. See https://yandex.ru/dev/market/partner-api/doc/en/concepts/limits */
import { abortable } from "./abort.js";
import { rateLimitHeaders } from "./generated/constants.js";
import type { ApiErrorDetail } from "./generated/types.js";
import { omitUndefined } from "./options.js";
import type { RateLimit } from "./types.js";

/** A point in time by both local clocks: `performance.now()` stops while the machine is suspended, `Date.now()` jumps. */
export interface Instant {
  readonly monotonic: number;
  readonly wallClock: number;
}

export function getInstant(delay = 0): Instant {
  return { monotonic: performance.now() + delay, wallClock: Date.now() + delay };
}

/** Milliseconds until the instant, by the clock that reaches it first. */
function getDelay({ monotonic, wallClock }: Instant): number {
  return Math.max(0, Math.min(monotonic - performance.now(), wallClock - Date.now()));
}

/** Returns undefined if none of the headers is present and valid. */
export function readRateLimit(headers: Headers): RateLimit | undefined {
  const until = readDate(headers, rateLimitHeaders.until);
  const counts = { limit: readCount(headers, "limit"), remaining: readCount(headers, "remaining") };
  const rateLimit = omitUndefined({ ...counts, until: until === undefined ? undefined : new Date(until) });
  return Object.keys(rateLimit).length > 0 ? rateLimit : undefined;
}

function readCount(headers: Headers, name: "limit" | "remaining"): number | undefined {
  const value = headers.get(rateLimitHeaders[name]);
  return value !== null && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

/** Parses an HTTP date without its weekday, which is wrong in the example of the API's documentation. */
function readDate(headers: Headers, name: string): number | undefined {
  const [date = ""] = /\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.exec(headers.get(name) ?? "") ?? [];
  return Date.parse(date) || undefined;
}

/** Windows of the API last minutes or hours. A later reset is a mistake, and would block the operation. */
const maxWindow = 24 * 60 * 60 * 1000;

/** When the quota resets, by the local clocks. The server's clock may differ by hours, so its own Date is subtracted. */
export function readReset(headers: Headers, { monotonic, wallClock }: Instant): Instant | undefined {
  const delay = (readDate(headers, rateLimitHeaders.until) ?? NaN) - (readDate(headers, "Date") ?? wallClock);
  const isValid = delay > 0 && delay <= maxWindow;
  return isValid ? { monotonic: monotonic + delay, wallClock: wallClock + delay } : undefined;
}

/**
 * Whether a 420 is about the quota: "Hit rate limit of N requests per 'period' for resource 'R'". Otherwise it is about the
 * number of concurrent requests: "Hit rate limit of 4 parallel requests for …". If the message does not tell, the headers do.
 */
export function isQuotaError(errors: readonly ApiErrorDetail[], headers: Headers): boolean {
  const remaining = readCount(headers, "remaining");
  const messages = errors.map(({ message }) => message).join(" ");
  if (remaining === 0) return true;
  if (/parallel/i.test(messages)) return false;
  return /\bper\b/i.test(messages) || remaining === undefined;
}

/** Servers may report resets of the same window that differ by this many milliseconds. */
const windowTolerance = 2000;

/** Timers stop while the machine is suspended. Afterwards a call waits for at most this many milliseconds. */
const maxTimerStep = 1000;

export type Quota = ReturnType<typeof createQuota>;

/** Tracks the quota of one operation, as far as responses report it. */
export function createQuota(concurrency: number) {
  /** The callbacks of waiting calls, by arrival. */
  const waiting = new Map<number, () => void>();
  let resetsAt: Instant = { monotonic: 0, wallClock: 0 };
  let remaining = Infinity;
  let inFlight = 0;

  /** Whether a request may be sent. Responses may not have counted those in flight yet. */
  const canSend = () => remaining > inFlight || getDelay(resetsAt) === 0;

  /** Lets calls check again whether they may send, in order of arrival. */
  function wake(count: number): void {
    const inOrder = [...waiting].sort(([first], [second]) => first - second);
    inOrder.slice(0, count).forEach(([, resolve]) => resolve());
  }

  return {
    canSend,

    /** Milliseconds until the quota resets. 0 if it is not exhausted. */
    getResetDelay: () => (remaining === 0 ? getDelay(resetsAt) : 0),

    getRetryDate: () => new Date(resetsAt.wallClock),

    addRequest() {
      inFlight += 1;
    },

    removeRequest() {
      inFlight -= 1;
      // If the quota is exhausted, calls that would wait too long must reject.
      if (waiting.size > 0) wake(remaining === 0 ? Infinity : Math.max(0, remaining - inFlight));
    },

    /** Stores what a response reports, unless the quota is sufficient for `concurrency` requests: dates are slow to parse. */
    update(headers: Headers, receivedAt: Instant, isExhausted: boolean): void {
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

    /** Waits until the call should check again whether it may send: a second at most. */
    wait(arrival: number, signal: AbortSignal | undefined): Promise<void> {
      const expectedReset = resetsAt;
      const delay = getDelay(resetsAt);
      const step = Math.min(Math.ceil(delay), maxTimerStep);
      return abortable<void>(signal, (resolve) => {
        const timer = setTimeout(() => {
          // Fake timers may replace only `setTimeout`. If the clocks stand still, the timer counts.
          const isClockStopped = resetsAt === expectedReset && getDelay(resetsAt) > delay - step / 2;
          if (isClockStopped) resetsAt = getInstant(delay - step);
          if (canSend()) wake(Infinity);
          resolve();
        }, step);
        waiting.set(arrival, resolve);
        return () => {
          clearTimeout(timer);
          waiting.delete(arrival);
        };
      });
    },
  };
}
