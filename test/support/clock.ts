/** A clock for tests over real HTTP: the delays of the package end immediately, and timeouts when the test says so. */
import { vi } from "vitest";

export type Clock = ReturnType<typeof startClock>;

/** Longer timers are timeouts, others are delays. */
const maxDelay = 10_000;

/**
 * Replaces the timers of the package, not those of `fetch`. When a delay ends, `Date.now()` and `performance.now()`
 * have advanced by it, also for a mock server in this process.
 */
export function startClock() {
  const { setTimeout, clearTimeout } = globalThis;
  const [getMonotonic, getWallClock] = [performance.now.bind(performance), Date.now];
  let advanced = 0;
  const spies = [
    vi.spyOn(performance, "now").mockImplementation(() => getMonotonic() + advanced),
    vi.spyOn(Date, "now").mockImplementation(() => getWallClock() + advanced),
  ];
  const timers = new Map<NodeJS.Timeout, { callback: () => void; milliseconds: number }>();

  vi.stubGlobal("setTimeout", (callback: () => void, milliseconds = 0, ...parameters: unknown[]) => {
    const [, , caller = ""] = (new Error().stack ?? "").split("\n");
    if (!/\/src\/[^/]+\.ts/.test(caller)) return setTimeout(callback, milliseconds, ...(parameters as []));
    const due = performance.now() + milliseconds;
    const run = () => {
      timers.delete(timer);
      advanced = Math.max(advanced, due - getMonotonic());
      callback();
    };
    const timer = setTimeout(run, milliseconds > maxDelay ? milliseconds : 0);
    timers.set(timer, { callback, milliseconds });
    return timer;
  });
  vi.stubGlobal("clearTimeout", (timer: NodeJS.Timeout) => {
    timers.delete(timer);
    clearTimeout(timer);
  });

  return {
    /** Number of timers of the package that are neither due nor cleared. */
    get pending() {
      return timers.size;
    },
    /** Ends the timeout of each attempt in progress. */
    expireTimeouts() {
      for (const [timer, { callback, milliseconds }] of timers) {
        if (milliseconds <= maxDelay) continue;
        timers.delete(timer);
        clearTimeout(timer);
        callback();
      }
    },
    [Symbol.dispose]() {
      vi.unstubAllGlobals();
      spies.forEach((spy) => spy.mockRestore());
    },
  };
}
