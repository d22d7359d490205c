import { isRecord } from "./check.js";
import type { ApiErrorDetail } from "./generated/types.js";

/** What an error reports about its call. */
export interface CallContext {
  /** Name of the operation; method and path if the YAML does not contain it. */
  readonly operation: string;
  readonly pageToken?: string | undefined;
  readonly attempts: number;
}

/** Identifies a class. A process may have several copies of it: for `import` and `require`, or of two versions. */
const className = Symbol.for("yandex-market-chats.className");

function getClass(constructor: unknown): unknown {
  const isOwn = typeof constructor === "function" && Object.hasOwn(constructor, className);
  return isOwn ? Reflect.get(constructor, className) : constructor;
}

/**
 * Base class of all errors of this package. Thrown directly if the `apiKey` function fails or returns an invalid key
 * (`cause` is its error), and if there is no `fetch`.
 *
 * @example
 * ```ts
 * try {
 *   for await (const chat of market.listChats(filter)) await save(chat);
 * } catch (error) {
 *   if (error instanceof MarketError) await store(error.pageToken); // listChats(filter, { pageToken }) resumes
 *   throw error;
 * }
 * ```
 */
export class MarketError extends Error {
  static readonly [className]: string = "MarketError";
  override readonly name: string = "MarketError";
  /** Number of attempts made. 0 if no request was sent because the quota was exhausted. */
  readonly attempts: number;
  /** Token of the requested page: pass it to `listChats` to resume. Undefined for the first page and for `getChat`. */
  readonly pageToken: string | undefined;

  constructor({ operation, pageToken, attempts }: CallContext, message: string, cause?: Error) {
    const suffix = attempts > 1 ? ` (after ${attempts} attempts)` : "";
    super(`${operation}: ${message}${suffix}`, cause && { cause });
    this.attempts = attempts;
    this.pageToken = pageToken;
  }

  /** `instanceof` also recognizes the errors of another copy of the class. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    for (let prototype = value; isRecord(prototype); prototype = Object.getPrototypeOf(prototype) as unknown) {
      if (getClass(prototype["constructor"]) === getClass(this)) return true;
    }
    return false;
  }
}

/** What an error response reports. */
type ErrorDetails = Pick<ApiError, "status" | "errors" | "traceparent" | "message"> & { cause?: Error | undefined };

/**
 * The API responded with an error: any status from 400 to 599, or 200 with `status: "ERROR"` in the body.
 * See https://yandex.ru/dev/market/partner-api/doc/en/concepts/error-codes
 */
export class ApiError extends MarketError {
  static override readonly [className]: string = "ApiError";
  override readonly name: string = "ApiError";
  /** HTTP status. */
  readonly status: number;
  /** Error codes and messages returned by the API. Empty if the response body has none. */
  readonly errors: readonly ApiErrorDetail[];
  /** Trace ID from the `traceparent` response header. Include it when you contact Yandex Market support. */
  readonly traceparent: string | undefined;

  constructor(context: CallContext, { status, errors, traceparent, message, cause }: ErrorDetails) {
    super(context, message, cause);
    this.status = status;
    this.errors = errors;
    this.traceparent = traceparent;
  }
}

/**
 * A rate limit is exceeded: the API responded with 420 and no retry is left, or the quota would delay the call longer
 * than `maxRateLimitWait`. In that case too `status` is 420, and `cause` is the error of the last attempt if there was
 * one.
 * See https://yandex.ru/dev/market/partner-api/doc/en/concepts/limits
 */
export class RateLimitError extends ApiError {
  static override readonly [className] = "RateLimitError";
  override readonly name = "RateLimitError";
  /**
   * When to retry, by the local clock: when the quota resets, or after the delay of the `Retry-After` header. If the API
   * reports neither, undefined, or a second later for a call that was not sent.
   */
  readonly retryAt: Date | undefined;

  constructor(context: CallContext, details: ErrorDetails, retryAt: Date | undefined) {
    const advice = retryAt ? `; retry after ${retryAt.toISOString()}` : "";
    super(context, { ...details, message: details.message + advice });
    this.retryAt = retryAt;
  }
}

/**
 * The response is not in the documented format: a redirect, HTML, invalid JSON, more than 10 MB, no `result`, an
 * integer that JavaScript would round, a repeated page token. Such a response is not retried.
 */
export class ResponseError extends MarketError {
  static override readonly [className] = "ResponseError";
  override readonly name = "ResponseError";
  /** HTTP status. */
  readonly status: number;

  constructor(context: CallContext, status: number, problem: string) {
    super(context, `unexpected response (HTTP ${status}): ${problem}`);
    this.status = status;
  }
}

/**
 * No complete response was received: DNS failure, connection refused or closed. `cause` is the error of the runtime, if
 * there is one.
 */
export class ConnectionError extends MarketError {
  static override readonly [className]: string = "ConnectionError";
  override readonly name: string = "ConnectionError";
}

/** No complete response was received within `timeout`. */
export class TimeoutError extends ConnectionError {
  static override readonly [className] = "TimeoutError";
  override readonly name = "TimeoutError";
}

/**
 * Awaits a promise for a caller. If it rejects, the stack of the error is captured again, so that it contains the
 * caller: the error was created many frames away, or before the caller awaited a prefetched page. An abort reason is
 * not changed, even if it is a MarketError.
 */
export async function withCallerStack<Value>(promise: Promise<Value>, signal?: AbortSignal): Promise<Value> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof MarketError && error !== signal?.reason) Error.captureStackTrace?.(error);
    throw error;
  }
}
