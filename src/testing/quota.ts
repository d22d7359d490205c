/** The quota of one operation. See https://yandex.ru/dev/market/partner-api/doc/en/concepts/limits */
import { rateLimitHeaders } from "../generated/constants.js";

export interface Quota {
  /** Requests in a period. */
  readonly limit: number;
  /** Length of a period in milliseconds. */
  readonly period: number;
  used: number;
  /** When the current period ends, by the server's clock. */
  endsAt: number;
}

export function createQuota(limit: number, period: number): Quota {
  return { limit, period, used: 0, endsAt: -Infinity };
}

/**
 * Begins a period if the last one is over: with the first request after it, not by the clock, so that the requests of
 * a short test do not fall into two periods by chance.
 */
function renew(quota: Quota, now: number): void {
  if (now >= quota.endsAt) {
    quota.used = 0;
    quota.endsAt = now + quota.period;
  }
}

export function isUsedUp(quota: Quota, now: number): boolean {
  renew(quota, now);
  return quota.used >= quota.limit;
}

/**
 * Counts an answer. The Market says that 2xx and 4xx use up quota, so 5xx do not. Nor does a 420, which refuses what
 * it would charge for.
 */
export function countAnswer(quota: Quota, status: number, now: number): void {
  renew(quota, now);
  if (status < 500 && status !== 420) {
    quota.used = Math.min(quota.used + 1, quota.limit);
  }
}

export function quotaHeaders(quota: Quota, now: number): Record<string, string> {
  renew(quota, now);
  return {
    [rateLimitHeaders.limit]: String(quota.limit),
    [rateLimitHeaders.remaining]: String(quota.limit - quota.used),
    // An HTTP date has no fractions of a second. Rounded up, since the quota is not there any earlier.
    [rateLimitHeaders.until]: new Date(Math.ceil(quota.endsAt / 1000) * 1000).toUTCString(),
  };
}

const units = [
  ["hours", 3_600_000],
  ["minutes", 60_000],
  ["seconds", 1000],
] as const;

/** A period in the Market's words: `1 hours`. */
export function describePeriod(milliseconds: number): string {
  const [unit, length] = units.find(([, unitLength]) => milliseconds % unitLength === 0) ?? ["milliseconds", 1];
  return `${milliseconds / length} ${unit}`;
}
