import { describe, expect, it } from "vitest";
import { ApiError, ConnectionError, MarketError, RateLimitError, ResponseError, TimeoutError } from "../src/errors.js";
import { getRetryDelay } from "../src/retry.js";

const context = { operation: "getChat", attempts: 1, redact: (text: string) => text };
const withStatus = (status: number) => new ApiError(context, { status, errors: [], traceparent: undefined });
const rateLimited = new RateLimitError(context, { status: 420, errors: [], traceparent: undefined });

const failed = { failures: 1, congestions: 0, isCongested: false };
const limits = { maxRetries: 2, resetDelay: 0, maxWait: 60_000 };

/** The delay without jitter. */
const getDelay = (error: unknown, counts: Partial<typeof failed> = {}, limit: Partial<typeof limits> = {}) =>
  getRetryDelay(error, { ...failed, ...counts }, { ...limits, ...limit }, 0);

describe("getRetryDelay", () => {
  it.each([408, 420, 429, 500, 502, 503, 504, 599])("returns a delay after the status %i", (status) => {
    expect(getDelay(withStatus(status))).toBe(500);
  });

  it.each([200, 400, 401, 403, 404, 405, 415, 419, 421, 423, 428, 499])(
    "returns undefined after the status %i",
    (status) => {
      expect(getDelay(withStatus(status))).toBeUndefined();
    },
  );

  it.each<[string, unknown, number | undefined]>([
    ["a connection error", new ConnectionError(context, "reset"), 500],
    ["a timeout", new TimeoutError(context, "timeout"), 500],
    ["a response in another format", new ResponseError(context, 200, "HTML"), undefined],
    ["an error of the apiKey function", new MarketError(context, "no key"), undefined],
    ["an abort", new DOMException("aborted", "AbortError"), undefined],
    ["an abort with the reason null", null, undefined],
    ["a success", undefined, undefined],
  ])("given %s returns the right delay", (_, error, expected) => {
    expect(getDelay(error)).toBe(expected);
  });

  it("doubles the delay up to 8 s, and ends after maxRetries", () => {
    const delays = [1, 2, 3, 4, 5, 6, 7].map((failures) => getDelay(withStatus(503), { failures }, { maxRetries: 6 }));
    expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 8000, undefined]);
  });

  it("doubles the delay after congestion up to 2 s, whatever the number of failures", () => {
    const delays = [1, 2, 3, 4, 5, 6, 7].map((congestions) =>
      getDelay(rateLimited, { isCongested: true, congestions, failures: 9 }),
    );
    expect(delays).toEqual([100, 200, 400, 800, 1600, 2000, 2000]);
  });

  it("returns undefined after congestion if maxRetries is 0", () => {
    expect(getDelay(rateLimited, { isCongested: true, congestions: 1 }, { maxRetries: 0 })).toBeUndefined();
  });

  it("shortens the delay by up to 50% at random, but not a delay until the quota resets", () => {
    const getJittered = (random: number, resetDelay: number) =>
      getRetryDelay(withStatus(503), failed, { ...limits, resetDelay }, random);
    expect([0, 0.5, 1].map((random) => getJittered(random, 0))).toEqual([500, 375, 250]);
    expect([0, 0.5, 1].map((random) => getJittered(random, 9000))).toEqual([9000, 9000, 9000]);
  });

  it.each([
    ["a delay of the exhausted quota, within", withStatus(503), { resetDelay: 1000, maxWait: 1000 }, 1000],
    ["a delay of the exhausted quota, above", withStatus(503), { resetDelay: 1001, maxWait: 1000 }, undefined],
    ["the backoff after a 420, within", rateLimited, { maxWait: 500 }, 500],
    ["the backoff after a 420, above", rateLimited, { maxWait: 499 }, undefined],
    ["the backoff after another error, not subject to", withStatus(503), { maxWait: 0 }, 500],
  ])("given %s the remaining time returns the right delay", (_, error, limit, expected) => {
    expect(getDelay(error, {}, limit)).toBe(expected);
  });

  it("ignores the exhausted quota after congestion", () => {
    expect(getDelay(rateLimited, { isCongested: true, congestions: 1 }, { resetDelay: 9000 })).toBe(100);
  });
});
