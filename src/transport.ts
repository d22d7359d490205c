import { sleep, throwIfAborted } from "./abort.js";
import { attempt, type Outcome } from "./attempt.js";
import { ApiError, type CallContext, MarketError, RateLimitError } from "./errors.js";
import type { RequestShim } from "./fetch-adapter.js";
import { endpoints } from "./generated/constants.js";
import { createLimiter } from "./limiter.js";
import { notify } from "./on-attempt.js";
import type { ClientSettings } from "./options.js";
import type { ParsedResponse } from "./response.js";
import { getRetryDelay } from "./retry.js";
import type { CallOptions } from "./types.js";

export type Send = ReturnType<typeof createTransport>;

/** The names of the operations in the OpenAPI document, by method and path template. */
const operationNames = new Map<string, string>(
  Object.entries(endpoints).map(([name, { method, path }]) => [`${method} ${path}`, name]),
);

/** Creates a function that sends the requests of a client: with retries, and within the rate limits. */
export function createTransport(settings: ClientSettings) {
  const { getKey, fetch, onAttempt } = settings;
  const { origin } = new URL(settings.baseUrl);
  const limiter = createLimiter(settings.concurrency, settings.maxRateLimitWait);

  /**
   * Resolves with the response, also if it reports an ApiError. Rejects with any other error.
   *
   * @param pathTemplate - With the method, it identifies the operation: `/v2/businesses/{businessId}/chats`.
   */
  return async function send(
    request: RequestShim,
    pathTemplate: string,
    { signal, timeout = settings.timeout, maxRetries, pageToken }: CallOptions & { pageToken?: string | undefined },
  ): Promise<ParsedResponse> {
    const path = getPath(request.url, origin);
    const { method } = request.init;
    const key = `${method} ${pathTemplate}`;
    const operation = operationNames.get(key) ?? key;
    const isRepeatable = operationNames.has(key) || method === "GET" || maxRetries !== undefined;
    const retryPolicy = { maxRetries: maxRetries ?? settings.maxRetries, isRepeatable };
    const call = limiter.createCall(key, signal);
    let attempts = 0;
    let congestions = 0;
    let latestError: unknown;

    try {
      for (;;) {
        const isPermitted = await limiter.acquire(call);
        if (!isPermitted) {
          throw createQuotaError({ operation, pageToken, attempts }, call.gate.getReset(), latestError);
        }

        attempts += 1;
        const startedAt = performance.now();
        const context = { operation, pageToken, attempts };
        const outcome = await attempt(request, context, { getKey, fetch, timeout, signal });
        const { received, error } = outcome;
        limiter.endRequest(call, received);
        if (received?.exceededLimit === "concurrency") congestions += 1;

        const isRateLimit = error instanceof RateLimitError || received?.retryAfter !== undefined;
        const delay = signal?.aborted
          ? undefined
          : getRetryDelay(outcome, retryPolicy, attempts - congestions, congestions);
        const retryInMs = delay === undefined ? undefined : limiter.planRetry(call, delay, isRateLimit);
        if (onAttempt !== undefined) {
          const durationMs = performance.now() - startedAt;
          notify(onAttempt, { method, path, attempt: attempts, durationMs }, outcome, retryInMs);
        }

        if (error !== undefined) throwIfAborted(signal);
        if (delay === undefined || retryInMs === undefined) return getResponse(outcome);
        latestError = error;
        await sleep(delay, signal); // The limiter waits for the rest, until the quota resets.
      }
    } finally {
      limiter.release(call);
    }
  };
}

/** @throws TypeError if the URL has another origin. */
function getPath(url: string, origin: string): string {
  if (!url.startsWith(`${origin}/`)) {
    throw new TypeError(`baseUrl must stay at ${origin} for a call: the key is sent to no other origin`);
  }
  const queryStart = url.indexOf("?");
  return url.slice(origin.length, queryStart === -1 ? undefined : queryStart);
}

function getResponse({ received, error }: Outcome): ParsedResponse {
  if (received !== undefined && (error === undefined || error instanceof ApiError)) return received;
  throw error;
}

function createQuotaError(context: CallContext, resetsAt: number, latestError: unknown): RateLimitError {
  const message = "request not sent: the quota is exhausted and does not reset within maxRateLimitWait";
  const cause = latestError instanceof MarketError ? latestError : undefined;
  const details = { status: 420, errors: [], traceparent: undefined, message, cause };
  return new RateLimitError(context, details, new Date(resetsAt));
}
