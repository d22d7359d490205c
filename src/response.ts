import { describeBody, findUnsafeInteger, parseJson, toLine } from "./body.js";
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
export interface ParsedResponse {
  readonly response: Response;
  /** When the head of the response was received, by `Date.now()`. */
  readonly receivedAt: number;
  readonly context: CallContext;
  /** Undefined if the body is larger than 10 MB. */
  readonly text: string | undefined;
  /** Undefined if the text is not JSON. */
  readonly body: unknown;
  readonly traceparent: string | undefined;
  /** The ApiError that the response reports, or why it cannot be used: a ResponseError or ConnectionError. */
  readonly error: MarketError | undefined;
  /** The limit that a 420 is about. */
  readonly exceededLimit?: "quota" | "concurrency";
  /** The delay that the server asks for, in milliseconds. */
  readonly retryAfter?: number | undefined;
}

type Received = Pick<ParsedResponse, "response" | "receivedAt" | "context" | "text"> & {
  /** Removes the API key from a string. */
  readonly redact: (text: string) => string;
};

/** Parses a response. Only errors are redacted: the data of a successful response is returned unchanged. */
export function parseResponse(received: Received): ParsedResponse {
  const { response, receivedAt, context, text } = received;
  const body = text === undefined ? undefined : parseJson(text);
  if (reportsError(received, body)) return parseError(received);
  const traceparent = readHeader(received, "traceparent");
  return { response, receivedAt, context, text, body, traceparent, error: findUnexpectedFormat(received, body) };
}

function reportsError({ response, text }: Received, body: unknown): boolean {
  const { status, ok } = response;
  if (isRedirect(response) || text === undefined) return false;
  return (status >= 400 && status < 600) || (ok && isRecord(body) && body["status"] === "ERROR");
}

/** A browser hides the status of a redirect. An injected `fetch` may follow it: the target is not the API. */
function isRedirect({ type, redirected, status }: Response): boolean {
  return type === "opaqueredirect" || redirected || [301, 302, 303, 307, 308].includes(status);
}

function parseError(received: Received): ParsedResponse {
  const { response, receivedAt, context, text: rawText = "", redact } = received;
  const { status, headers } = response;
  // Strings are redacted when they are parsed: in JSON, the key may be escaped.
  const body = parseJson(rawText, (_, value) => (typeof value === "string" ? redact(value) : value));
  const text = redact(body === undefined ? rawText : JSON.stringify(body));
  const errors = readErrors(body);
  const traceparent = readHeader(received, "traceparent");
  const reasons = errors.map(({ code, message }) => [code, message].filter(Boolean).join(": ")).join("; ");
  const description = reasons
    ? toLine(reasons, 1000) + getAdvice(status, body)
    : describeBody(text, readHeader(received, "Content-Type"));
  const details = { status, errors, traceparent, message: `HTTP ${status}: ${description}` };
  const retryAfter = readRetryAfter(headers, receivedAt);
  const parsed = { response, receivedAt, context, text, body, traceparent, retryAfter };
  if (status !== 420) return { ...parsed, error: new ApiError(context, details) };
  const exceededLimit = findExceededLimit(errors, headers);
  const reset = exceededLimit === "quota" ? readReset(headers, receivedAt) : undefined;
  const retryAt = Math.max(reset ?? 0, retryAfter === undefined ? 0 : receivedAt + retryAfter);
  const error = new RateLimitError(context, details, retryAt > 0 ? new Date(retryAt) : undefined);
  return { ...parsed, exceededLimit, error };
}

/**
 * Returns the errors of a response body in the documented format, or the one of a gateway: `{ error: { code, … } }`.
 */
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
  "belongs to this businessId (a cabinet, not a campaign), and has one of the scopes communication, all-methods, or " +
  "all-methods:read-only to read";

const adviceByStatus: Readonly<Record<number, string>> = {
  401: `; check that the key is not revoked, ${accessAdvice}`,
  403: `; check that the key ${accessAdvice}`,
};

/** If a load balancer or gateway has responded instead of the API, advice would be a guess. */
function getAdvice(status: number, body: unknown): string {
  const isDocumented = isRecord(body) && Array.isArray(body["errors"]);
  return (isDocumented && adviceByStatus[status]) || "";
}

function findUnexpectedFormat(received: Received, body: unknown): MarketError | undefined {
  const { response, context, text, redact } = received;
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
  if (body === undefined) return unexpected(describeBody(redact(text), readHeader(received, "Content-Type")));
  const name = findUnsafeInteger(text);
  return name === undefined ? undefined : unexpected(`${name} is an integer above 2^53 - 1, which JavaScript rounds`);
}

/** Some bodies end with the connection, and nothing else tells that a part is missing. */
function mayBeTruncated(text: string, headers: Headers): boolean {
  if (headers.has("Content-Length")) return false;
  // After "Connection: close", Node.js 20 accepts chunks without an end.
  const isClosed = /\bclose\b/i.test(headers.get("Connection") ?? "");
  if (text === "") return isClosed;
  return /^\s*\{/.test(text) && (isClosed || !headers.has("Transfer-Encoding"));
}

function readHeader({ response, redact }: Received, name: string): string | undefined {
  return redact(response.headers.get(name) ?? "") || undefined;
}
