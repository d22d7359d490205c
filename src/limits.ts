/**
 * The Market's limits as pure functions: what an answer says of them, what is worth another attempt, and when.
 * See https://yandex.ru/dev/market/partner-api/doc/en/concepts/limits
 */
import { ApiError, ConnectionError } from "./errors.js";
import { rateLimitHeaders } from "./generated/constants.js";
import type { ApiErrorDetail } from "./generated/types.js";

/** What an answer says of its operation's quota, in the `X-RateLimit-Resource-*` headers. */
export interface RateLimit {
  /** Requests allowed in the current period. */
  limit?: number;
  /** Requests left in the current period. */
  remaining?: number;
  /** When the current period ends, by the Market's clock. */
  until?: Date;
}

/** Undefined if there is none of the headers, or none that can be read. */
export function readRateLimit(headers: Headers): RateLimit | undefined {
  const limit = readCount(headers.get(rateLimitHeaders.limit));
  const remaining = readCount(headers.get(rateLimitHeaders.remaining));
  const until = readDate(headers.get(rateLimitHeaders.until));
  if (limit === undefined && remaining === undefined && until === undefined) {
    return undefined;
  }
  const rateLimit: RateLimit = {};
  if (limit !== undefined) {
    rateLimit.limit = limit;
  }
  if (remaining !== undefined) {
    rateLimit.remaining = remaining;
  }
  if (until !== undefined) {
    rateLimit.until = new Date(until);
  }
  return rateLimit;
}

/** The Market's periods are minutes and hours. A date beyond this is a mistake, and would hold calls up for good. */
const longestPeriod = 24 * 60 * 60 * 1000;

/**
 * In how many milliseconds the quota is renewed; 0 or less if it has been, undefined if the answer does not say.
 * Measured from the answer's own `Date`: the Market's clock and the caller's can be hours apart.
 */
export function quotaRenewsIn(rateLimit: RateLimit | undefined, headers: Headers, now: number): number | undefined {
  if (rateLimit?.until === undefined) {
    return undefined;
  }
  const renewsIn = rateLimit.until.getTime() - (readDate(headers.get("Date")) ?? now);
  return renewsIn <= longestPeriod ? renewsIn : undefined;
}

/** What an answer that has just come says of its quota. */
export function readQuota(headers: Headers): { rateLimit: RateLimit | undefined; renewsIn: number | undefined } {
  const rateLimit = readRateLimit(headers);
  return { rateLimit, renewsIn: quotaRenewsIn(rateLimit, headers, Date.now()) };
}

/** Whether an answer leaves enough of the quota for so many requests. The date, costly to read, makes no difference then. */
export function leavesEnough(headers: Headers, requests: number): boolean {
  return (readCount(headers.get(rateLimitHeaders.remaining)) ?? 0) >= requests;
}

function readCount(value: string | null): number | undefined {
  return value !== null && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

/** An HTTP date, without the weekday: in the Market's own example it is wrong. */
function readDate(value: string | null): number | undefined {
  const [date] = /\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.exec(value ?? "") ?? [];
  const time = date === undefined ? NaN : Date.parse(date);
  return Number.isNaN(time) ? undefined : time;
}

/** Whether a 420 is about the quota. The other kind, too many requests at once, is over in a moment. */
export function isAboutQuota(errors: readonly ApiErrorDetail[], rateLimit: RateLimit | undefined): boolean {
  const words = errors.map(({ message = "" }) => message).join(" ");
  if (/parallel/i.test(words)) {
    return false;
  }
  return /\bper\b/i.test(words) || rateLimit?.remaining === undefined || rateLimit.remaining === 0;
}

/**
 * How many milliseconds to pause before another attempt; undefined if there should be none.
 * See https://yandex.ru/dev/market/partner-api/doc/en/concepts/best-practices
 *
 * @param attempt - How many attempts have been made.
 * @param quotaWait - In how many milliseconds the quota is renewed, if it is used up.
 * @param random - From 0 to 1.
 */
export function pauseAfter(
  failure: unknown,
  attempt: number,
  quotaWait: number | undefined,
  maxQuotaWait: number,
  random: number,
): number | undefined {
  const isWorthIt =
    failure instanceof ApiError
      ? [408, 420, 429].includes(failure.status) || failure.status >= 500
      : failure instanceof ConnectionError;
  if (!isWorthIt) {
    return undefined;
  }
  if (quotaWait !== undefined && quotaWait > 0) {
    return quotaWait <= maxQuotaWait ? quotaWait : undefined;
  }
  return Math.min(500 * 2 ** (attempt - 1), 8000) * (1 - random / 2);
}
