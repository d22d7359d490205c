import { describe, expect, it } from "vitest";
import { isQuotaError, readRateLimit, readReset } from "../src/quota.js";

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
  const receivedAt = { monotonic: 500, wallClock: now + 5 * hour };

  it.each([
    [1000, 1000],
    [24 * hour, 24 * hour],
    [24 * hour + 1000, undefined],
    [0, undefined],
    [-1000, undefined],
  ])("returns the time %i ms after the server's date as a delay of %s ms by both local clocks", (delay, expected) => {
    const headers = createHeaders({ until: toHttpDate(now + delay), Date: toHttpDate(now) });
    expect(readReset(headers, receivedAt)).toEqual(
      expected && { monotonic: 500 + expected, wallClock: now + 5 * hour + expected },
    );
  });

  it.each([undefined, "yesterday"])("uses the local clock if the Date header is %s", (date) => {
    const headers = createHeaders({ until: toHttpDate(now + 5 * hour + 1000), Date: date });
    expect(readReset(headers, receivedAt)).toEqual({ monotonic: 1500, wallClock: now + 5 * hour + 1000 });
  });

  it("returns undefined without a reset time", () => {
    expect(readReset(createHeaders({ Date: toHttpDate(now) }), receivedAt)).toBeUndefined();
  });
});

describe("isQuotaError", () => {
  const quota = "Hit rate limit of 1000 requests per 'hour' for resource 'getChat'";
  const parallel = "Hit rate limit of 4 parallel requests for businessId 123456";

  it.each<[messages: (string | undefined)[], remaining: string | undefined, expected: boolean]>([
    [[quota], "0", true],
    [[quota], "7", true],
    [[quota], undefined, true],
    [["Too many requests", "per hour"], "7", true],
    [[parallel], "0", true],
    [[parallel], "7", false],
    [["TOO MANY PARALLEL REQUESTS"], "7", false],
    [["Try later", parallel], "7", false],
    [[], undefined, true],
    [["Slow down"], "1", false],
    [["Try it in person"], "1", false],
  ])("given the messages %j and %s requests remaining returns %s", (messages, remaining, expected) => {
    const errors = messages.map((message) => ({ code: "CODE", ...(message !== undefined && { message }) }));
    expect(isQuotaError(errors, createHeaders({ remaining }))).toBe(expected);
  });
});
