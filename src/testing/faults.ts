import { validateHeaderName, validateHeaderValue } from "node:http";
import type { ApiErrorDetail } from "../generated/types.js";
import { checkDelay, checkInteger, checkKeys, isRecord } from "../check.js";

/** Headers by name, case-insensitive. `null` removes a header. */
export type FaultHeaders = Readonly<Record<string, string | null>>;

/** Responds with a status. */
export interface StatusFault {
  readonly kind: "status";
  /** Range: 200 to 999. */
  readonly status: number;
  /**
   * The `errors` in the documented error format.
   * @default one error with the code and the name of the status
   */
  readonly errors?: readonly ApiErrorDetail[] | null | undefined;
  /** Response body. Replaces the documented error format. */
  readonly body?: string | undefined;
  /** Headers that replace or remove those of the response. */
  readonly headers?: FaultHeaders | undefined;
}

/** Delays the response. */
export interface DelayFault {
  readonly kind: "delay";
  /** Delay in milliseconds. Minimum: 0. */
  readonly milliseconds: number;
  /**
   * `head`: before the response; `body`: in the middle of its body.
   * @default "head"
   */
  readonly where?: "head" | "body" | undefined;
}

/** Closes the connection. */
export interface CutFault {
  readonly kind: "cut";
  /** `before`: before the response; `head`: in the middle of its headers; `body`: in the middle of its body. */
  readonly where: "before" | "head" | "body";
}

/** Responds with status 200 and an HTML page with a CAPTCHA, as the load balancer of the API sometimes does. */
export interface HtmlFault {
  readonly kind: "html";
}

/** Responds with a redirect. */
export interface RedirectFault {
  readonly kind: "redirect";
  /** Target: a URL or a path. */
  readonly location: string;
  /** @default 302 */
  readonly status?: 301 | 302 | 303 | 307 | 308 | undefined;
}

/** Responds with status 200 and a body. */
export interface BodyFault {
  readonly kind: "body";
  /** Sent unchanged: an empty string, malformed JSON, or any other text. */
  readonly body: string;
  /** Headers that replace or remove those of the response. */
  readonly headers?: FaultHeaders | undefined;
}

/** Replaces the first `chatId` in the response by 2^53 + 1, which `JSON.parse` rounds. */
export interface UnsafeIntegerFault {
  readonly kind: "unsafeInteger";
}

/**
 * Returns the page token of the request as `nextPageToken`, which creates a pagination cycle. Applies only to a request
 * that has a page token.
 */
export interface RepeatTokenFault {
  readonly kind: "repeatToken";
}

/**
 * A fault to inject into a response.
 *
 * Faults that simulate the API (`status`, `body`, and those that modify a response) count toward the quota and have its
 * headers. Faults that simulate the load balancer (`html`, `redirect`) or a dropped connection (`cut` with
 * `where: "before"`) do not count toward the quota.
 */
export type Fault =
  StatusFault | DelayFault | CutFault | HtmlFault | RedirectFault | BodyFault | UnsafeIntegerFault | RepeatTokenFault;

type Check = (name: string, value: unknown) => void;

/** The fields of each kind of fault. A field that is added to a type does not compile until it is validated here. */
const fields: { [Kind in Fault["kind"]]: Record<Exclude<keyof Extract<Fault, { kind: Kind }>, "kind">, Check> } = {
  status: {
    status: (name, value) => checkInteger(name, value, 200, 999),
    errors: optional(checkErrors),
    body: optional(checkString),
    headers: optional(checkHeaders),
  },
  delay: {
    milliseconds: (name, value) => checkDelay(name, value, 0),
    where: optional(oneOf("head", "body")),
  },
  cut: { where: oneOf("before", "head", "body") },
  html: {},
  redirect: { location: checkHeader, status: optional((name, value) => checkInteger(name, value, 300, 399)) },
  body: { body: checkString, headers: optional(checkHeaders) },
  unsafeInteger: {},
  repeatToken: {},
};

/** @throws TypeError or RangeError that names the invalid field. */
export function checkFault(fault: unknown): asserts fault is Fault {
  checkObject("fault", fault);
  const checks = new Map<unknown, Record<string, Check>>(Object.entries(fields)).get(fault["kind"]);
  if (checks === undefined) {
    throw invalid("fault.kind", `one of ${Object.keys(fields).join(", ")}`, fault["kind"]);
  }
  checkKeys("fault", fault, ["kind", ...Object.keys(checks)]);
  for (const [name, check] of Object.entries(checks)) {
    check(`fault.${name}`, fault[name]);
  }
}

function invalid(name: string, expected: string, value: unknown): TypeError {
  return new TypeError(`${name} must be ${expected}, not ${typeof value === "string" ? value : typeof value}`);
}

export function checkObject(name: string, value: unknown): asserts value is Record<string, unknown> {
  if (!isRecord(value)) {
    throw invalid(name, "an object", value);
  }
}

export function checkType(name: string, value: unknown, type: "string" | "boolean" | "function"): void {
  if (typeof value !== type) {
    throw invalid(name, `a ${type}`, value);
  }
}

function checkString(name: string, value: unknown): asserts value is string {
  checkType(name, value, "string");
}

export function oneOf(...values: readonly string[]): Check {
  return (name, value) => {
    if (typeof value !== "string" || !values.includes(value)) {
      throw invalid(name, `one of ${values.join(", ")}`, value);
    }
  };
}

export function optional(check: Check): Check {
  return (name, value) => value === undefined || check(name, value);
}

function checkErrors(name: string, value: unknown): void {
  if (value !== null && !Array.isArray(value)) {
    throw invalid(name, "an array or null", value);
  }
  value?.forEach((error: unknown, index) => {
    checkObject(`${name}[${index}]`, error);
    checkString(`${name}[${index}].code`, error["code"]);
    optional(checkString)(`${name}[${index}].message`, error["message"]);
  });
}

function checkHeaders(name: string, value: unknown): void {
  checkObject(name, value);
  for (const [header, text] of Object.entries(value)) {
    validateHeaderName(header);
    if (text !== null) {
      checkHeader(`${name}.${header}`, text);
    }
  }
}

function checkHeader(name: string, value: unknown): void {
  checkString(name, value);
  validateHeaderValue(name, value);
}
