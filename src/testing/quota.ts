/** The quota of one operation. See https://yandex.ru/dev/market/partner-api/doc/en/concepts/limits */
import { rateLimitHeaders } from "../generated/constants.js";

export interface Quota {
  /** Requests per quota window. */
  readonly limit: number;
  /** Length of a quota window in milliseconds. */
  readonly period: number;
  used: number;
  /** End of the current window, by the server's clock. */
  windowEnd: number;
}

export function createQuota(limit: number, period: number): Quota {
  return { limit, period, used: 0, windowEnd: -Infinity };
}

/**
 * Starts a window if the last one has ended. A window starts with its first request and not by the clock, so that the
 * requests of a short test never fall into two windows.
 */
function startWindow(quota: Quota, now: number): void {
  if (now >= quota.windowEnd) {
    quota.used = 0;
    quota.windowEnd = now + quota.period;
  }
}

export function getRemaining(quota: Quota, now: number): number {
  startWindow(quota, now);
  return Math.max(0, quota.limit - quota.used);
}

/** Counts a response. The API documents that 2xx and 4xx count. A 420 is excluded, since it rejects the request. */
export function countResponse(quota: Quota, status: number, now: number): void {
  startWindow(quota, now);
  quota.used += Number(status < 500 && status !== 420);
}

export function getQuotaHeaders(quota: Quota, now: number): Record<string, string> {
  return {
    [rateLimitHeaders.limit]: String(quota.limit),
    [rateLimitHeaders.remaining]: String(getRemaining(quota, now)),
    // An HTTP date has whole seconds. Rounded up, since the quota resets no earlier.
    [rateLimitHeaders.until]: new Date(Math.ceil(quota.windowEnd / 1000) * 1000).toUTCString(),
  };
}

const units = [
  ["hours", 3_600_000],
  ["minutes", 60_000],
  ["seconds", 1000],
] as const;

/** Describes a period as the API does: `1 hours`. */
export function describePeriod(milliseconds: number): string {
  const [unit, length] = units.find(([, unitLength]) => milliseconds % unitLength === 0) ?? ["milliseconds", 1];
  return `${milliseconds / length} ${unit}`;
}
