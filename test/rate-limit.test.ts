import { describe, expect, it } from "vitest";
import { findExceededLimit, readRateLimit, readReset, readRetryAfter } from "../src/rate-limit.js";

const hour = 3_600_000;
const now = Date.UTC(2018, 6, 10);

function createHeaders({ Date: date, ...quota }: Record<string, string | undefined>): Headers {
  const entries = Object.entries(quota).map(([name, value]) => [`X-RateLimit-Resource-${name}`, value]);
  return new Headers([...entries, ["Date", date]].filter((entry): entry is [string, string] => entry[1] !== undefined));
}

const toHttpDate = (time: number) => new Date(time).toUTCString();

describe("readRateLimit", () => {
  it("returns the values of the three headers", () => {
    const headers = createHeaders({ limit: "5000", remaining: "4999", until: toHttpDate(now) });
    expect(readRateLimit(headers)).toStrictEqual({ limit: 5000, remaining: 4999, until: new Date(now) });
  });

  it("omits headers that are missing or invalid", () => {
    expect(readRateLimit(createHeaders({ limit: "x", remaining: "0" }))).toStrictEqual({ remaining: 0 });
    expect(readRateLimit(createHeaders({ limit: "x", until: "soon" }))).toBeUndefined();
    expect(readRateLimit(createHeaders({}))).toBeUndefined();
  });

  it.each([
    [" 12 ", 12],
    ["999999999999999", 999_999_999_999_999],
    ["1000000000000000", undefined],
    ["-1", undefined],
    ["5, 5", undefined],
    ["", undefined],
  ])("reads the number %j as %s", (value, expected) => {
    expect(readRateLimit(createHeaders({ limit: value }))?.limit).toBe(expected);
  });

  it.each([
    ["Tue, 10 Jul 2018 00:42:42 GMT", "2018-07-10T00:42:42.000Z"],
    // The weekday is wrong in the sample of the documentation.
    ["Thu, 10 Jul 2018 00:42:42 GMT", "2018-07-10T00:42:42.000Z"],
    ["Sun, 1 Feb 2026 23:59:59 GMT", "2026-02-01T23:59:59.000Z"],
    ["Tue, 10 Jul 2018 00:42:42 +0300", undefined],
    ["Tue, 10 Jul 2018 00:42:42 GMT, Tue", undefined],
    ["Tue, 10 Jul 2018 25:00:00 GMT", undefined],
    ["Tue, 10 Foo 2018 00:42:42 GMT", undefined],
    ["", undefined],
  ])("reads the date %j as %s", (value, expected) => {
    expect(readRateLimit(createHeaders({ until: value }))?.until?.toISOString()).toBe(expected);
  });
});

describe("readReset", () => {
  const receivedAt = now + 5 * hour;

  it.each([
    [1000, 1000],
    [24 * hour, 24 * hour],
    [24 * hour + 1000, undefined],
    [0, undefined],
    [-1000, undefined],
  ])("returns the time %i ms after the server's date as a delay of %s ms by the local clock", (delay, expected) => {
    const headers = createHeaders({ until: toHttpDate(now + delay), Date: toHttpDate(now) });
    expect(readReset(headers, receivedAt)).toBe(expected && receivedAt + expected);
  });

  it.each([undefined, "yesterday"])("uses the local clock if the Date header is %s", (date) => {
    const headers = createHeaders({ until: toHttpDate(now + 5 * hour + 1000), Date: date });
    expect(readReset(headers, receivedAt)).toBe(receivedAt + 1000);
  });

  it("returns undefined without a reset time", () => {
    expect(readReset(createHeaders({ Date: toHttpDate(now) }), receivedAt)).toBeUndefined();
  });
});

describe("readRetryAfter", () => {
  it.each([
    ["3", 3000],
    [" 1.5 ", 1500],
    ["0", undefined],
    ["-1", undefined],
    ["soon", undefined],
    ["", undefined],
    [toHttpDate(now + 3000), 3000],
    [toHttpDate(now), undefined],
    [toHttpDate(now - 3000), undefined],
  ])("reads %j as a delay of %s ms, by the server's date", (value, expected) => {
    const headers = new Headers({ "Retry-After": value, Date: toHttpDate(now) });
    expect(readRetryAfter(headers, now + 5 * hour)).toBe(expected);
  });

  it("returns undefined without the header, and uses the local clock without a date", () => {
    expect(readRetryAfter(new Headers(), now)).toBeUndefined();
    expect(readRetryAfter(new Headers({ "Retry-After": toHttpDate(now + 3000) }), now)).toBe(3000);
  });
});

describe("findExceededLimit", () => {
  const quota = "Hit rate limit of 1000 requests per 'hour' for resource 'getChat'";
  const parallel = "Hit rate limit of 4 parallel requests for businessId 123456";

  it.each<[messages: (string | undefined)[], remaining: string | undefined, expected: "quota" | "concurrency"]>([
    [[quota], "7", "quota"],
    [["Too many requests", "per hour"], "7", "quota"],
    [[parallel], "0", "quota"],
    [[parallel], "7", "concurrency"],
    [["TOO MANY PARALLEL REQUESTS"], "7", "concurrency"],
    [[], undefined, "quota"],
    [["Slow down"], "1", "concurrency"],
    [["Try it in person"], "1", "concurrency"],
  ])("given the messages %j and %s requests remaining returns %s", (messages, remaining, expected) => {
    const errors = messages.map((message) => ({ code: "CODE", ...(message !== undefined && { message }) }));
    expect(findExceededLimit(errors, createHeaders({ remaining }))).toBe(expected);
  });
});
