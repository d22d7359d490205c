import { describeBody, findUnsafeInteger, parseJson } from "./body.js";
import { isRecord } from "./check.js";
import {
  ApiError,
  type CallContext,
  ConnectionError,
  type MarketError,
  RateLimitError,
  ResponseError,
} from "./errors.js";
import type { ApiErrorDetail } from "./generated/types.js";
import { findExceededLimit, readReset, readRetryAfter } from "./rate-limit.js";

/** A response whose body has been read. */
export interface ReceivedResponse {
  readonly response: Response;
  /** When the head of the response was received, by `Date.now()`. */
  readonly receivedAt: number;
  /** Undefined if the body is larger than 10 MB. */
  readonly text: string | undefined;
  readonly context: CallContext;
}

export interface ParsedResponse extends ReceivedResponse {
  /** Undefined if it is not JSON. */
  readonly body: unknown;
  readonly traceparent: string | undefined;
  /** The error that the response reports or is. */
  readonly error: MarketError | undefined;
  /** The limit that a 420 is about. */
  readonly exceededLimit?: "quota" | "concurrency" | undefined;
  /** The delay that the server asks for, in milliseconds. */
  readonly retryAfter?: number | undefined;
}

type Redact = (text: string) => string;

/** Parses a response. Only errors are redacted: the data of a successful response is returned unchanged. */
export function parseResponse(received: ReceivedResponse, redact: Redact): ParsedResponse {
  const { response, receivedAt, text, context } = received;
  const traceparent = redact(response.headers.get("traceparent") ?? "") || undefined;
  const body = text === undefined ? undefined : parseJson(text);
  if (reportsError(received, body)) return parseError(received, traceparent, redact);
  const error = findUnexpectedFormat(received, body, redact);
  return { response, receivedAt, text, context, body, traceparent, error };
}

function reportsError({ response, text }: ReceivedResponse, body: unknown): boolean {
  const { status, ok } = response;
  if (isRedirect(response) || text === undefined) return false;
  return (status >= 400 && status < 600) || (ok && isRecord(body) && body["status"] === "ERROR");
}

/** A browser hides the status of a redirect. An injected `fetch` may follow it: the target is not the API. */
function isRedirect({ type, redirected, status }: Response): boolean {
  return type === "opaqueredirect" || redirected || [301, 302, 303, 307, 308].includes(status);
}

function parseError(received: ReceivedResponse, traceparent: string | undefined, redact: Redact): ParsedResponse {
  const { response, receivedAt, context } = received;
  const { status, headers } = response;
  const text = redact(received.text ?? "");
  const body = parseJson(text);
  const errors = readErrors(body);
  const reasons = describeErrors(status, errors) || describeBody(text, readContentType(headers, redact));
  const message = `HTTP ${status}: ${reasons}`;
  const details = { status, errors, traceparent, message };
  const retryAfter = readRetryAfter(headers, receivedAt);
  const common = { response, receivedAt, text, context, body, traceparent, retryAfter };
  if (status !== 420) return { ...common, error: new ApiError(context, details) };
  const exceededLimit = findExceededLimit(errors, headers);
  const reset = exceededLimit === "quota" ? readReset(headers, receivedAt) : undefined;
  const retryAt = reset ?? (retryAfter === undefined ? undefined : receivedAt + retryAfter);
  const error = new RateLimitError(context, details, retryAt === undefined ? undefined : new Date(retryAt));
  return { ...common, exceededLimit, error };
}

/** Returns the errors of a response body in the documented format, or the one of a gateway: `{ error: { code, … } }`. */
function readErrors(body: unknown): ApiErrorDetail[] {
  if (!isRecord(body)) return [];
  const { errors, error } = body;
  const list: unknown[] = Array.isArray(errors) ? errors : [error];
  return list.filter(isRecord).map(({ code, message }) => ({
    code: typeof code === "string" || typeof code === "number" ? String(code) : "",
    ...(typeof message === "string" && { message }),
  }));
}

const accessAdvice =
  "belongs to this businessId (a cabinet, not a campaign), and has one of the scopes communication, all-methods, " +
  "all-methods:read-only";

const adviceByStatus: Readonly<Record<number, string>> = {
  401: `; check that the key is not revoked, ${accessAdvice}`,
  403: `; check that the key ${accessAdvice}`,
};

/** Returns an empty string if the API has not described the error: advice would be a guess. */
function describeErrors(status: number, errors: readonly ApiErrorDetail[]): string {
  const reasons = errors.map(({ code, message }) => [code, message].filter(Boolean).join(": ")).join("; ");
  return reasons && `${reasons}${adviceByStatus[status] ?? ""}`;
}

function findUnexpectedFormat(received: ReceivedResponse, body: unknown, redact: Redact): MarketError | undefined {
  const { response, text, context } = received;
  const { ok, status, headers } = response;
  const unexpected = (problem: string) => new ResponseError(context, status, problem);
  if (isRedirect(response)) return unexpected("redirects are not followed, because they would expose the key");
  if (text === undefined) return unexpected("the body is larger than 10 MB");
  if (!ok) return unexpected("the API documents no such status");
  if (status === 204) return undefined;
  if (body === undefined && mayBeTruncated(text, headers)) {
    return new ConnectionError(context, "no complete response: the connection was closed within the body");
  }
  // For example the robot check of the load balancer: an HTML page, at times with status 200.
  if (body === undefined) return unexpected(describeBody(redact(text), readContentType(headers, redact)));
  const name = findUnsafeInteger(text);
  return name === undefined ? undefined : unexpected(`${name} is an integer above 2^53 - 1, which JavaScript rounds`);
}

/** Some bodies end with the connection, and nothing else tells that a part is missing. */
function mayBeTruncated(text: string, headers: Headers): boolean {
  if (!text.startsWith("{") || headers.has("Content-Length")) return false;
  // After "Connection: close", Node.js 20 accepts chunks without an end.
  return !headers.has("Transfer-Encoding") || headers.get("Connection") === "close";
}

function readContentType(headers: Headers, redact: Redact): string {
  return redact(headers.get("Content-Type") ?? "no Content-Type");
}
