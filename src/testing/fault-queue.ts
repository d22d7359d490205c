import { check, checkInteger, checkObject } from "../check.js";
import { checkFault, type Fault, checkOneOf, optional } from "./faults.js";
import { getPageToken, type ReceivedRequest } from "./request-log.js";
import { type Operation, operations } from "./routing.js";

/** Requests that a fault applies to. By default, the next request. */
export interface FaultMatch {
  /** Applies the fault only to requests of this operation. */
  readonly operation?: Operation | undefined;
  /** Applies the fault only to requests for which this function returns true. Called after the body has arrived. */
  readonly when?: ((request: ReceivedRequest) => boolean) | undefined;
  /**
   * Number of requests that the fault applies to: an integer of at least 1, or `Infinity`.
   * @default 1
   */
  readonly times?: number | undefined;
}

/** The faults that have not been applied to all of their requests, in the order in which they were queued. */
export type FaultQueue = Set<{ readonly fault: Fault; readonly match: FaultMatch; remainingTimes: number }>;

/**
 * Adds a fault and returns a function that removes it.
 *
 * @throws TypeError or RangeError that names the invalid field.
 */
export function queueFault(queue: FaultQueue, fault: unknown, match: unknown = {}): () => void {
  checkFault(fault);
  checkMatch(match);
  const queued = { fault, match, remainingTimes: match.times ?? 1 };
  queue.add(queued);
  return () => void queue.delete(queued);
}

function checkMatch(match: unknown): asserts match is FaultMatch {
  const { operation, when, times } = checkObject("match", match, ["operation", "when", "times"]);
  optional(checkOneOf(...operations))("match.operation", operation);
  check(when === undefined || typeof when === "function", "match.when", "a function", when);
  if (times !== undefined && times !== Infinity) checkInteger("match.times", times);
}

/** Returns the first fault that applies to a request, and removes it from the queue after its last request. */
export function takeFault(queue: FaultQueue, request: ReceivedRequest): Fault | undefined {
  // A preflight request is sent by a browser and not by the code under test.
  if (request.method === "OPTIONS") return undefined;
  const queued = [...queue].find(
    ({ fault, match: { operation, when } }) =>
      (operation === undefined || operation === request.operation) &&
      (fault.kind !== "repeatToken" || getPageToken(request) !== undefined) &&
      (when === undefined || when(request)),
  );
  if (queued === undefined) return undefined;
  queued.remainingTimes -= 1;
  if (queued.remainingTimes === 0) queue.delete(queued);
  return queued.fault;
}
