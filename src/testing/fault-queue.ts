import { checkInteger, checkKeys } from "../check.js";
import { checkFault, checkObject, checkType, type Fault, oneOf, optional } from "./faults.js";
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

/** A fault that has not been applied to all of its requests. */
export interface QueuedFault {
  readonly fault: Fault;
  readonly match: FaultMatch;
  remainingTimes: number;
}

/** @throws TypeError or RangeError that names the invalid field. */
export function createQueuedFault(fault: unknown, match: unknown = {}): QueuedFault {
  checkFault(fault);
  checkMatch(match);
  return { fault, match, remainingTimes: match.times ?? 1 };
}

function checkMatch(match: unknown): asserts match is FaultMatch {
  checkObject("match", match);
  checkKeys("match", match, ["operation", "when", "times"]);
  optional(oneOf(...operations))("match.operation", match["operation"]);
  optional((name, value) => checkType(name, value, "function"))("match.when", match["when"]);
  if (match["times"] !== Infinity) {
    optional((name, value) => checkInteger(name, value, 1))("match.times", match["times"]);
  }
}

/** Returns the first fault that applies to a request, and removes it from the queue after its last request. */
export function takeFault(queue: QueuedFault[], request: ReceivedRequest): Fault | undefined {
  // A preflight request is sent by a browser and not by the code under test.
  const queued = request.method === "OPTIONS" ? undefined : queue.find((candidate) => applies(candidate, request));
  if (queued !== undefined) {
    queued.remainingTimes -= 1;
    if (queued.remainingTimes === 0) {
      queue.splice(queue.indexOf(queued), 1);
    }
  }
  return queued?.fault;
}

function applies({ fault, match: { operation, when } }: QueuedFault, request: ReceivedRequest): boolean {
  return (
    (operation === undefined || operation === request.operation) &&
    (fault.kind !== "repeatToken" || getPageToken(request) !== undefined) &&
    (when === undefined || when(request))
  );
}
