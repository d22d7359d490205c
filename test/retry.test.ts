import { describe, expect, it } from "vitest";
import { ApiError, ConnectionError, MarketError, RateLimitError, ResponseError, TimeoutError } from "../src/errors.js";
import { getRetryDelay } from "../src/retry.js";

const context = { operation: "getChat", attempts: 1, redact: (text: string) => text };
const withStatus = (status: number) => new ApiError(context, { status, errors: [], traceparent: undefined });
const rateLimited = new RateLimitError(context, { status: 420, errors: [], traceparent: undefined });

const failed = { failures: 1, congestions: 0, maxRetries: 2, resetDelay: 0, maxWait: 60_000 };

/** The delay without jitter. */
const getDelay = (error: unknown, state: Partial<typeof failed> = {}) =>
  getRetryDelay(error, false, { ...failed, ...state }, 0);

/** The delay without jitter after an attempt that was rejected because of too many concurrent requests. */
const getCongestedDelay = (state: Partial<typeof failed> = {}) =>
  getRetryDelay(rateLimited, true, { ...failed, failures: 0, congestions: 1, ...state }, 0);

describe("getRetryDelay", () => {
  it("returns a delay after the statuses 408, 420, 429 and 5xx only", () => {
    const statuses = Array.from({ length: 400 }, (_, index) => 200 + index);
    const retried = statuses.filter((status) => getDelay(withStatus(status)) !== undefined);
    expect(retried).toEqual([408, 420, 429, ...statuses.slice(300)]);
  });

  it("returns a delay after a connection error or timeout, and undefined after anything else", () => {
    const aborted = new DOMException("aborted", "AbortError");
    for (const error of [new ConnectionError(context, ""), new TimeoutError(context, "")]) {
      expect(getDelay(error)).toBeDefined();
    }
    for (const error of [new ResponseError(context, 200, ""), new MarketError(context, ""), aborted, null, undefined]) {
      expect(getDelay(error)).toBeUndefined();
    }
  });

  it("doubles the delay up to 8 s, and ends after maxRetries", () => {
    const delays = [1, 2, 3, 4, 5, 6, 7].map((failures) => getDelay(withStatus(503), { failures, maxRetries: 6 }));
    expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 8000, undefined]);
  });

  it("doubles the delay after congestion up to 2 s, whatever the number of failures", () => {
    const delays = [1, 2, 3, 4, 5, 6, 7].map((congestions) => getCongestedDelay({ congestions, failures: 9 }));
    expect(delays).toEqual([100, 200, 400, 800, 1600, 2000, 2000]);
  });

  it("returns undefined after congestion if maxRetries is 0", () => {
    expect(getCongestedDelay({ maxRetries: 0 })).toBeUndefined();
  });

  it("shortens the delay by up to 50% at random, but not a delay until the quota resets", () => {
    const getJittered = (random: number, resetDelay: number) =>
      getRetryDelay(withStatus(503), false, { ...failed, resetDelay }, random);
    expect([0, 0.5, 1].map((random) => getJittered(random, 0))).toEqual([500, 375, 250]);
    expect([0, 0.5, 1].map((random) => getJittered(random, 9000))).toEqual([9000, 9000, 9000]);
  });

  it("returns undefined if a delay because of a rate limit would exceed the remaining time", () => {
    for (const [error, state, delay] of [
      [rateLimited, { resetDelay: 9000 }, 9000],
      [rateLimited, {}, 500],
      [withStatus(503), { resetDelay: 1000 }, 1000],
    ] as const) {
      expect(getDelay(error, { ...state, maxWait: delay })).toBe(delay);
      expect(getDelay(error, { ...state, maxWait: delay - 1 })).toBeUndefined();
    }
    expect([100, 99].map((maxWait) => getCongestedDelay({ maxWait }))).toEqual([100, undefined]);
    expect(getDelay(withStatus(503), { maxWait: 0 })).toBe(500);
  });

  it("ignores the exhausted quota after congestion", () => {
    expect(getCongestedDelay({ resetDelay: 9000 })).toBe(100);
  });
});
