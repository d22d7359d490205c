/** What can be made to go wrong, and which request it is for. */
import { validateHeaderName, validateHeaderValue } from "node:http";
import type { ApiErrorDetail, ApiErrorResponse } from "../generated/types.js";
import { checkDelay, checkInteger } from "../options.js";
import {
  type Answer,
  complete,
  type Market,
  pageTokenOf,
  refuse,
  type Reply,
  reply,
  toAnswer,
  type Visit,
} from "./market.js";
import type { ReceivedRequest } from "./received.js";
import type { Operation } from "./routes.js";

/** Headers to put in place of what an answer would have; `null` takes one away. Names in any case. */
export type FaultHeaders = Readonly<Record<string, string | null>>;

/**
 * Something that goes wrong with one answer.
 *
 * What the Market itself answers counts towards the quota as ever and has its headers: `status`, `body`, and what is
 * made from an ordinary answer. Not so what comes from in front of the Market (`html`, `redirect`), or from nowhere
 * (`cut` with `before`).
 */
export type Fault =
  /**
   * Answers with this status, from 200 to 999. The body is the documented one of an error, with `errors` if they are
   * given, or it is `body`, as is.
   */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly errors?: readonly ApiErrorDetail[] | null | undefined;
      readonly body?: string | undefined;
      readonly headers?: FaultHeaders | undefined;
    }
  /** Waits so many milliseconds before the answer, or in the middle of its body. Then it goes on as usual. */
  | { readonly kind: "delay"; readonly milliseconds: number; readonly where?: "head" | "body" | undefined }
  /** Cuts the connection: without a word, or in the middle of the answer's head or body. */
  | { readonly kind: "cut"; readonly where: "before" | "head" | "body" }
  /** Answers with a robot check: status 200, and a page in HTML. */
  | { readonly kind: "html" }
  /** Sends the client elsewhere, with status 302 unless told otherwise. */
  | { readonly kind: "redirect"; readonly location: string; readonly status?: 301 | 302 | 303 | 307 | 308 | undefined }
  /** Answers with status 200 and this body, as is: empty, broken JSON, anything. */
  | { readonly kind: "body"; readonly body: string; readonly headers?: FaultHeaders | undefined }
  /** Puts a `chatId` of 2^53 + 1 in place of the answer's first one. JavaScript cannot hold it: `JSON.parse` rounds it. */
  | { readonly kind: "unsafeInteger" }
  /** Sends the page's own token as its `nextPageToken`. Waits for a request that has a token. */
  | { readonly kind: "repeatToken" };

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

/** @throws TypeError or RangeError that names what is wrong with the fault. */
export function checkFault(fault: Fault, match: FaultMatch): QueuedFault {
  const { kind } = fault;
  switch (fault.kind) {
    case "status":
      checkInteger("fault.status", fault.status, 200, 999);
      checkHeaders(fault.headers);
      break;
    case "delay":
      checkDelay("fault.milliseconds", fault.milliseconds, 0);
      checkWhere(fault.where ?? "head", ["head", "body"]);
      break;
    case "cut":
      checkWhere(fault.where, ["before", "head", "body"]);
      break;
    case "redirect":
      checkInteger("fault.status", fault.status ?? 302, 300, 399);
      checkHeaders({ Location: fault.location });
      break;
    case "body":
      checkHeaders(fault.headers);
      break;
    case "html":
    case "unsafeInteger":
    case "repeatToken":
      break;
    default:
      throw new TypeError(`fault.kind must be one of the kinds of faults, not ${String(kind)}`);
  }
  const { times = 1 } = match;
  return { fault, match, timesLeft: times === Infinity ? times : checkInteger("match.times", times, 1) };
}

function checkWhere(where: string, places: readonly string[]): void {
  if (!places.includes(where)) {
    throw new TypeError(`fault.where must be one of ${places.join(", ")}, not ${where}`);
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

/** The answer, with whatever the fault does to it. What it does to the connection is not seen here. */
export function answer(market: Market, visit: Visit, fault: Fault | undefined): Answer {
  const { status, headers, body } = makeAnswer(market, visit, fault);
  const general = { Date: new Date(visit.now).toUTCString(), "Content-Length": String(Buffer.byteLength(body)) };
  const overrides = fault !== undefined && "headers" in fault ? fault.headers : undefined;
  return { status, headers: override({ ...general, ...headers }, overrides), body };
}

function makeAnswer(market: Market, visit: Visit, fault: Fault | undefined): Answer {
  switch (fault?.kind) {
    case "status": {
      const { body = JSON.stringify(errorBody(fault)), status } = fault;
      return complete(market, visit, { status, headers: {}, body });
    }
    case "body":
      return complete(market, visit, { status: 200, headers: {}, body: fault.body });
    case "html":
      return { status: 200, headers: { "Content-Type": "text/html; charset=utf-8" }, body: robotCheck };
    case "redirect":
      return { status: fault.status ?? 302, headers: { Location: fault.location }, body: "" };
    case "unsafeInteger": {
      const ordinary = toAnswer(market, visit, reply(market, visit));
      return { ...ordinary, body: ordinary.body.replace(/"chatId":\d+/, '"chatId":9007199254740993') };
    }
    case "repeatToken":
      return toAnswer(market, visit, withToken(reply(market, visit), pageTokenOf(visit.request)));
    case "delay":
    case "cut":
    case undefined:
      return toAnswer(market, visit, reply(market, visit));
  }
}

function errorBody({ status, errors }: Extract<Fault, { kind: "status" }>): ApiErrorResponse {
  return errors === undefined ? refuse(status).body : { status: "ERROR", errors: errors && [...errors] };
}

/** The reply with another token for the next page, if it is a page. */
function withToken(ordinary: Reply, nextPageToken: string | undefined): Reply {
  const { body } = ordinary;
  if (nextPageToken === undefined || !("result" in body) || body.result === undefined || !("chats" in body.result)) {
    return ordinary;
  }
  return { ...ordinary, body: { ...body, result: { ...body.result, paging: { nextPageToken } } } };
}

function override(headers: Record<string, string>, overrides: FaultHeaders = {}): Record<string, string> {
  const names = Object.keys(overrides).map((name) => name.toLowerCase());
  const entries = Object.entries(headers).filter(([name]) => !names.includes(name.toLowerCase()));
  for (const [name, value] of Object.entries(overrides)) {
    if (value !== null) {
      entries.push([name, value]);
    }
  }
  return Object.fromEntries(entries);
}

const robotCheck = `<!DOCTYPE html>
<html lang="ru">
  <head><meta charset="utf-8"><title>Вы не робот?</title></head>
  <body><h1>Подтвердите, что запросы отправляли вы, а не робот</h1></body>
</html>
`;
