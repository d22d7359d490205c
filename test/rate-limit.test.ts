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
  const date = new Date("2018-07-10T00:42:42Z");

  it.each([
    [
      { limit: "5", remaining: "4", until: toHttpDate(now) },
      { limit: 5, remaining: 4, until: new Date(now) },
    ],
    [{ limit: "x", remaining: "0" }, { remaining: 0 }],
    [{ limit: "x", until: "soon" }, undefined],
    [{}, undefined],
    [{ limit: " 12 " }, { limit: 12 }],
    [{ limit: "999999999999999" }, { limit: 999_999_999_999_999 }],
    [{ limit: "1000000000000000" }, undefined],
    [{ limit: "-1" }, undefined],
    [{ limit: "5, 5" }, undefined],
    [{ limit: "" }, undefined],
    [{ until: "Tue, 10 Jul 2018 00:42:42 GMT" }, { until: date }],
    [{ until: "Thu, 10 Jul 2018 00:42:42 GMT" }, { until: date }], // As in the documentation, with a wrong weekday.
    [{ until: "Sun, 1 Feb 2026 23:59:59 GMT" }, { until: new Date("2026-02-01T23:59:59Z") }],
    [{ until: "Tue, 10 Jul 2018 00:42:42 +0300" }, undefined],
    [{ until: "Tue, 10 Jul 2018 00:42:42 GMT, Tue" }, undefined],
    [{ until: "Tue, 10 Jul 2018 25:00:00 GMT" }, undefined],
    [{ until: "Tue, 10 Foo 2018 00:42:42 GMT" }, undefined],
    [{ until: "" }, undefined],
  ])("reads the headers %j as %j", (headers, expected) => {
    expect(readRateLimit(createHeaders(headers))).toStrictEqual(expected);
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
