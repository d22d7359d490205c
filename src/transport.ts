import { sleep, throwIfAborted } from "./abort.js";
import type { ClientSettings } from "./client-options.js";
import { ApiError, type CallContext, MarketError, RateLimitError } from "./errors.js";
import { createLimiter, type Place } from "./limiter.js";
import { endpoints } from "./generated/constants.js";
import type { RequestShim } from "./openapi-fetch-adapter.js";
import { omitUndefined } from "./options.js";
import { isQuotaError, readRateLimit } from "./rate-limit.js";
import { sendRequest } from "./request.js";
import { type ParsedResponse, readTraceparent } from "./response.js";
import { getRetryDelay } from "./retry.js";
import type { Attempt, CallOptions } from "./types.js";

/** If no response was received. */
const notReceived = { parsed: undefined, isCongested: false, headers: undefined, converted: undefined };

/** By the name of the operation. The paths of a proxy may have a prefix. */
const routes = Object.entries(endpoints).map(([operation, { method, path }]) => {
  const pattern = new RegExp(`^${method} .*${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`);
  return { operation, pattern };
});

/**
 * Creates a function that sends a request with retries, within the rate limits. It resolves with the response even if
 * that reports an `ApiError`, and rejects with every other error.
 */
export function createTransport(settings: Omit<ClientSettings, "businessId" | "headers">) {
  const { concurrency, maxRateLimitWait, onAttempt } = settings;
  const { redact } = settings.keySource;
  const { origin } = new URL(settings.baseUrl);
  const limiter = createLimiter(concurrency, maxRateLimitWait);

  return async function send(
    request: RequestShim,
    pageToken: string | undefined,
    { signal, timeout = settings.timeout, maxRetries = settings.maxRetries }: CallOptions,
    convert: (parsed: ParsedResponse) => Response,
  ) {
    const { method } = request.init;
    const path = getPath(request.url, origin);
    const { operation = "" } = routes.find(({ pattern }) => pattern.test(`${method} ${path}`)) ?? {};
    const call = { operation: operation || `${method} ${path}`, pageToken, redact };
    const place = limiter.join(operation);
    let error: unknown;
    let congestions = 0;
    let isSlotKept = false;

    for (let attempts = 1; ; attempts += 1) {
      const acquired = limiter.acquire(place, signal);
      if (isSlotKept) limiter.release(place); // Not earlier: the next call in the queue would get the slot.
      const retryAt = await acquired;
      if (retryAt !== undefined) throw createQuotaError({ ...call, attempts: attempts - 1 }, retryAt, error);

      const context = { ...call, attempts };
      const startedAt = performance.now();
      const sent = sendRequest(request, context, settings, timeout, signal, (parsed) => ({
        parsed,
        error: parsed.error,
        isCongested: updateLimits(place, parsed),
        headers: onAttempt && readHeaders(parsed),
        converted: convert(parsed),
      }));
      const received = await sent.received.catch((reason: unknown) => ({ ...notReceived, error: reason }));
      error = received.error;
      const { isCongested, parsed } = received;
      congestions += Number(isCongested);
      const resetDelay = place.quota.getResetDelay();
      const counts = { isCongested, congestions, failures: attempts - congestions };
      const limits = { maxRetries, resetDelay, maxWait: maxRateLimitWait - place.rateLimitWait };
      const retryInMs = signal?.aborted ? undefined : getRetryDelay(error, counts, limits, Math.random());
      if (onAttempt !== undefined) {
        const attempt = { method, path: redact(path), attempt: attempts, durationMs: performance.now() - startedAt };
        notify(onAttempt, { ...attempt, ...omitUndefined({ error, retryInMs, ...received.headers }) });
      }

      // After congestion the call keeps its slot during the delay: another request would add to the congestion.
      isSlotKept = isCongested && retryInMs !== undefined;
      if (parsed === undefined) void sent.settled().then(() => limiter.release(place));
      else if (!isSlotKept) limiter.release(place);
      if (error !== undefined && !isSlotKept) throwIfAborted(signal);
      if (retryInMs === undefined) {
        if (parsed === undefined || !(error === undefined || error instanceof ApiError)) throw error;
        return { parsed, converted: received.converted };
      }
      if (resetDelay > 0 && !isSlotKept) continue; // The limiter waits for the reset.
      if (error instanceof RateLimitError) place.rateLimitWait += retryInMs;
      await sleep(retryInMs, signal).catch(() => undefined); // After an abort, `acquire` rejects.
      // If `fetch` ignores its signal, the retry would wait for the slot of its own call.
      if (!isSlotKept && place.inFlight > 0 && !limiter.hasFreeSlot()) throw error;
    }
  };

  /** Adapts to the rate limits that a response reports. Returns whether too many requests are sent concurrently. */
  function updateLimits(place: Place, { response: { headers, status }, receivedAt, error }: ParsedResponse): boolean {
    const isRateLimited = error instanceof RateLimitError;
    const isExhausted = isRateLimited && isQuotaError(error.errors, headers);
    place.quota.update(headers, receivedAt, isExhausted, concurrency);
    const isCongested = isRateLimited && !isExhausted;
    // These errors too show that the limits permit the request.
    const isAccepted = error === undefined || [400, 401, 403, 404].includes(status);
    if (isCongested || isAccepted) limiter.adapt(place, isCongested);
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

function readHeaders({ response, context }: ParsedResponse) {
  const { status, headers } = response;
  return { status, rateLimit: readRateLimit(headers), traceparent: readTraceparent(response, context.redact) };
}

/** The callback only observes: an exception, a rejection or an odd thenable of it does not affect the call. */
function notify(onAttempt: (attempt: Attempt) => void, attempt: Attempt): void {
  (async () => onAttempt(attempt))().catch(() => undefined);
}
