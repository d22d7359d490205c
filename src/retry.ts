import { ApiError, ConnectionError, RateLimitError } from "./errors.js";

type RetryState = Record<"failures" | "congestions" | "maxRetries" | "resetDelay" | "maxWait", number>;

/**
 * Returns the milliseconds until the next attempt, or undefined if there must be none.
 * See https://yandex.ru/dev/market/partner-api/doc/en/concepts/best-practices
 *
 * @param isCongested - Whether the API rejected the attempt because of too many concurrent requests.
 * @param state - `congestions` counts such attempts, `failures` the others. `resetDelay` is the time until the quota
 * resets, 0 if it is not exhausted. `maxWait` is the time for which rate limits may still delay the call. Both in
 * milliseconds.
 * @param random - 0 to 1, for up to 50% jitter.
 */
export function getRetryDelay(
  error: unknown,
  isCongested: boolean,
  { failures, congestions, maxRetries, resetDelay, maxWait }: RetryState,
  random: number,
): number | undefined {
  const hasRetry = isCongested ? maxRetries > 0 : failures <= maxRetries && isRetryable(error);
  if (!hasRetry) return undefined;
  const backoff = isCongested ? Math.min(50 * 2 ** congestions, 2000) : Math.min(250 * 2 ** failures, 8000);
  const delay = isCongested || resetDelay === 0 ? backoff * (1 - random / 2) : resetDelay;
  const isRateLimited = error instanceof RateLimitError || resetDelay > 0;
  return isRateLimited && delay > maxWait ? undefined : delay;
}

function isRetryable(error: unknown): boolean {
  if (!(error instanceof ApiError)) return error instanceof ConnectionError;
  return [408, 420, 429].includes(error.status) || error.status >= 500;
}
