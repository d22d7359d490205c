/** Reads the headers of rate limits. See https://yandex.ru/dev/market/partner-api/doc/en/concepts/limits */
import { rateLimitHeaders } from "./generated/constants.js";
import type { ApiErrorDetail } from "./generated/types.js";
import { omitUndefined } from "./omit-undefined.js";
import type { RateLimit } from "./types.js";

/** Returns undefined if none of the headers is present and valid. */
export function readRateLimit(headers: Headers): RateLimit | undefined {
  const until = readDate(headers.get(rateLimitHeaders.until));
  const rateLimit = omitUndefined({
    limit: readCount(headers, rateLimitHeaders.limit),
    remaining: readRemaining(headers),
    until: until === undefined ? undefined : new Date(until),
  });
  return Object.keys(rateLimit).length > 0 ? rateLimit : undefined;
}

export function readRemaining(headers: Headers): number | undefined {
  return readCount(headers, rateLimitHeaders.remaining);
}

function readCount(headers: Headers, name: string): number | undefined {
  const value = headers.get(name) ?? "";
  return /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}

/** Parses an HTTP date without its weekday, which is wrong in the example of the API's documentation. */
function readDate(header: string | null): number | undefined {
  const [date = ""] = /\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.exec(header ?? "") ?? [];
  return Date.parse(date) || undefined;
}

/** Converts a date of the server to a delay from the receipt of the response. The clocks may differ by hours. */
function toDelay(date = NaN, headers: Headers, receivedAt: number): number {
  return date - (readDate(headers.get("Date")) ?? receivedAt);
}

/** Windows of the API last minutes or hours. A later reset is a mistake, and would block the operation. */
const maxWindow = 24 * 60 * 60 * 1000;

/**
 * Returns when the quota resets, by the local clock.
 *
 * @param otherwise - Delay in milliseconds, if the headers contain no valid reset in the future. At most a day.
 */
export function readReset(headers: Headers, receivedAt: number, otherwise = NaN): number | undefined {
  const delay = toDelay(readDate(headers.get(rateLimitHeaders.until)), headers, receivedAt);
  const valid = [delay, otherwise].find((each) => each > 0 && each <= maxWindow);
  return valid === undefined ? undefined : receivedAt + valid;
}

/** Longer than any wait, and short enough for a date. */
const maxRetryAfter = 1e12;

/** Returns the delay that the server asks for, in milliseconds. Undefined if it is absent, invalid or 0. */
export function readRetryAfter(headers: Headers, receivedAt: number): number | undefined {
  const value = headers.get("Retry-After")?.trim() ?? "";
  const milliseconds = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : undefined;
  const delay = milliseconds ?? toDelay(readDate(value), headers, receivedAt);
  return delay > 0 ? Math.min(delay, maxRetryAfter) : undefined;
}

/**
 * Tells which limit a 420 is about. The messages are "Hit rate limit of N requests per 'period' for resource 'R'" and
 * "Hit rate limit of 4 parallel requests for …". Other wordings are decided by the number of remaining requests.
 */
export function findExceededLimit(errors: readonly ApiErrorDetail[], headers: Headers): "quota" | "concurrency" {
  const remaining = readRemaining(headers);
  const messages = errors.map(({ message }) => message).join(" ");
  if (remaining === 0) return "quota"; // Whatever the message says: the next request would exceed the quota.
  if (/parallel/i.test(messages)) return "concurrency";
  const isAboutQuota = /\bper\b/i.test(messages) || remaining === undefined;
  return isAboutQuota ? "quota" : "concurrency";
}
