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

/** The document does not tell which POST requests only read. A message must not be sent twice. */
const readOperations: ReadonlySet<string> = new Set<keyof typeof endpoints>(["getChats", "getChat"]);

/** Creates a function that sends the requests of a client: with retries, and within the rate limits. */
export function createTransport(settings: ClientSettings) {
  const { keySource, fetch, onAttempt } = settings;
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
    checkOrigin(request.url, origin);
    const { method } = request.init;
    const operationKey = `${method} ${pathTemplate}`;
    const operation = operationNames.get(operationKey) ?? operationKey;
    // `maxRetries` of the call itself states that the operation may be repeated.
    const isRepeatable = readOperations.has(operation) || method === "GET" || maxRetries !== undefined;
    const retryPolicy = { maxRetries: maxRetries ?? settings.maxRetries, isRepeatable };
    const call = limiter.createCall(operationKey, signal);
    let attempts = 0;
    let congestions = 0;
    let latestError: MarketError | undefined;

    try {
      for (;;) {
        const isPermitted = await limiter.acquire(call);
        if (!isPermitted) {
          throw createQuotaError({ operation, pageToken, attempts }, call.gate.getResetTime(), latestError);
        }

        attempts += 1;
        const startedAt = performance.now();
        const context = { operation, pageToken, attempts };
        const outcome = await attempt(request, context, { keySource, fetch, timeout, signal });
        const { received, error } = outcome;
        limiter.endRequest(call, received);
        if (received?.exceededLimit === "concurrency") congestions += 1;

        const mayRetry = error instanceof MarketError && !signal?.aborted;
        const failures = attempts - congestions;
        const delay = mayRetry ? getRetryDelay(outcome, retryPolicy, failures, congestions) : undefined;
        const countsAsWait = error instanceof RateLimitError || received?.retryAfter !== undefined;
        const retryInMs = delay === undefined ? undefined : limiter.planRetry(call, delay, countsAsWait);
        if (onAttempt !== undefined) {
          const { pathname: path } = new URL(request.url);
          const durationMs = performance.now() - startedAt;
          notify(onAttempt, { method, path, attempt: attempts, durationMs }, outcome, retryInMs);
        }

        // A successful response is returned even if the signal has aborted meanwhile.
        if (error !== undefined) throwIfAborted(signal);
        if (!mayRetry || delay === undefined || retryInMs === undefined) return returnOrThrow(outcome);
        latestError = error;
        await sleep(delay, signal); // Not `retryInMs`: `acquire` waits for a reset, in order of arrival.
      }
    } finally {
      limiter.release(call);
    }
  };
}

function checkOrigin(url: string, origin: string): void {
  if (url.startsWith(`${origin}/`)) return;
  throw new TypeError(`baseUrl must stay at ${origin} for a call: the key is sent to no other origin`);
}

function returnOrThrow({ received, error }: Outcome): ParsedResponse {
  if (received !== undefined && (error === undefined || error instanceof ApiError)) return received;
  throw error;
}

function createQuotaError(context: CallContext, resetsAt: number, cause: MarketError | undefined): RateLimitError {
  const message = "request not sent: the quota is exhausted and does not reset within maxRateLimitWait";
  const details = { status: 420, errors: [], traceparent: undefined, message, cause };
  return new RateLimitError(context, details, new Date(resetsAt));
}
