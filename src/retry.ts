import { ApiError, ConnectionError, RateLimitError } from "./errors.js";

/** What the decision about a retry depends on. */
export interface AttemptResult {
  readonly error: unknown;
  /** Whether the API rejected the request because of too many concurrent requests. */
  readonly isCongested: boolean;
  /** Number of attempts that were rejected as congested, and of the others. */
  readonly congestions: number;
  readonly failures: number;
  /** Milliseconds until the quota resets. 0 if it is not exhausted. */
  readonly resetDelay: number;
}

/**
 * Returns the milliseconds until the next attempt, or undefined if there must be none.
 * See https://yandex.ru/dev/market/partner-api/doc/en/concepts/best-practices
 *
 * @param maxWait - Milliseconds for which rate limits may still delay the call.
 * @param random - 0 to 1.
 */
export function getRetryDelay(result: AttemptResult, maxRetries: number, maxWait: number, random: number) {
  const { error, isCongested, congestions, failures, resetDelay } = result;
  // Congestion is caused by other processes. It is no failure of the call, and retried as long as `maxWait` permits.
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
