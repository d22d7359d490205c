import { check, checkInteger, checkObject, isRecord } from "../check.js";
import { type Check, checkOneOf, faultFields, type Kind, optional } from "./fault-fields.js";
import type { Fault } from "./faults.js";
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

function checkFault(fault: unknown): asserts fault is Fault {
  check(isRecord(fault), "fault", "an object", fault);
  // TypeScript types the keys of any object as string: an object may have more properties than its type.
  const kind = checkOneOf(...(Object.keys(faultFields) as Kind[]))("fault.kind", fault["kind"]);
  const checks: Record<string, Check<unknown>> = faultFields[kind];
  const fields = checkObject("fault", fault, ["kind", ...Object.keys(checks)]);
  Object.entries(checks).forEach(([name, checkField]) => checkField(`fault.${name}`, fields[name]));
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
