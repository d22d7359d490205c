/** What can be made to go wrong, and which request it is for. */
import { validateHeaderName, validateHeaderValue } from "node:http";
import type { ApiErrorDetail } from "../generated/types.js";
import { endpoints } from "../generated/constants.js";
import { checkDelay, checkInteger, checkNames } from "../options.js";
import { pageTokenOf } from "./market.js";
import type { ReceivedRequest } from "./received.js";
import type { Operation } from "./routes.js";

/** Headers by name, in any case; `null` takes one away. */
export type FaultHeaders = Readonly<Record<string, string | null>>;

/** Answers with a status of its own. */
export interface StatusFault {
  readonly kind: "status";
  /** From 200 to 999. */
  readonly status: number;
  /**
   * The `errors` in the documented body of an error.
   * @default one that has the status for its code and message
   */
  readonly errors?: readonly ApiErrorDetail[] | null | undefined;
  /** A body to send as is, in place of the documented one. */
  readonly body?: string | undefined;
  /** Headers to put in place of what the answer would have. */
  readonly headers?: FaultHeaders | undefined;
}

/** Waits, and then goes on as usual. */
export interface DelayFault {
  readonly kind: "delay";
  /** How long, from 0. */
  readonly milliseconds: number;
  /**
   * `head`: before the answer; `body`: in the middle of its body.
   * @default "head"
   */
  readonly where?: "head" | "body" | undefined;
}

/** Cuts the connection. */
export interface CutFault {
  readonly kind: "cut";
  /** `before`: without a byte of an answer; `head`: in the middle of its head; `body`: in the middle of its body. */
  readonly where: "before" | "head" | "body";
}

/** Answers as the balancer in front of the Market at times does: a robot check in HTML, with status 200. */
export interface HtmlFault {
  readonly kind: "html";
}

/** Sends the client elsewhere. */
export interface RedirectFault {
  readonly kind: "redirect";
  /** Where to: an address, or a path. */
  readonly location: string;
  /** @default 302 */
  readonly status?: 301 | 302 | 303 | 307 | 308 | undefined;
}

/** Answers with status 200 and a body of its own. */
export interface BodyFault {
  readonly kind: "body";
  /** Sent as is: empty, broken JSON, anything. */
  readonly body: string;
  /** Headers to put in place of what the answer would have. */
  readonly headers?: FaultHeaders | undefined;
}

/** Puts a `chatId` of 2^53 + 1 in place of the first one in the answer: `JSON.parse` rounds it and says nothing. */
export interface UnsafeIntegerFault {
  readonly kind: "unsafeInteger";
}

/**
 * Leads a listing back to the page that it is at: its `nextPageToken` is the token that it was asked for with. Waits
 * for a request that has one.
 */
export interface RepeatTokenFault {
  readonly kind: "repeatToken";
}

/**
 * Something that goes wrong with an answer.
 *
 * What the Market itself answers counts towards the quota as ever and has its headers: `status`, `body`, and what is
 * made from an ordinary answer. Not so what comes from in front of the Market (`html`, `redirect`), or from nowhere
 * (`cut` with `before`).
 */
export type Fault =
  StatusFault | DelayFault | CutFault | HtmlFault | RedirectFault | BodyFault | UnsafeIntegerFault | RepeatTokenFault;

/** Which requests a fault is for. Left out: the very next one. */
export interface FaultMatch {
  /** Only requests to this operation. */
  readonly operation?: Operation | undefined;
  /** Only requests for which this returns true. It is called when the body has arrived. */
  readonly when?: ((request: ReceivedRequest) => boolean) | undefined;
  /**
   * How many requests the fault is for: an integer from 1, or `Infinity`.
   * @default 1
   */
  readonly times?: number | undefined;
}

/** A fault that waits for its requests. */
export interface QueuedFault {
  readonly fault: Fault;
  readonly match: FaultMatch;
  timesLeft: number;
}

const kinds = {
  status: true,
  delay: true,
  cut: true,
  html: true,
  redirect: true,
  body: true,
  unsafeInteger: true,
  repeatToken: true,
} satisfies Record<Fault["kind"], true>;

/** @throws TypeError or RangeError that names what is wrong with the fault. */
export function checkFault(fault: Fault, match: FaultMatch): QueuedFault {
  checkOneOf("fault.kind", fault.kind, Object.keys(kinds));
  checkNames("match", match, ["operation", "when", "times"]);
  switch (fault.kind) {
    case "status":
      checkInteger("fault.status", fault.status, 200, 999);
      checkHeaders(fault.headers);
      break;
    case "delay":
      checkDelay("fault.milliseconds", fault.milliseconds, 0);
      checkOneOf("fault.where", fault.where ?? "head", ["head", "body"]);
      break;
    case "cut":
      checkOneOf("fault.where", fault.where, ["before", "head", "body"]);
      break;
    case "redirect":
      checkInteger("fault.status", fault.status ?? 302, 300, 399);
      checkHeaders({ Location: fault.location });
      break;
    case "body":
      checkHeaders(fault.headers);
      break;
  }
  const { operation, times = 1 } = match;
  if (operation !== undefined) {
    checkOneOf("match.operation", operation, Object.keys(endpoints));
  }
  return { fault, match, timesLeft: times === Infinity ? times : checkInteger("match.times", times, 1) };
}

function checkOneOf(name: string, value: string, values: readonly string[]): void {
  if (!values.includes(value)) {
    throw new TypeError(`${name} must be one of ${values.join(", ")}, not ${String(value)}`);
  }
}

function checkHeaders(headers: FaultHeaders = {}): void {
  for (const [name, value] of Object.entries(headers)) {
    validateHeaderName(name);
    if (value !== null) {
      validateHeaderValue(name, value);
    }
  }
}

/** Takes the first fault that is for this request out of the queue, if there is one. */
export function takeFault(queue: QueuedFault[], request: ReceivedRequest): Fault | undefined {
  const queued = queue.find(({ fault, match }) => isFor(fault, match, request));
  if (queued === undefined) {
    return undefined;
  }
  queued.timesLeft -= 1;
  if (queued.timesLeft === 0) {
    queue.splice(queue.indexOf(queued), 1);
  }
  return queued.fault;
}

function isFor(fault: Fault, { operation, when }: FaultMatch, request: ReceivedRequest): boolean {
  return (
    (operation === undefined || operation === request.operation) &&
    (fault.kind !== "repeatToken" || pageTokenOf(request) !== undefined) &&
    (when === undefined || when(request))
  );
}
