/** When to retry. See https://yandex.ru/dev/market/partner-api/doc/en/concepts/best-practices */
import type { Outcome } from "./attempt.js";
import { ApiError, ConnectionError } from "./errors.js";

export interface RetryPolicy {
  readonly maxRetries: number;
  /** Whether the request may be sent again although the API may have processed it. */
  readonly isRepeatable: boolean;
}

/**
 * Returns the delay before the next attempt in milliseconds, or undefined if there must be none.
 *
 * @param failures - Number of attempts so far, except for congestions.
 * @param congestions - Number of attempts that were rejected because of too many concurrent requests.
 */
export function getRetryDelay(
  { received, error }: Outcome,
  { maxRetries, isRepeatable }: RetryPolicy,
  failures: number,
  congestions: number,
): number | undefined {
  const isCongested = received?.exceededLimit === "concurrency";
  const maySucceed = isRepeatable ? isTemporary(error) : isUnprocessed(error);
  if (!maySucceed || (isCongested ? maxRetries === 0 : failures > maxRetries)) return undefined;
  const backoff = isCongested ? Math.min(50 * 2 ** congestions, 2000) : Math.min(250 * 2 ** failures, 8000);
  const delay = received?.retryAfter ?? backoff * (1 - Math.random() / 2);
  return isCongested ? Math.max(delay, backoff / 2) : delay; // Only time limits these retries: no busy loop.
}

function isTemporary(error: unknown): boolean {
  if (!(error instanceof ApiError)) return error instanceof ConnectionError;
  return [408, 420, 429].includes(error.status) || error.status >= 500;
}

/** Whether the API has certainly not processed the request: a message must not be sent twice. */
function isUnprocessed(error: unknown): boolean {
  if (error instanceof ApiError) return [420, 429].includes(error.status);
  // The words of Node.js, Bun and Deno.
  return error instanceof ConnectionError && /ECONNREFUSED|ConnectionRefused|Connection refused/.test(error.message);
}
