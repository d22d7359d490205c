/** What an answer of the Market says: its result, or what went wrong. */
import { ApiError, type ApiErrorAnswer, type Call, RateLimitError, ResponseError } from "./errors.js";
import type { ApiErrorDetail, ApiErrorResponse } from "./generated/types.js";
import { isAboutQuota, quotaRenewsIn, type RateLimit, readRateLimit } from "./limits.js";
import { isRecord } from "./options.js";

/** What an answer says before its result is looked at. */
export interface Verdict {
  /** Undefined if the status is one of success. */
  failure: ApiError | ResponseError | undefined;
  rateLimit: RateLimit | undefined;
  /** In how many milliseconds the quota is renewed. */
  renewsIn: number | undefined;
}

export function judge(response: Response, text: string, call: Call): Verdict {
  const rateLimit = readRateLimit(response.headers);
  const renewsIn = quotaRenewsIn(rateLimit, response.headers, Date.now());
  const { status } = response;
  let failure: Verdict["failure"];
  if (response.type === "opaqueredirect" || response.redirected || (status >= 300 && status < 400)) {
    failure = new ResponseError(call, status, "redirects are not followed: the key goes nowhere else");
  } else if (status >= 400 && status < 600) {
    const answer = { status, errors: errorsIn(parse(text)), traceparent: traceparentOf(response) };
    failure = status === 420 ? rateLimitError(call, answer, rateLimit, renewsIn) : new ApiError(call, answer);
  } else if (!response.ok) {
    failure = new ResponseError(call, status, "HTTP knows no such status");
  }
  return { failure, rateLimit, renewsIn };
}

function rateLimitError(
  call: Call,
  answer: ApiErrorAnswer,
  rateLimit: RateLimit | undefined,
  renewsIn = 0,
): RateLimitError {
  const isWaitKnown = renewsIn > 0 && isAboutQuota(answer.errors, rateLimit);
  return new RateLimitError(call, answer, isWaitKnown ? new Date(Date.now() + renewsIn) : undefined);
}

export function traceparentOf(response: Response): string | undefined {
  return response.headers.get("traceparent") ?? undefined;
}

/** The codes and texts in the body of an error. None, if the body is not the documented one. */
function errorsIn(body: unknown): ApiErrorDetail[] {
  const errors: unknown[] = isRecord(body) && Array.isArray(body["errors"]) ? body["errors"] : [];
  return errors.filter(isRecord).map(({ code, message }) => ({
    code: typeof code === "string" ? code : "",
    ...(typeof message === "string" && { message }),
  }));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The error for a body that `JSON.parse` gave up on: a robot check in HTML, say, which may come with status 200. */
export function notJson(response: Response, call: Call): ResponseError {
  const [mediaType = ""] = (response.headers.get("Content-Type") ?? "").split(";", 1);
  return new ResponseError(call, response.status, `the body is not JSON${mediaType && ` (${mediaType})`}`);
}

/** The documented form of an answer with status 200. */
export interface Envelope<Result> extends ApiErrorResponse {
  result?: Result;
}

/**
 * The `result` of an answer with status 200.
 *
 * @throws ApiError if the answer is an error all the same.
 * @throws ResponseError if it is not the documented one, or JavaScript has rounded an integer in it.
 */
export function resultOf<Result>(body: Envelope<Result> | null | undefined, response: Response, call: Call): Result {
  if (body?.status === "ERROR") {
    throw new ApiError(call, {
      status: response.status,
      errors: errorsIn(body),
      traceparent: traceparentOf(response),
    });
  }
  const result = body?.result;
  if (!isRecord(result)) {
    throw new ResponseError(call, response.status, "there is no result in the answer");
  }
  refuseRounded(body, response, call);
  return result;
}

/**
 * `JSON.parse` rounds an integer beyond 2^53 − 1 and says nothing; a rounded ID is somebody else's.
 *
 * @throws ResponseError that names the place, as in `result.chats[3].chatId`.
 */
export function refuseRounded(body: unknown, response: Response, call: Call): void {
  const place = findRounded(body, 0);
  if (place !== undefined) {
    const name = place.replace(/^\./, "");
    throw new ResponseError(call, response.status, `${name} is an integer that JavaScript cannot hold: it was rounded`);
  }
}

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
