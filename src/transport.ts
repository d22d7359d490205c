import { sleep, throwIfAborted } from "./abort.js";
import type { ClientSettings } from "./client-options.js";
import { ApiError, type CallContext, MarketError, RateLimitError } from "./errors.js";
import { createLimiter, type Place } from "./limiter.js";
import { endpoints } from "./generated/constants.js";
import type { RequestShim } from "./openapi-fetch-adapter.js";
import { omitUndefined } from "./options.js";
import { readRateLimit } from "./quota.js";
import { sendRequest } from "./request.js";
import type { ParsedResponse } from "./response.js";
import { getRetryDelay } from "./retry.js";
import type { Attempt, CallOptions } from "./types.js";

/** A path may have a prefix: the one of a proxy. */
const routes = Object.entries(endpoints).map(([operation, { method, path }]) => {
  const pattern = new RegExp(`^${method} .*${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`);
  return { operation, pattern };
});

/**
 * Creates a function that sends a request with retries, within the rate limits. It resolves with the response even if
 * that reports an `ApiError`. It rejects with any other error, and if rate limits do not permit a request.
 */
export function createTransport(settings: Omit<ClientSettings, "businessId" | "headers">) {
  const { concurrency, maxRateLimitWait, onAttempt } = settings;
  const { redact } = settings.keySource;
  const { origin } = new URL(settings.baseUrl);
  const limiter = createLimiter(concurrency, maxRateLimitWait);

  return async function send(
    request: RequestShim,
    { signal, timeout = settings.timeout, maxRetries = settings.maxRetries }: CallOptions,
    pageToken?: string,
  ): Promise<ParsedResponse> {
    const { method } = request.init;
    const path = getPath(request.url, origin);
    const operation = routes.find(({ pattern }) => pattern.test(`${method} ${path}`))?.operation ?? "";
    const callContext = { operation: operation || `${method} ${path}`, pageToken, redact };
    const place = limiter.join(operation);
    let error: unknown;
    let congestions = 0;
    let isSlotKept = false;

    for (let attempts = 1; ; attempts += 1) {
      const acquired = limiter.acquire(place, signal);
      if (isSlotKept) limiter.release(place); // Not earlier: the next call in the queue would get the slot.
      const retryAt = await acquired;
      if (retryAt !== undefined) throw createQuotaError({ ...callContext, attempts: attempts - 1 }, retryAt, error);

      const startedAt = performance.now();
      const context = { ...callContext, attempts };
      const { received, settled } = sendRequest(request, context, settings, timeout, signal);
      let response: ParsedResponse | undefined;
      try {
        response = await received;
        updateLimits(place, response);
        error = response.error;
      } catch (reason) {
        error = reason;
      }
      const isCongested = response?.isCongested ?? false;
      congestions += Number(isCongested);
      const resetDelay = place.quota.getResetDelay();
      const maxWait = maxRateLimitWait - place.rateLimitWait;
      const state = { failures: attempts - congestions, congestions, maxRetries, resetDelay, maxWait };
      const mayRetry = error !== undefined && !signal?.aborted;
      const retryInMs = mayRetry ? getRetryDelay(error, isCongested, state, Math.random()) : undefined;
      if (onAttempt !== undefined) {
        const attempt = { method, path: redact(path), attempt: attempts, durationMs: performance.now() - startedAt };
        notify(onAttempt, {
          ...attempt,
          ...omitUndefined({ error, retryInMs, ...(response && readHeaders(response)) }),
        });
      }

      // After congestion the call keeps its slot during the delay: another request would add to the congestion.
      isSlotKept = isCongested && retryInMs !== undefined;
      if (response === undefined) void limiter.abandon(place, settled());
      else if (!isSlotKept) limiter.release(place);
      if (error !== undefined && !isSlotKept) throwIfAborted(signal);
      if (retryInMs === undefined) {
        if (response === undefined || !(error === undefined || error instanceof ApiError)) throw error;
        return response;
      }
      const delay = resetDelay > 0 && !isSlotKept ? 0 : retryInMs; // The limiter waits for the reset.
      if (error instanceof RateLimitError) place.rateLimitWait += delay;
      await sleep(delay, signal).catch(() => undefined); // After an abort, `acquire` rejects.
      // The retry might wait forever: for requests whose `fetch` ignores its signal.
      if (limiter.isBlocked()) throw error;
    }
  };

  /** Adapts to the rate limits that a response reports. */
  function updateLimits(place: Place, { response, receivedAt, error, isCongested }: ParsedResponse): void {
    const isExhausted = error instanceof RateLimitError && !isCongested;
    place.quota.update(response.headers, receivedAt, isExhausted);
    // A 404 too shows that the limits permit the request. An overloaded server responds with 408, 429 or 5xx.
    if (isCongested || response.status <= 404) limiter.adapt(place, isCongested);
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

function readHeaders({ response: { status, headers }, traceparent }: ParsedResponse) {
  return { status, rateLimit: readRateLimit(headers), traceparent };
}

/** The callback only observes: an exception, a rejection or an odd thenable of it does not affect the call. */
function notify(onAttempt: (attempt: Attempt) => void, attempt: Attempt): void {
  (async () => onAttempt(attempt))().catch(() => undefined);
}
