import { describe, expect, it } from "vitest";
import {
  ApiError,
  type Call,
  ConnectionError,
  MarketError,
  RateLimitError,
  ResponseError,
  TimeoutError,
} from "../src/errors.js";
import { isAboutQuota, leavesEnough, pauseAfter, quotaRenewsIn, readRateLimit } from "../src/limits.js";

const hour = 3_600_000;

describe("readRateLimit", () => {
  const readable = { limit: "5000", remaining: "4999", until: "Tue, 10 Jul 2018 00:42:42 GMT" };
  const until = new Date(Date.UTC(2018, 6, 10, 0, 42, 42));

  function headersOf(values: { limit?: string; remaining?: string; until?: string }): Headers {
    return new Headers(Object.entries(values).map(([name, value]) => [`X-RateLimit-Resource-${name}`, value]));
  }

  it("reads the three headers", () => {
    expect(readRateLimit(headersOf(readable))).toEqual({ limit: 5000, remaining: 4999, until });
  });

  it("gives nothing where there are none of them", () => {
    expect(readRateLimit(new Headers({ Date: readable.until }))).toBeUndefined();
  });

  it("gives nothing where none can be read", () => {
    expect(readRateLimit(headersOf({ limit: "many", remaining: "", until: "soon" }))).toBeUndefined();
  });

  it.each([
    ["limit", { limit: 5000 }],
    ["remaining", { remaining: 4999 }],
    ["until", { until }],
  ] as const)("gives %s alone where only that can be read, and no keys for the rest", (name, expected) => {
    expect(readRateLimit(headersOf({ [name]: readable[name] }))).toStrictEqual(expected);
  });

  it.each([
    ["0", 0],
    ["007", 7],
    ["5000", 5000],
    [" 12 ", 12],
    ["999999999999999", 999_999_999_999_999],
    ["1000000000000000", undefined],
    ["9".repeat(400), undefined],
    ["-1", undefined],
    ["+1", undefined],
    ["1.5", undefined],
    ["1e3", undefined],
    ["0x10", undefined],
    ["5, 5", undefined],
    ["five", undefined],
    ["Infinity", undefined],
    ["", undefined],
  ])("reads a count of %j as %s", (text, expected) => {
    expect(readRateLimit(headersOf({ remaining: text }))?.remaining).toBe(expected);
    expect(readRateLimit(headersOf({ limit: text }))?.limit).toBe(expected);
  });

  it.each([
    ["Tue, 10 Jul 2018 00:42:42 GMT", "2018-07-10T00:42:42.000Z"],
    // The Market's own example: that day was a Tuesday.
    ["Thu, 10 Jul 2018 00:42:42 GMT", "2018-07-10T00:42:42.000Z"],
    ["Xyz, 10 Jul 2018 00:42:42 GMT", "2018-07-10T00:42:42.000Z"],
    ["10 Jul 2018 00:42:42 GMT", "2018-07-10T00:42:42.000Z"],
    ["Sun, 1 Feb 2026 23:59:59 GMT", "2026-02-01T23:59:59.000Z"],
    ["Thu, 29 Feb 2024 00:00:00 GMT", "2024-02-29T00:00:00.000Z"],
    ["Fri, 31 Dec 9999 23:59:59 GMT", "9999-12-31T23:59:59.000Z"],
    ["Tue, 10 Jul 2018 00:42:42", undefined],
    ["Tue, 10 Jul 2018 00:42:42 +0300", undefined],
    ["Tue, 10 Jul 2018 00:42:42 GMT, Tue, 10 Jul 2018", undefined],
    ["Tue, 10 Jul 2018 25:00:00 GMT", undefined],
    ["Tue, 32 Jul 2018 00:42:42 GMT", undefined],
    ["Tue, 10 Foo 2018 00:42:42 GMT", undefined],
    ["Tue, 10 Jul 99999 00:42:42 GMT", undefined],
    ["Tuesday, 10-Jul-18 00:42:42 GMT", undefined],
    ["Tue Jul 10 00:42:42 2018", undefined],
    ["2018-07-10T00:42:42Z", undefined],
    ["1531183362", undefined],
    ["tomorrow", undefined],
    ["", undefined],
  ])("reads a date of %j as %s, whatever its weekday", (text, expected) => {
    expect(readRateLimit(headersOf({ until: text }))?.until?.toISOString()).toBe(expected);
  });
});

describe("quotaRenewsIn", () => {
  const marketNow = Date.UTC(2026, 0, 31, 12);
  const date = new Date(marketNow).toUTCString();
  const inAMinute = { until: new Date(marketNow + 60_000) };

  it.each([
    ["with equal clocks", marketNow],
    ["with a caller five hours ahead", marketNow + 5 * hour],
    ["with a caller five hours behind", marketNow - 5 * hour],
    ["with a caller that believes it is 1970", 0],
  ])("is measured by the answer's own date %s", (_, now) => {
    expect(quotaRenewsIn(inAMinute, new Headers({ Date: date }), now)).toBe(60_000);
  });

  it.each([
    ["missing", {}],
    ["malformed", { Date: "yesterday" }],
  ])("is measured by the caller's clock where the date is %s", (_, headers) => {
    expect(quotaRenewsIn(inAMinute, new Headers(headers), marketNow + 15_000)).toBe(45_000);
  });

  it.each([
    ["0 at the moment of renewal", marketNow, 0],
    ["negative after it", marketNow - 1000, -1000],
    ["large long before it", marketNow + 24 * hour, 24 * hour],
  ])("is %s", (_, until, expected) => {
    expect(quotaRenewsIn({ until: new Date(until) }, new Headers({ Date: date }), 0)).toBe(expected);
  });

  it.each([[undefined], [{}], [{ limit: 1000, remaining: 0 }]])(
    "is unknown where the answer says only %j",
    (rateLimit) => {
      expect(quotaRenewsIn(rateLimit, new Headers({ Date: date }), marketNow)).toBeUndefined();
    },
  );
});

