import { expect, it, vi } from "vitest";
import { ApiError, ConnectionError, MarketError, RateLimitError, TimeoutError } from "../src/errors.js";

const context = { operation: "getChat", pageToken: undefined, attempts: 1 };

/** Another copy of the classes, as `require` next to `import` creates it, or `jest.resetModules()`. */
vi.resetModules();
const copy = await import("../src/errors.js");

it("recognize the errors of another copy of the package", () => {
  expect(copy.MarketError).not.toBe(MarketError);
  const details = { status: 420, errors: [], traceparent: undefined, message: "" };
  const rateLimited = new copy.RateLimitError(context, details, undefined);
  const timedOut = new copy.TimeoutError(context, "");
  const classes = [MarketError, ApiError, RateLimitError, ConnectionError, TimeoutError];
  expect(classes.map((each) => rateLimited instanceof each)).toEqual([true, true, true, false, false]);
  expect(classes.map((each) => timedOut instanceof each)).toEqual([true, false, false, true, true]);
});

it("recognize nothing else", () => {
  class OwnError extends MarketError {}
  const error = new MarketError(context, "");
  expect([error instanceof OwnError, new OwnError(context, "") instanceof OwnError]).toEqual([false, true]);
  expect(new OwnError(context, "") instanceof MarketError).toBe(true);
  const others: unknown[] = [new Error("MarketError"), { constructor: { name: "MarketError" } }, null, "", []];
  expect(others.filter((other) => other instanceof MarketError)).toEqual([]);
});
