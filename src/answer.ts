/** What an answer of the Market says, and whether it is one of those that are documented. */
import { ApiError, type Call, RateLimitError, ResponseError } from "./errors.js";
import type { ApiErrorDetail } from "./generated/types.js";
import { isAboutQuota, readQuota } from "./limits.js";
import { isRecord } from "./options.js";

/** An answer, read to its end. */
export interface Answer {
  readonly response: Response;
  readonly text: string;
  /** What the text holds. Undefined if it is not JSON. */
  readonly body: unknown;
  /** Undefined if the answer is neither an error nor outside the documented interface. */
  readonly failure: ApiError | ResponseError | undefined;
}

export function judge(response: Response, text: string, call: Call): Answer {
  const body = parse(text);
  return { response, text, body, failure: failureOf(response, text, body, call) };
}

function failureOf(response: Response, text: string, body: unknown, call: Call): Answer["failure"] {
  const { status } = response;
  // First of all: what stands where a redirect led to is not the Market's word.
  if (response.type === "opaqueredirect" || response.redirected || (status >= 300 && status < 400)) {
    return new ResponseError(call, status, "redirects are not followed: the key goes nowhere else");
  }
  if ((status >= 400 && status < 600) || (response.ok && saysError(body))) {
    const answer = { status, errors: errorsIn(body), traceparent: traceparentOf(response) };
    return status === 420
      ? new RateLimitError(call, answer, retryAtOf(response, answer.errors))
      : new ApiError(call, answer);
  }
  const oddity = oddityOf(response, text, body);
  return oddity === undefined ? undefined : new ResponseError(call, status, oddity);
}

/** When the quota is renewed, by this machine's clock, if that is what a 420 is about. */
function retryAtOf({ headers }: Response, errors: readonly ApiErrorDetail[]): Date | undefined {
  const { rateLimit, renewsIn } = readQuota(headers);
  const isUsedUp = rateLimit?.remaining === 0 || isAboutQuota(errors, rateLimit);
  return isUsedUp && renewsIn !== undefined && renewsIn > 0 ? new Date(Date.now() + renewsIn) : undefined;
}

/** By this the Market's support finds a call. */
export function traceparentOf(response: Response): string | undefined {
  return response.headers.get("traceparent") ?? undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An answer with status 200 may be an error all the same, says the documentation of both operations. */
function saysError(body: unknown): boolean {
  return isRecord(body) && body["status"] === "ERROR";
}

/** The codes and texts in the body of an error. None, if the body is not the documented one. */
function errorsIn(body: unknown): ApiErrorDetail[] {
  const errors: unknown[] = isRecord(body) && Array.isArray(body["errors"]) ? body["errors"] : [];
  return errors.filter(isRecord).map(({ code, message }) => ({
    code: typeof code === "string" ? code : "",
    ...(typeof message === "string" && { message }),
  }));
}

/** What is outside the documented interface in an answer that is no error. */
function oddityOf(response: Response, text: string, body: unknown): string | undefined {
  if (!response.ok) {
    return "HTTP knows no such status";
  }
  if (response.status === 204) {
    return undefined;
  }
  if (text === "") {
    return "the body is empty";
  }
  if (body === undefined) {
    // Of a robot check in HTML, say, which may come with status 200.
    const [mediaType = ""] = (response.headers.get("Content-Type") ?? "").split(";", 1);
    return `the body is not JSON${mediaType && ` (${mediaType})`}`;
  }
  // `JSON.parse` says nothing when it rounds; and a rounded ID is somebody else's.
  const rounded = findRounded(body, 0);
  return rounded === undefined
    ? undefined
    : `${rounded.replace(/^\./, "")} is an integer beyond 2^53 − 1, which JavaScript would round`;
}

/** The place of an integer beyond 2^53 − 1, as in `.result.chats[3].chatId`. */
function findRounded(value: unknown, depth: number): string | undefined {
  if (typeof value === "number") {
    return Math.abs(value) > Number.MAX_SAFE_INTEGER ? "" : undefined; // too long a number is Infinity by now
  }
  // The documented answers are five levels deep. What is nested a hundred deep is there to exhaust the stack.
  if (typeof value !== "object" || value === null || depth > 100) {
    return undefined;
  }
  // Not Object.entries, which makes an array for each pair: on a page of 20 chats that takes 11 µs, and this 4.
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      const place = findRounded(value[index], depth + 1);
      if (place !== undefined) {
        return `[${index}]${place}`;
      }
    }
    return undefined;
  }
  const record = value as Record<string, unknown>;
  for (const key in record) {
    const place = findRounded(record[key], depth + 1);
    if (place !== undefined) {
      return `.${key}${place}`;
    }
  }
  return undefined;
}
