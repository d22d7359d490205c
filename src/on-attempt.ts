import type { Outcome } from "./attempt.js";
import { omitUndefined } from "./omit-undefined.js";
import { readRateLimit } from "./rate-limit.js";
import type { Attempt } from "./types.js";

/** The callback only observes: an exception, a rejection or an odd thenable of it does not affect the call. */
export function notify(
  onAttempt: (attempt: Attempt) => void,
  known: Pick<Attempt, "method" | "path" | "attempt" | "durationMs">,
  { received, error }: Outcome,
  retryInMs: number | undefined,
): void {
  const { response, traceparent } = received ?? {};
  const rateLimit = response && readRateLimit(response.headers);
  const attempt = {
    ...known,
    ...omitUndefined({ status: response?.status, error, retryInMs, rateLimit, traceparent }),
  };
  (async () => onAttempt(attempt))().catch(() => undefined);
}
