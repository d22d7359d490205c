import { afterEach, beforeEach, expect, vi } from "vitest";

export const noon = Date.UTC(2026, 5, 1, 12);

/** Uses fake timers in the tests of a file, from noon on, and no jitter. An unhandled rejection fails a test. */
export function useFakeClock(): void {
  const unhandled: unknown[] = [];
  const listener = (reason: unknown) => unhandled.push(reason);
  beforeEach(() => {
    process.on("unhandledRejection", listener);
    vi.useFakeTimers({ now: noon, loopLimit: 1_000_000 });
    vi.spyOn(Math, "random").mockReturnValue(0);
  });
  afterEach(async () => {
    vi.useRealTimers().restoreAllMocks().unstubAllGlobals();
    await new Promise(setImmediate);
    process.off("unhandledRejection", listener);
    expect(unhandled.splice(0), "unhandled rejections").toEqual([]);
  });
}

/** Returns the reason that the promise rejects with. */
export async function getRejection(promise: Promise<unknown>): Promise<unknown> {
  const [outcome] = await Promise.allSettled([promise]);
  expect(outcome.status, "the promise should reject").toBe("rejected");
  return (outcome as PromiseRejectedResult).reason;
}

/** Returns the error that the promise rejects with. Its class must be this one, and not a subclass. */
export async function getError<Class extends Error>(
  promise: Promise<unknown>,
  type: abstract new (...args: never[]) => Class,
): Promise<Class> {
  const error = (await getRejection(promise)) as Class;
  expect(error.constructor).toBe(type);
  return error;
}

/** Returns the codes of an error and its causes. */
export function getCodes(error: unknown): unknown[] {
  if (!(error instanceof Error)) return [];
  return ["code" in error ? error.code : undefined, ...getCodes(error.cause)].filter(Boolean);
}

/** Advances the fake clock until no timer is left. */
export async function runTimers<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => undefined); // Returned below.
  await vi.runAllTimersAsync();
  return promise;
}

/** Runs everything that does not wait for a timer. */
export async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}