describe("leavesEnough", () => {
  it.each([
    ["4", 4, true],
    ["5", 4, true],
    ["3", 4, false],
    ["0", 1, false],
    ["many", 1, false],
    [undefined, 1, false],
  ])("with %s left for %i requests: %s", (remaining, requests, expected) => {
    const headers = new Headers(remaining === undefined ? {} : { "X-RateLimit-Resource-Remaining": remaining });
    expect(leavesEnough(headers, requests)).toBe(expected);
  });
});

describe("isAboutQuota", () => {
  const quota = "Hit rate limit of 1000 requests per 'hour' for resource 'getChat'";
  const parallel = "Hit rate limit of 4 parallel requests for businessId 123456";

  it.each([
    ["the quota is named, none remain", [quota], 0, true],
    ["the quota is named, some remain: another process may have taken them since", [quota], 7, true],
    ["the quota is named, nothing is said of what remains", [quota], undefined, true],
    ["parallel requests are named, some remain", [parallel], 7, false],
    ["parallel requests are named, none remain", [parallel], 0, false],
    ["parallel requests are named, nothing is said of what remains", [parallel], undefined, false],
    ["parallel requests are named in capitals", ["TOO MANY PARALLEL REQUESTS"], 0, false],
    ["the reason comes second", ["Try later", quota], 7, true],
    ["the reason comes second", ["Try later", parallel], 0, false],
    ["both are named", [quota, parallel], 0, false],
    ["no reason is given, none remain", [], 0, true],
    ["no reason is given, some remain", [], 1, false],
    ["no reason is given, nothing is said of what remains", [], undefined, true],
    ["another reason is given, none remain", ["Slow down"], 0, true],
    ["another reason is given, some remain", ["Slow down"], 1, false],
  ])("with %s %j and %s left: %s", (_, messages, remaining, expected) => {
    const errors = messages.map((message) => ({ code: "LIMIT_EXCEEDED", message }));
    expect(isAboutQuota(errors, remaining === undefined ? {} : { remaining })).toBe(expected);
  });

  it("takes an answer without any header, and an error without a message", () => {
    expect(isAboutQuota([{ code: "LIMIT_EXCEEDED" }], undefined)).toBe(true);
  });
});

describe("pauseAfter", () => {
  const call: Call = { operation: "getChat", attempts: 1, redact: (text) => text };
  const maxQuotaWait = 60_000;

  function apiError(status: number): ApiError {
    const answer = { status, errors: [] };
    return status === 420 ? new RateLimitError(call, answer, undefined) : new ApiError(call, answer);
  }

  function pause(failure: unknown, { attempt = 1, quotaWait = undefined as number | undefined, random = 0 } = {}) {
    return pauseAfter(failure, attempt, quotaWait, maxQuotaWait, random);
  }

  it.each([408, 420, 429, 500, 502, 503, 504, 599])("another attempt is worth it after %i", (status) => {
    expect(pause(apiError(status))).toBe(500);
  });

  it.each([200, 400, 401, 403, 404, 405, 415, 419, 421, 423, 451, 499])("and not after %i", (status) => {
    expect(pause(apiError(status))).toBeUndefined();
    expect(pause(apiError(status), { quotaWait: 1000 })).toBeUndefined();
  });

  it.each([
    ["a lost connection", 500, new ConnectionError(call, "reset")],
    ["a timeout", 500, new TimeoutError(call, "too late")],
    ["an answer outside the interface", undefined, new ResponseError(call, 200, "it is HTML")],
    ["a redirect", undefined, new ResponseError(call, 302, "it leads elsewhere")],
    ["an apiKey function that failed", undefined, new MarketError(call, "no key")],
    ["an apiKey function that returned no key", undefined, new TypeError("apiKey must be the token")],
    ["an abort", undefined, new DOMException("aborted", "AbortError")],
    ["an abort with null for a reason", undefined, null],
    ["an abort with a text for a reason", undefined, "enough"],
  ])("after %s is %s", (_, expected, failure) => {
    expect(pause(failure)).toBe(expected);
  });

  it.each([
    [1, 500],
    [2, 1000],
    [3, 2000],
    [4, 4000],
    [5, 8000],
    [6, 8000],
    [5000, 8000],
  ])("after attempt %i is at most %i ms, and at least half of it", (attempt, longest) => {
    const pauses = [0, 0.25, 0.5, 1].map((random) => pause(apiError(503), { attempt, random }));
    expect(pauses).toEqual([longest, longest * 0.875, longest * 0.75, longest / 2]);
  });

  it.each([
    ["is as long as the quota takes, to the millisecond", 59_999, 59_999],
    ["is as long as the caller would wait at most", 60_000, 60_000],
    ["is not made if the quota takes longer than that", 60_001, undefined],
    ["is not made if the quota takes hours", 5 * hour, undefined],
    ["is not made if the quota takes for ever", Infinity, undefined],
    ["is the usual one if the quota has just been renewed", 0, 500],
    ["is the usual one if the quota was renewed in the past", -5 * hour, 500],
  ])("%s", (_, quotaWait, expected) => {
    expect(pause(apiError(420), { quotaWait })).toBe(expected);
  });

  it("has no jitter while it waits for the quota, and does not grow", () => {
    expect(pause(apiError(420), { attempt: 5, quotaWait: 1234, random: 1 })).toBe(1234);
  });
});
