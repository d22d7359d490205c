import { sleep, throwIfAborted } from "./abort.js";
import type { ClientSettings } from "./client-options.js";
import { ApiError, type CallContext, MarketError, RateLimitError } from "./errors.js";
import { createLimiter, type Place } from "./limiter.js";
import type { RequestShim } from "./openapi-fetch-adapter.js";
import { omitUndefined } from "./options.js";
import { isQuotaError, readRateLimit } from "./rate-limit.js";
import { sendRequest } from "./request.js";
import { type ParsedResponse, readTraceparent } from "./response.js";
import { getRetryDelay } from "./retry.js";
import type { Attempt, CallOptions } from "./types.js";

/**
 * Creates a function that sends a request with retries, within the rate limits. It resolves with the response even if
 * that reports an `ApiError`, and rejects with every other error.
 */
export function createTransport(settings: Omit<ClientSettings, "businessId" | "headers">) {
  const { concurrency, maxRateLimitWait } = settings;
  const { redact } = settings.keySource;
  const { origin } = new URL(settings.baseUrl);
  const limiter = createLimiter(concurrency, maxRateLimitWait);

  return async function send(
    request: RequestShim,
    call: Pick<CallContext, "operation" | "pageToken">,
    { signal, timeout = settings.timeout, maxRetries = settings.maxRetries }: CallOptions,
  ): Promise<ParsedResponse> {
    const path = getPath(request.url, origin);
    // Path parameters of the API are numbers. Without them, all calls of an operation share its quota.
    const place = limiter.join(`${request.init.method} ${path.replace(/\/\d+(?=\/|$)/g, "/{id}")}`);
    let error: unknown;
    let congestions = 0;

    for (let attempts = 1; ; attempts += 1) {
      const context = { ...call, attempts, redact };
      const retryAt = await limiter.acquire(place, signal);
      if (retryAt !== undefined) throw createQuotaError({ ...context, attempts: attempts - 1 }, retryAt, error);
      const startedAt = performance.now();
      const { parsed, settled } = sendRequest(request, context, settings, timeout, signal);
      const received = await parsed.catch((reason: unknown) => ({ error: reason, response: undefined }));
      const durationMs = performance.now() - startedAt;
      error = received.error;
      const isCongested = received.response !== undefined && updateLimits(place, received);
      congestions += Number(isCongested);
      const resetDelay = place.quota.getResetDelay();
      const mayRetry = error !== undefined && !signal?.aborted;
      const counts = mayRetry && { isCongested, congestions, failures: attempts - congestions };
      const limits = { maxRetries, resetDelay, maxWait: maxRateLimitWait - place.rateLimitWait };
      const retryInMs = counts ? getRetryDelay(error, counts, limits, Math.random()) : undefined;
      if (settings.onAttempt !== undefined) {
        const attempt = { method: request.init.method, path, attempt: attempts, durationMs };
        const headers = received.response && readHeaders(received.response, redact);
        notify(settings.onAttempt, { ...attempt, ...omitUndefined({ error, retryInMs, ...headers }) });
      }

      // After congestion the call keeps its slot during the delay: the next call in the queue would add to it.
      const release = () => limiter.release(place);
      const isSlotKept = isCongested && retryInMs !== undefined;
      if (!isSlotKept) void (received.response === undefined ? settled().then(release) : release());
      if (error !== undefined && !isSlotKept) throwIfAborted(signal);
      if (retryInMs === undefined) {
        const isReturned = received.response !== undefined && (error === undefined || error instanceof ApiError);
        if (isReturned) return received;
        throw error;
      }
      if (resetDelay > 0 && !isSlotKept) continue; // The limiter waits for the reset.
      if (error instanceof RateLimitError) place.rateLimitWait += retryInMs;
      await sleep(retryInMs, signal).finally(isSlotKept ? release : undefined);
    }
  };

  /** Adapts to the rate limits that a response reports. Returns whether too many requests are sent concurrently. */
  function updateLimits(place: Place, { response: { headers }, receivedAt, error }: ParsedResponse): boolean {
    const isRateLimited = error instanceof RateLimitError;
    const isExhausted = isRateLimited && isQuotaError(error.errors, headers);
    place.quota.update(headers, receivedAt, isExhausted, concurrency);
    const isCongested = isRateLimited && !isExhausted;
    if (isCongested || error === undefined) limiter.adapt(place, isCongested);
    return isCongested;
  }
}

function getPath(url: string, origin: string): string {
  if (!url.startsWith(`${origin}/`)) {
    throw new TypeError(`baseUrl must stay at ${origin} for a call: the key is sent to no other origin`);
  }
  const queryStart = url.indexOf("?");
  return url.slice(origin.length, queryStart === -1 ? undefined : queryStart);
}

function createQuotaError(context: CallContext, retryAt: Date, cause: unknown): RateLimitError {
  const problem = "request not sent: the quota is exhausted and does not reset within maxRateLimitWait";
  const earlier = cause instanceof MarketError ? cause : undefined;
  return new RateLimitError(context, { status: 420, errors: [], traceparent: undefined }, retryAt, problem, earlier);
}

function readHeaders(response: Response, redact: CallContext["redact"]) {
  const { status, headers } = response;
  return { status, rateLimit: readRateLimit(headers), traceparent: readTraceparent(response, redact) };
}

/** The callback only observes: an exception, a rejection or an odd thenable of it does not affect the call. */
function notify(onAttempt: (attempt: Attempt) => void, attempt: Attempt): void {
  (async () => onAttempt(attempt))().catch(() => undefined);
}
