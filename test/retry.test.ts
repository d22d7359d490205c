import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError, ConnectionError, MarketError, RateLimitError, ResponseError, TimeoutError } from "../src/errors.js";
import type { ParsedResponse } from "../src/response.js";
import { getRetryDelay } from "../src/retry.js";

const context = { operation: "getChat", pageToken: undefined, attempts: 1 };
const details = { errors: [], traceparent: undefined, message: "" };
const withStatus = (status: number) => new ApiError(context, { ...details, status });
const rateLimited = new RateLimitError(context, { ...details, status: 420 }, undefined);
const refused = new ConnectionError(context, "no complete response: fetch failed: connect ECONNREFUSED 127.0.0.1:1");

const repeatable = { maxRetries: 6, isRepeatable: true };

beforeEach(() => void vi.spyOn(Math, "random").mockReturnValue(0));
afterEach(() => void vi.restoreAllMocks());

const range = (length: number) => Array.from({ length }, (_, index) => index + 1);

describe("getRetryDelay", () => {
  const statuses = range(399).map((index) => 200 + index);
  const getRetried = (isRepeatable: boolean) =>
    statuses.filter((status) => getRetryDelay({ error: withStatus(status) }, { ...repeatable, isRepeatable }, 1, 0));

  it("returns a delay after the statuses 408, 420, 429 and 5xx only", () => {
    expect(getRetried(true)).toEqual([408, 420, 429, ...range(100).map((index) => 499 + index)]);
  });

  it("returns a delay after 420 and 429 only, if the API must not process the request twice", () => {
    expect(getRetried(false)).toEqual([420, 429]);
  });

  it.each([
    ["a connection error", new ConnectionError(context, "read ECONNRESET"), true, false],
    ["a refused connection", refused, true, true],
    ["a connection refused in Bun", new ConnectionError(context, "ConnectionRefused"), true, true],
    ["a connection refused in Deno", new ConnectionError(context, "Connection refused (os error 111)"), true, true],
    ["a timeout", new TimeoutError(context, ""), true, false],
    ["another format", new ResponseError(context, 200, ""), false, false],
    ["another error", new MarketError(context, "ECONNREFUSED"), false, false],
    ["an abort", new DOMException("aborted", "AbortError"), false, false],
    ["no error", undefined, false, false],
  ])("after %s", (_, error, ifRepeatable, ifNotRepeatable) => {
    const mayRetry = [true, false].map((isRepeatable) => {
      return getRetryDelay({ error }, { maxRetries: 1, isRepeatable }, 1, 0) !== undefined;
    });
    expect(mayRetry).toEqual([ifRepeatable, ifNotRepeatable]);
  });

  it("doubles the delay up to 8 s, and ends after maxRetries", () => {
    const delays = range(7).map((failures) => getRetryDelay({ error: withStatus(503) }, repeatable, failures, 0));
    expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 8000, undefined]);
  });

  it("doubles the delay after congestion up to 2 s, whatever the number of failures", () => {
    const outcome = { received: { exceededLimit: "concurrency" } as ParsedResponse, error: rateLimited };
    const delays = range(7).map((congestions) => getRetryDelay(outcome, repeatable, 9, congestions));
    expect(delays).toEqual([100, 200, 400, 800, 1600, 2000, 2000]);
    expect(getRetryDelay(outcome, { ...repeatable, maxRetries: 0 }, 0, 1)).toBeUndefined();
  });

  it("shortens the backoff by up to 50% at random, but not the delay that the server asks for", () => {
    const received = { retryAfter: 3000 } as ParsedResponse;
    const delays = [0, 0.5, 1].map((random) => {
      vi.mocked(Math.random).mockReturnValue(random);
      const error = withStatus(503);
      return [getRetryDelay({ error }, repeatable, 1, 0), getRetryDelay({ error, received }, repeatable, 1, 0)];
    });
    expect(delays).toEqual([
      [500, 3000],
      [375, 3000],
      [250, 3000],
    ]);
  });
});
