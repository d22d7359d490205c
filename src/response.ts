import { ApiError, type CallContext, type MarketError, RateLimitError, ResponseError } from "./errors.js";
import type { ApiErrorDetail } from "./generated/types.js";
import { isRecord } from "./check.js";
import { readReset, type Instant, isQuotaError } from "./quota.js";

export type ParsedResponse = ReturnType<typeof parseResponse>;

/**
 * Parses a response whose body has been read.
 *
 * @returns `body` is undefined if it is not JSON. `error` is the error that the response reports or is. `isCongested`
 * tells whether the API rejected the request because of too many concurrent ones.
 */
export function parseResponse(response: Response, receivedAt: Instant, text: string, context: CallContext) {
  const header = response.headers.get("traceparent");
  const traceparent = header === null ? undefined : context.redact(header);
  const received = { response, receivedAt, text, body: parseJson(text), context, traceparent };
  const error = findError(received);
  const isCongested = error instanceof RateLimitError && !isQuotaError(error.errors, response.headers);
  return Object.assign(received, { error, isCongested }); // A spread is slower.
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type Received = Omit<ParsedResponse, "error" | "isCongested">;

function findError({ response, receivedAt, text, body, context, traceparent }: Received): MarketError | undefined {
  const { status, ok, type, redirected, headers } = response;
  // Checked first: whatever the target of a redirect responds, it is not the API.
  if (type === "opaqueredirect" || redirected || (status >= 300 && status < 400)) {
    return new ResponseError(context, status, "redirects are not followed, because they would expose the key");
  }
  // The reference pages allow a 200 that reports an error.
  if ((status >= 400 && status < 600) || (ok && isRecord(body) && body["status"] === "ERROR")) {
    const details = { status, errors: readErrors(body, context), traceparent };
    if (status !== 420) return new ApiError(context, details);
    const reset = isQuotaError(details.errors, headers) ? readReset(headers, receivedAt) : undefined;
    return new RateLimitError(context, details, reset && new Date(reset.wallClock));
  }
  const problem = findFormatProblem(response, text, body);
  return problem === undefined ? undefined : new ResponseError(context, status, problem);
}

/** Returns the documented errors of a response body, and none if the body has another format. */
function readErrors(body: unknown, { redact }: CallContext): ApiErrorDetail[] {
  const errors: unknown[] = isRecord(body) && Array.isArray(body["errors"]) ? body["errors"] : [];
  return errors.filter(isRecord).map(({ code, message }) => ({
    code: typeof code === "string" ? redact(code) : "",
    ...(typeof message === "string" && { message: redact(message) }),
  }));
}

function findFormatProblem({ ok, status, headers }: Response, text: string, body: unknown): string | undefined {
  if (!ok) return "unknown HTTP status";
  if (status === 204) return undefined;
  if (text === "") return "the body is empty";
  // For example the robot check of the load balancer: an HTML page, at times with status 200.
  if (body === undefined) return `the body is not JSON (${headers.get("Content-Type") ?? "no Content-Type"})`;
  const path = findUnsafeInteger(body, 0);
  return path === undefined ? undefined : `body${path} is an integer above 2^53 - 1, which JavaScript rounds`;
}

/** Returns the path of an integer that `JSON.parse` has rounded: `.result.chats[3].chatId`. */
function findUnsafeInteger(value: unknown, depth: number): string | undefined {
  if (typeof value === "number") return Math.abs(value) > Number.MAX_SAFE_INTEGER ? "" : undefined;
  // Documented responses have five levels. A hundred are an attempt to exhaust the stack.
  if (typeof value !== "object" || value === null || depth > 100) return undefined;
  // Loops: Object.entries creates an array per property, and takes 11 µs for a page of 20 chats instead of 4.
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      const path = findUnsafeInteger(value[index], depth + 1);
      if (path !== undefined) return `[${index}]${path}`;
    }
  } else if (isRecord(value)) {
    for (const key in value) {
      const path = findUnsafeInteger(value[key], depth + 1);
      if (path !== undefined) return `.${key}${path}`;
    }
  }
  return undefined;
}
