/** The faults that can be injected. `fault-fields.ts` defines their fields. */
import type { FaultOf } from "./fault-fields.js";

export type { FaultHeaders } from "./fault-fields.js";

/** Responds with a status. */
export interface StatusFault extends FaultOf<"status"> {}

/** Delays the response. */
export interface DelayFault extends FaultOf<"delay"> {}

/** Closes the connection. */
export interface CutFault extends FaultOf<"cut"> {}

/** Responds with status 200 and the HTML page of a robot check, as the load balancer of the API sometimes does. */
export interface HtmlFault extends FaultOf<"html"> {}

/** Responds with a redirect. */
export interface RedirectFault extends FaultOf<"redirect"> {}

/** Responds with status 200 and a body. */
export interface BodyFault extends FaultOf<"body"> {}

/** Replaces the first `chatId` in the response by 2^53 + 1, which `JSON.parse` rounds. */
export interface UnsafeIntegerFault extends FaultOf<"unsafeInteger"> {}

/**
 * Returns the page token of the request as `nextPageToken`, which creates a pagination cycle. Applies only to a request
 * that has a page token.
 */
export interface RepeatTokenFault extends FaultOf<"repeatToken"> {}

/**
 * A fault to inject into a response.
 *
 * Faults that simulate the API (`status`, `body`, and those that modify a response) have the headers of the quota, and
 * count toward it unless the status is 420 or at least 500. Faults that simulate the load balancer (`html`, `redirect`)
 * or a dropped connection (`cut` with `where: "before"`) have no such headers, and do not count.
 */
export type Fault =
  StatusFault | DelayFault | CutFault | HtmlFault | RedirectFault | BodyFault | UnsafeIntegerFault | RepeatTokenFault;
