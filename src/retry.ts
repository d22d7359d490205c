import { ApiError, ConnectionError, RateLimitError } from "./errors.js";

/**
 * Returns the milliseconds until the next attempt, or undefined if there must be none.
 * See https://yandex.ru/dev/market/partner-api/doc/en/concepts/best-practices
 *
 * @param congestions - Number of attempts that were rejected because of too many concurrent requests,
 * which other processes may cause. They are not among the `failures` of the call.
 * @param resetDelay - Milliseconds until the quota resets. 0 if it is not exhausted.
 * @param maxWait - Milliseconds for which rate limits may still delay the call.
 * @param random - 0 to 1, for up to 50% jitter.
 */
export function getRetryDelay(
  error: unknown,
  { failures, congestions, isCongested }: { failures: number; congestions: number; isCongested: boolean },
  { maxRetries, resetDelay, maxWait }: { maxRetries: number; resetDelay: number; maxWait: number },
  random: number,
): number | undefined {
  const hasRetry = isCongested ? maxRetries > 0 : failures <= maxRetries;
  if (!hasRetry || !isRetryable(error)) return undefined;
  const backoff = isCongested ? Math.min(50 * 2 ** congestions, 2000) : Math.min(250 * 2 ** failures, 8000);
  const delay = isCongested || resetDelay === 0 ? backoff * (1 - random / 2) : resetDelay;
  const isRateLimited = error instanceof RateLimitError || resetDelay > 0;
  return isRateLimited && delay > maxWait ? undefined : delay;
}

function isRetryable(error: unknown): boolean {
  if (!(error instanceof ApiError)) return error instanceof ConnectionError;
  return [408, 420, 429].includes(error.status) || error.status >= 500;
}
