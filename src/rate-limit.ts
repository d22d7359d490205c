/** Rate limits in response headers. See https://yandex.ru/dev/market/partner-api/doc/en/concepts/limits */
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
export function getDelay({ monotonic, wallClock }: Instant): number {
  return Math.max(0, Math.min(monotonic - performance.now(), wallClock - Date.now()));
}

/** Returns undefined if none of the headers is present and valid. */
export function readRateLimit(headers: Headers): RateLimit | undefined {
  const limit = readCount(headers, "limit");
  const remaining = readCount(headers, "remaining");
  const until = readDate(headers, rateLimitHeaders.until);
  const rateLimit = omitUndefined({ limit, remaining, until: until === undefined ? undefined : new Date(until) });
  return Object.keys(rateLimit).length > 0 ? rateLimit : undefined;
}

export function readCount(headers: Headers, name: "limit" | "remaining"): number | undefined {
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
 * number of concurrent requests: "Hit rate limit of 4 parallel requests for …". Without a message, the headers decide.
 */
export function isQuotaError(errors: readonly ApiErrorDetail[], headers: Headers): boolean {
  const remaining = readCount(headers, "remaining");
  const messages = errors.map(({ message }) => message).join(" ");
  return remaining === 0 || (!/parallel/i.test(messages) && (remaining === undefined || /\bper\b/i.test(messages)));
}
