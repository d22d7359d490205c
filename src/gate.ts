import { readRemaining, readReset } from "./rate-limit.js";
import type { ParsedResponse } from "./response.js";

/** Servers may report resets of the same quota window that differ by this many milliseconds. */
const windowTolerance = 2000;

interface WaitingCall {
  readonly arrival: number;
  readonly signal: AbortSignal | undefined;
}

export type Gate<Call extends WaitingCall> = ReturnType<typeof createGate<Call>>;

/**
 * Holds back the calls of one operation: its quota, as far as responses report it, and the calls that wait.
 *
 * @param concurrency - Maximum number of requests in flight.
 */
export function createGate<Call extends WaitingCall>(concurrency: number) {
  /** Requests that remain in the quota window. Responses may not have counted those in flight. */
  let remaining = Infinity;
  let inFlight = 0;
  /** End of the window, by the local clock. From then on the gate is open, until a response starts the next window. */
  let resetsAt = 0;
  /** In order of arrival. The calls before `first` have left: `shift` would copy a long array every time. */
  let waiting: Call[] = [];
  let first = 0;

  const isCurrent = () => Date.now() < resetsAt;

  function removeFirst(): void {
    first += 1;
    if (first <= waiting.length / 2) return;
    waiting.splice(0, first);
    first = 0;
  }

  return {
    isOpen: () => remaining > inFlight || !isCurrent(),
    isExhausted: () => remaining === 0 && isCurrent(),
    getReset: () => resetsAt,

    /** Opens the gate, whatever the clock says: it may have been set back. */
    reset() {
      resetsAt = 0;
    },

    /** Adds a call at the end, or a retry before the calls that have arrived later. */
    add(call: Call) {
      const isBefore = (other: Call | undefined) => other !== undefined && other.arrival < call.arrival;
      let index = isBefore(waiting.at(-1)) ? waiting.length : first;
      while (isBefore(waiting[index])) index += 1;
      waiting.splice(index, 0, call);
    },

    /** Returns the first call that has not been aborted. */
    getFirst(): Call | undefined {
      while (waiting[first]?.signal?.aborted) removeFirst();
      return waiting[first];
    },

    /** Removes the first call, which sends a request. */
    start() {
      removeFirst();
      inFlight += 1;
    },

    end() {
      inFlight -= 1;
    },

    /** Removes the calls that the function returns true for. */
    removeWhere(isRemoved: (call: Call) => boolean) {
      waiting = waiting.slice(first).filter((call) => !isRemoved(call));
      first = 0;
    },

    /** Stores the quota that a response reports. */
    update({ response: { headers }, receivedAt, exceededLimit }: ParsedResponse) {
      const reported = exceededLimit === "quota" ? 0 : readRemaining(headers);
      // Dates are slow to parse. They are not needed while the quota is sufficient.
      if (reported === undefined || (reported >= concurrency && !isCurrent())) return;
      const reset = readReset(headers, receivedAt);
      if (reset === undefined) return;
      // Of two responses of one window, the one with less remaining is the later one. The earlier reset is more precise:
      // the Date header has no fractions of a second.
      const isSameWindow = isCurrent() && reset - resetsAt < windowTolerance;
      remaining = isSameWindow ? Math.min(remaining, reported) : reported;
      resetsAt = isSameWindow ? Math.min(resetsAt, reset) : reset;
    },
  };
}
