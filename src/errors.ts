import type { ApiErrorDetail } from "./generated/types.js";

/** One call, as far as it has come: what an error that ends it has to tell. */
export interface Call {
  /** `getChats`, `getChat`, or method and path of a raw call. */
  readonly operation: string;
  /** The page that is asked for, if one is. */
  readonly pageToken?: string | undefined;
  /** How many attempts have been made. */
  attempts: number;
  /** Blots the key out of a text. */
  redact: (text: string) => string;
}

/**
 * What every error of this package extends.
 *
 * @example
 * ```ts
 * try {
 *   for await (const chat of market.listChats(filter)) await save(chat);
 * } catch (error) {
 *   if (error instanceof MarketError) await remember(error.pageToken); // `listChats(filter, { pageToken })` resumes
 *   throw error;
 * }
 * ```
 */
export class MarketError extends Error {
  override readonly name: string = "MarketError";
  /** How many attempts were made. 0 if there was none, since the quota is known to be used up. */
  readonly attempts: number;
  /** The token of the page that was asked for. Undefined for a first page, and for a single chat. */
  readonly pageToken: string | undefined;

  constructor(call: Call, message: string, cause?: Error) {
    const attempts = call.attempts > 1 ? ` (after ${call.attempts} attempts)` : "";
    super(call.redact(`${call.operation}: ${message}${attempts}`), cause && { cause });
    this.attempts = call.attempts;
    this.pageToken = call.pageToken;
  }
}

/** What an answer with an error holds. */
export interface ApiErrorAnswer {
  readonly status: number;
  readonly errors: readonly ApiErrorDetail[];
  readonly traceparent?: string | undefined;
}

/**
 * The Market answered with an error: any 4xx or 5xx, or a 200 with `status: "ERROR"`.
 * See https://yandex.ru/dev/market/partner-api/doc/en/concepts/error-codes
 */
export class ApiError extends MarketError {
  override readonly name: string = "ApiError";
  /** The HTTP status. */
  readonly status: number;
  /** The Market's own codes and texts. Empty where the answer had none. */
  readonly errors: readonly ApiErrorDetail[];
  /** By this the Market's support finds the call. */
  readonly traceparent: string | undefined;

  constructor(
    call: Call,
    { status, errors, traceparent }: ApiErrorAnswer,
    message = describeErrors(status, errors),
    cause?: Error,
  ) {
    super(call, message, cause);
    this.status = status;
    this.errors = errors.map(({ code, message: text }) => ({
      code: call.redact(code),
      ...(text !== undefined && { message: call.redact(text) }),
    }));
    this.traceparent = traceparent && call.redact(traceparent);
  }
}

function describeErrors(status: number, errors: readonly ApiErrorDetail[]): string {
  const words = errors.map(({ code, message }) => [code, message].filter(Boolean).join(": ")).join("; ");
  return `${status} ${words || "without a reason in the answer"}`;
}

/**
 * A limit of the Market was reached: 420 even after the retries, or a wait longer than `maxRateLimitWait`, for which
 * nothing is sent: `status` is 420 then too, and `cause` is what an earlier attempt failed for, if there was one.
 * See https://yandex.ru/dev/market/partner-api/doc/en/concepts/limits
 */
export class RateLimitError extends ApiError {
  override readonly name = "RateLimitError";
  /** When the operation may be called again, by this machine's clock. Undefined where the Market did not tell. */
  readonly retryAt: Date | undefined;

  constructor(call: Call, answer: ApiErrorAnswer, retryAt: Date | undefined, message?: string, cause?: Error) {
    super(call, answer, message, cause);
    this.retryAt = retryAt;
  }
}

/**
 * The answer is outside the documented interface: a redirect, HTML, broken JSON, no `result`, an integer that
 * JavaScript would round, a page token that came round again. Such an answer is not asked for twice.
 */
export class ResponseError extends MarketError {
  override readonly name = "ResponseError";
  /** The HTTP status. */
  readonly status: number;

  constructor(call: Call, status: number, message: string) {
    super(call, `${status}, but ${message}`);
    this.status = status;
  }
}

/** No answer came: DNS, connection refused, reset, or cut off. `cause` holds what the runtime said. */
export class ConnectionError extends MarketError {
  override readonly name: string = "ConnectionError";
}

/** No whole answer came within `timeout`. */
export class TimeoutError extends ConnectionError {
  override readonly name = "TimeoutError";
}
