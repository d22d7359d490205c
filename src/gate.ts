import { readRemaining, readReset } from "./rate-limit.js";
import type { ParsedResponse } from "./response.js";

/** Servers may report resets of the same quota window that differ by this many milliseconds. */
const windowTolerance = 2000;

/**
 * Milliseconds from a 420 to the reset, if it reports none, or one that has passed: HTTP dates have no fractions of a
 * second, so the reset may be that close.
 */
const defaultResetDelay = 1000;

interface WaitingCall {
  readonly arrival: number;
  readonly signal: AbortSignal | undefined;
}

export type Gate<Call extends WaitingCall> = ReturnType<typeof createGate<Call>>;

/**
 * Keeps the quota of one operation, as far as responses report it, and the calls that wait to send a request to it.
 *
 * @param concurrency - Maximum number of slots, over all operations.
 */
export function createGate<Call extends WaitingCall>(concurrency: number) {
  /** Requests that remain in the quota window, as the API counts them. */
  let remaining = Infinity;
  /** Slots that calls of the operation hold. The API may not have counted their requests yet. */
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
    /** Whether another request may be sent: enough remain even if the API has not counted those in flight. */
    isOpen: () => remaining > inFlight || !isCurrent(),

    /** Whether only the reset opens the gate. */
    isExhausted: () => remaining === 0 && isCurrent(),

    getResetTime: () => resetsAt,

    /** Opens the gate, whatever the clock says: it may have been set back. */
    open() {
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

    /** Removes the first call, which takes a slot. */
    startFirst() {
      removeFirst();
      inFlight += 1;
    },

    endRequest() {
      inFlight -= 1;
    },

    /** Removes and returns the calls that the function returns true for. */
    removeWhere(isRemoved: (call: Call) => boolean): Call[] {
      const removed: Call[] = [];
      const kept: Call[] = [];
      for (const call of waiting.slice(first)) (isRemoved(call) ? removed : kept).push(call);
      waiting = kept;
      first = 0;
      return removed;
    },

    /** Stores the quota that a response reports. */
    update({ response: { headers }, receivedAt, exceededLimit, retryAfter }: ParsedResponse) {
      const isExceeded = exceededLimit === "quota";
      const reported = isExceeded ? 0 : readRemaining(headers);
      // Dates are slow to parse. They are not needed while requests in flight cannot exhaust the quota.
      if (reported === undefined || (reported >= concurrency && !isCurrent())) return;
      // A 420 without a reset is about the known window only if little remains of it.
      const resetDelay = isCurrent() && remaining <= concurrency ? resetsAt - receivedAt : defaultResetDelay;
      const reset = readReset(headers, receivedAt, isExceeded ? (retryAfter ?? resetDelay) : undefined);
      if (reset === undefined) return;
      // Of two responses of one window, the one with less remaining is the later one. The earlier reset is more
      // precise: the Date header has no fractions of a second.
      const isSameWindow = isCurrent() && reset < resetsAt + windowTolerance;
      remaining = isSameWindow ? Math.min(remaining, reported) : reported;
      resetsAt = isSameWindow ? Math.min(resetsAt, reset) : reset;
    },
  };
}
