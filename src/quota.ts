import { abortable } from "./abort.js";
import { getDelay, getInstant, type Instant, readCount, readReset } from "./rate-limit.js";

/** Servers may report resets of the same window that differ by this many milliseconds. */
const windowTolerance = 2000;

/** Timers stop while the machine is suspended. Afterwards a call waits for at most this many milliseconds. */
const maxTimerStep = 1000;

/** The quota of one operation, as far as responses report it. */
export class Quota {
  /** Requests that responses may not have counted yet. */
  inFlight = 0;
  #remaining = Infinity;
  #resetsAt: Instant = { monotonic: 0, wallClock: 0 };
  readonly #waiting = new Set<() => void>();

  get canSend(): boolean {
    return this.#remaining > this.inFlight || getDelay(this.#resetsAt) === 0;
  }

  /** Milliseconds until the quota resets. 0 if it is not exhausted. */
  get resetDelay(): number {
    return this.#remaining === 0 ? getDelay(this.#resetsAt) : 0;
  }

  get retryAt(): Date {
    return new Date(this.#resetsAt.wallClock);
  }

  /** @param concurrency - A quota that is sufficient for so many requests is not stored: parsing its dates takes time. */
  update(headers: Headers, receivedAt: Instant, isExhausted: boolean, concurrency: number): void {
    const remaining = isExhausted ? 0 : (readCount(headers, "remaining") ?? Infinity);
    const isCurrent = getDelay(this.#resetsAt) > 0;
    const resetsAt = remaining < concurrency || isCurrent ? readReset(headers, receivedAt) : undefined;
    if (resetsAt === undefined || remaining === Infinity) return;
    // Of two responses of one window, the one with less remaining is the later one. The earlier reset is more precise:
    // the Date header has no fractions of a second.
    const difference = resetsAt.monotonic - this.#resetsAt.monotonic;
    const isSameWindow = isCurrent && difference < windowTolerance;
    this.#remaining = isSameWindow ? Math.min(this.#remaining, remaining) : remaining;
    if (!isSameWindow || difference < 0) this.#resetsAt = resetsAt;
  }

  /** Ends the waits: a request has ended, and may have left some of the quota. */
  notify(): void {
    this.#waiting.forEach((resolve) => resolve());
  }

  /** Waits until a request has ended, the quota resets, or a second has passed. */
  wait(signal: AbortSignal | undefined): Promise<void> {
    const resetsAt = this.#resetsAt;
    const delay = getDelay(resetsAt);
    const step = Math.min(Math.ceil(delay), maxTimerStep);
    return abortable<void>(signal, (resolve) => {
      const timer = setTimeout(() => {
        // Fake timers may replace only `setTimeout`. If the clocks stand still, the timer counts.
        const isClockStopped = this.#resetsAt === resetsAt && getDelay(resetsAt) > delay - step / 2;
        if (isClockStopped) this.#resetsAt = getInstant(delay - step);
        resolve();
      }, step);
      this.#waiting.add(resolve);
      return () => {
        clearTimeout(timer);
        this.#waiting.delete(resolve);
      };
    });
  }
}
