import { sleep, throwIfAborted } from "./abort.js";
import type { ClientSettings } from "./client-options.js";
import { ApiError, type CallContext, MarketError, RateLimitError } from "./errors.js";
import { Limiter, type Place } from "./limiter.js";
import type { RequestShim } from "./openapi-fetch-adapter.js";
import { isQuotaError, readRateLimit } from "./rate-limit.js";
import { sendRequest } from "./request.js";
import { type ParsedResponse, readTraceparent } from "./response.js";
import { getRetryDelay } from "./retry.js";
import type { Attempt, CallOptions } from "./types.js";

/** A response, and the context for errors that the caller finds in its result. */
export interface CompletedCall extends ParsedResponse {
  readonly context: CallContext;
}

/**
 * Creates a function that sends a request with retries, within the rate limits. It resolves with the response even if
 * that reports an `ApiError`, and rejects with every other error.
 */
export function createTransport(settings: Omit<ClientSettings, "businessId" | "headers">) {
  const { concurrency, maxRateLimitWait } = settings;
  const { redact } = settings.keySource;
  const { origin } = new URL(settings.baseUrl);
  const limiter = new Limiter(concurrency, maxRateLimitWait);

  return async function send(
    request: RequestShim,
    call: Pick<CallContext, "operation" | "pageToken">,
    { signal, timeout = settings.timeout, maxRetries = settings.maxRetries }: CallOptions,
  ): Promise<CompletedCall> {
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
      const { resetDelay } = place.quota;
      const result = { error, isCongested, congestions, failures: attempts - congestions, resetDelay };
      const maxWait = maxRateLimitWait - place.rateLimitWait;
      const retryInMs = signal?.aborted ? undefined : getRetryDelay(result, maxRetries, maxWait, Math.random());
      const attempt = { method: request.init.method, path, attempt: attempts, durationMs };
      notify(error === undefined ? attempt : { ...attempt, error }, retryInMs, received.response);
      const release = () => limiter.release(place);
      if (isCongested && retryInMs !== undefined) {
        // The call keeps its slot: otherwise the next call in the queue would add to the congestion.
        place.rateLimitWait += retryInMs;
        await sleep(retryInMs, signal).finally(release);
        continue;
      }
      void settled().then(release);
      if (error !== undefined) throwIfAborted(signal);
      if (retryInMs === undefined) {
        if (received.response === undefined || !(error === undefined || error instanceof ApiError)) throw error;
        return { ...received, context };
      }
      if (resetDelay > 0) continue; // The limiter waits for the reset.
      if (error instanceof RateLimitError) place.rateLimitWait += retryInMs;
      await sleep(retryInMs, signal);
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

  /** The callback only observes: exceptions, rejections and odd thenables of it do not affect the call. */
  function notify(attempt: Attempt, retryInMs: number | undefined, response: Response | undefined): void {
    const { onAttempt } = settings;
    if (onAttempt === undefined) return;
    const rateLimit = response && readRateLimit(response.headers);
    const traceparent = response && readTraceparent(response, redact);
    const details = {
      ...(response !== undefined && { status: response.status }),
      ...(retryInMs !== undefined && { retryInMs }),
      ...(rateLimit !== undefined && { rateLimit }),
      ...(traceparent !== undefined && { traceparent }),
    };
    (async () => onAttempt({ ...attempt, ...details }))().catch(() => undefined);
  }
}

function getPath(url: string, origin: string): string {
  if (!url.startsWith(`${origin}/`)) {
    throw new TypeError(`baseUrl must stay at ${origin} for a call: the key is sent to no other origin`);
  }
  const [path = ""] = url.slice(origin.length).split("?", 1);
  return path;
}

function createQuotaError(context: CallContext, retryAt: Date, cause: unknown): RateLimitError {
  const problem = "request not sent: the quota is exhausted and does not reset within maxRateLimitWait";
  const earlier = cause instanceof MarketError ? cause : undefined;
  return new RateLimitError(context, { status: 420, errors: [], traceparent: undefined }, retryAt, problem, earlier);
}
