/** A fetch that knows the Market: retries, the limits, and a word to `onAttempt` each time. */
import { abortable } from "./abort.js";
import { type Answer, traceparentOf } from "./answer.js";
import type { PlainRequest } from "./bridge.js";
import { ApiError, type Call, RateLimitError } from "./errors.js";
import { exchange, type ExchangeOptions } from "./exchange.js";
import { leavesEnough, pauseAfter, type RateLimit, readQuota } from "./limits.js";
import { createQueue } from "./queue.js";

/** One attempt, as `onAttempt` is told of it. Nothing in it is secret. */
export interface Attempt {
  /** `GET` or `POST`. */
  method: string;
  /** The path, without the query: `/v2/businesses/123456/chats`. */
  path: string;
  /** Which attempt of its call this was, from 1. */
  attempt: number;
  /** Milliseconds that the attempt took: asking an `apiKey` function, the request, the answer and its body. */
  durationMs: number;
  /** The HTTP status, if an answer came. */
  status?: number;
  /** What went wrong: a `MarketError`, or the `reason` of the signal that aborted the attempt. */
  error?: unknown;
  /** Milliseconds until the next attempt. Absent if this was the last one. */
  retryInMs?: number;
  /** What the answer said of the operation's quota. */
  rateLimit?: RateLimit;
  /** By this the Market's support finds the call. */
  traceparent?: string;
}

/** What can be set for a single call. */
export interface CallOptions {
  /** Aborts the call wherever it is: in the queue, in flight, in a pause. It then rejects with the signal's `reason`. */
  signal?: AbortSignal | undefined;
  /**
   * Milliseconds that each attempt may take, to the end of the answer's body: from 1 to 2_147_483_647.
   * @default the client's `timeout`
   */
  timeout?: number | undefined;
  /**
   * How many attempts may follow a first one that failed and is worth repeating: an integer from 0, for none.
   * @default the client's `maxRetries`
   */
  maxRetries?: number | undefined;
}

/** The client's options, checked and with their defaults. */
export interface TransportOptions extends ExchangeOptions {
  baseUrl: string;
  timeout: number;
  maxRetries: number;
  maxRateLimitWait: number;
  concurrency: number;
  onAttempt: ((attempt: Attempt) => void) | undefined;
}

/** Resolves to the answer, also if that is an `ApiError`, and rejects for whatever else went wrong. */
export type Send = (request: PlainRequest, call: Call, options: CallOptions) => Promise<Answer>;

export function createTransport(options: TransportOptions): Send {
  const { concurrency, maxRateLimitWait, onAttempt } = options;
  const { origin } = new URL(options.baseUrl);
  const queue = createQueue(concurrency, maxRateLimitWait);

  return async function send(request, call, { signal, timeout = options.timeout, maxRetries = options.maxRetries }) {
    if (!request.url.startsWith(`${origin}/`)) {
      throw new TypeError(`baseUrl must stay at ${origin} for a single call too: the key goes nowhere else`);
    }
    const [path = ""] = request.url.slice(origin.length).split("?", 1);
    const operation = `${request.method} ${path}`;

    let failure: unknown;
    for (;;) {
      await queue.enter(operation, signal, (renewsAt) => quotaUsedUp(call, renewsAt, failure));
      call.attempts += 1;
      const sentAt = performance.now();
      let answer: Answer | undefined;
      try {
        answer = await exchange(request, call, options, timeout, signal);
        failure = answer.failure;
      } catch (error) {
        failure = error;
      }
      const durationMs = performance.now() - sentAt;

      const response = answer?.response;
      // For most answers nobody needs more than the one header: to read them all takes 5 % of a request over loopback.
      const isQuotaOfNote =
        response !== undefined &&
        (failure !== undefined || onAttempt !== undefined || !leavesEnough(response.headers, concurrency));
      const { rateLimit, renewsIn } = isQuotaOfNote ? readQuota(response.headers) : {};
      const isRefused = failure instanceof RateLimitError && failure.retryAt !== undefined;
      const remaining = isRefused ? 0 : (rateLimit?.remaining ?? Infinity);
      if (rateLimit?.until !== undefined && renewsIn !== undefined) {
        queue.note(operation, { remaining, until: rateLimit.until.getTime(), renewsIn });
      }
      queue.leave(operation);

      const mayRetry = failure !== undefined && call.attempts <= maxRetries && signal?.aborted !== true;
      const retryInMs = mayRetry
        ? pauseAfter(failure, call.attempts, remaining === 0 ? renewsIn : undefined, maxRateLimitWait, Math.random())
        : undefined;
      if (onAttempt !== undefined) {
        const traceparent = response && traceparentOf(response);
        report(onAttempt, {
          method: request.method,
          path,
          attempt: call.attempts,
          durationMs,
          ...(response !== undefined && { status: response.status }),
          ...(failure !== undefined && { error: failure }),
          ...(retryInMs !== undefined && { retryInMs }),
          ...(rateLimit !== undefined && { rateLimit }),
          ...(traceparent !== undefined && { traceparent: call.redact(traceparent) }),
        });
      }
      if (failure !== undefined) {
        signal?.throwIfAborted();
      }
      if (retryInMs !== undefined) {
        await pause(retryInMs, signal);
      } else if (answer !== undefined && (failure === undefined || failure instanceof ApiError)) {
        return answer;
      } else {
        throw failure;
      }
    }
  };
}

/** What a call is refused with while the operation's quota is used up for longer than the caller wants to wait. */
function quotaUsedUp(call: Call, renewsAt: number, earlierFailure: unknown): RateLimitError {
  const retryAt = new Date(Date.now() + renewsAt - performance.now());
  const message = "not sent: the quota is used up for longer than maxRateLimitWait";
  const cause = earlierFailure instanceof Error ? earlierFailure : undefined;
  return new RateLimitError(call, { status: 420, errors: [] }, retryAt, message, cause);
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return abortable(signal, (resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    return () => clearTimeout(timer);
  });
}

/** A hook is there to look on: whether it throws or its promise rejects, the call goes on as if it had not. */
function report(onAttempt: (attempt: Attempt) => void, attempt: Attempt): void {
  try {
    const returned: unknown = onAttempt(attempt);
    if (returned instanceof Promise) {
      returned.catch(() => undefined);
    }
  } catch {
    // The caller's own business: an answer or an error is at hand that must not be lost over it.
  }
}
