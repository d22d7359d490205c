/** The clock of tests over real HTTP: pauses are skipped, timeouts come when the test says so, and nothing is waited for. */
import { vi } from "vitest";

export interface Clock extends Disposable {
  /** How many timers the package has that have neither come nor been cleared. */
  readonly pending: number;
  /** Lets the time of every attempt that is under way run out. */
  expire(): void;
}

/** What the package waits for no longer than this is a pause; what it waits for longer is the timeout of an attempt. */
const longestPause = 10_000;

/**
 * Until its block ends, the package's timers go by this clock: a pause is over at once, and meanwhile `Date.now` and
 * `performance.now` have gone on as if it had been sat out, for the embedded server too. All other timers are left
 * alone, above all those of `fetch` itself.
 */
export function startClock(): Clock {
  const { setTimeout, clearTimeout } = globalThis;
  const realNow = performance.now.bind(performance);
  const realDate = Date.now;
  let ahead = 0;
  const now = vi.spyOn(performance, "now").mockImplementation(() => realNow() + ahead);
  const date = vi.spyOn(Date, "now").mockImplementation(() => realDate() + ahead);
  const timers = new Map<unknown, { callback: () => void; milliseconds: number }>();

  vi.stubGlobal(
    "setTimeout",
    (callback: (...parameters: unknown[]) => void, milliseconds = 0, ...parameters: unknown[]) => {
      if (!isCalledByPackage()) {
        return setTimeout(callback, milliseconds, ...parameters);
      }
      const due = performance.now() + milliseconds;
      const comes = () => {
        timers.delete(timer);
        ahead = Math.max(ahead, due - realNow());
        callback();
      };
      const timer = setTimeout(comes, milliseconds > longestPause ? milliseconds : 0);
      timers.set(timer, { callback, milliseconds });
      return timer;
    },
  );
  vi.stubGlobal("clearTimeout", (timer: NodeJS.Timeout | undefined): void => {
    timers.delete(timer);
    clearTimeout(timer);
  });

  return {
    get pending() {
      return timers.size;
    },
    expire() {
      for (const [timer, { callback, milliseconds }] of timers) {
        if (milliseconds > longestPause) {
          timers.delete(timer);
          clearTimeout(timer as NodeJS.Timeout);
          callback();
        }
      }
    },
    [Symbol.dispose]() {
      vi.unstubAllGlobals();
      now.mockRestore();
      date.mockRestore();
    },
  };
}

/** Whether the function that asked was called from the package's own source, its test server apart. */
function isCalledByPackage(): boolean {
  const [, , , caller = ""] = (new Error().stack ?? "").split("\n");
  return /\/src\/(?!testing\/)[^/]+\.[jt]s/.test(caller);
}
