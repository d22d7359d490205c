/** The fields of the faults that can be injected: from this table follow their types and their validation. */
import { validateHeaderName, validateHeaderValue } from "node:http";
import { check, checkDelay, checkInteger, isRecord } from "../check.js";
import type { ApiErrorDetail } from "../generated/types.js";

/** Headers by name, case-insensitive. `null` removes a header. */
export interface FaultHeaders {
  readonly [name: string]: string | null;
}

/** Returns the value if it is valid. Otherwise, throws a TypeError or RangeError that contains its name. */
export type Check<Value> = (name: string, value: unknown) => Value;

/** The fields of each kind of fault. */
export const faultFields = {
  status: {
    /** Range: 200 to 999. */
    status: (name: string, value: unknown) => checkInteger(name, value, 200, 999),
    /**
     * The `errors` in the documented error format.
     * @default one error with the code and the name of the status
     */
    errors: optional(checkErrors),
    /** Response body. Replaces the documented error format. */
    body: optional(checkString),
    /** Headers that replace or remove those of the response. */
    headers: optional(checkHeaders),
  },
  delay: {
    /** Delay in milliseconds. Minimum: 0. */
    milliseconds: (name: string, value: unknown) => checkDelay(name, value, 0),
    /**
     * `head`: before the response; `body`: in the middle of its body.
     * @default "head"
     */
    where: optional(checkOneOf("head", "body")),
  },
  cut: {
    /** `before`: before the response; `head`: in the middle of its headers; `body`: in the middle of its body. */
    where: checkOneOf("before", "head", "body"),
  },
  html: {},
  redirect: {
    /** Target: a URL or a path. */
    location: checkHeader,
    /** @default 302 */
    status: optional(checkOneOf(301, 302, 303, 307, 308)),
  },
  body: {
    /** Sent unchanged: an empty string, malformed JSON, or any other text. */
    body: checkString,
    /**
     * Headers that replace or remove those of the response. Without `Content-Length`, the body ends with the
     * connection.
     */
    headers: optional(checkHeaders),
  },
  unsafeInteger: {},
  repeatToken: {},
};

export type Kind = keyof typeof faultFields;

type Checks<K extends Kind> = (typeof faultFields)[K];
type OptionalName<K extends Kind> = {
  [Name in keyof Checks<K>]: Checks<K>[Name] extends { isOptional: true } ? Name : never;
}[keyof Checks<K>];
type Values<Fields> = { readonly [Name in keyof Fields]: Fields[Name] extends Check<infer Value> ? Value : never };
export type FaultOf<K extends Kind> = { readonly kind: K } & Values<Omit<Checks<K>, OptionalName<K>>> &
  Partial<Values<Pick<Checks<K>, OptionalName<K>>>>;

export function optional<Value>(checkValue: Check<Value>) {
  const checkOptional: Check<Value | undefined> = (name, value) =>
    value === undefined ? value : checkValue(name, value);
  return Object.assign(checkOptional, { isOptional: true } as const);
}

export function checkOneOf<Value extends string | number>(...values: readonly Value[]): Check<Value> {
  return (name, value) => {
    const found = values.find((candidate) => candidate === value);
    check(found !== undefined, name, `one of ${values.join(", ")}`, value);
    return found;
  };
}

function checkString(name: string, value: unknown): string {
  check(typeof value === "string", name, "a string", value);
  return value;
}

function checkHeader(name: string, value: unknown): string {
  const text = checkString(name, value);
  validateHeaderValue(name, text);
  return text;
}

function checkHeaders(name: string, value: unknown): FaultHeaders {
  check(isRecord(value), name, "an object", value);
  const headers = Object.entries(value).map(([header, text]) => {
    validateHeaderName(header);
    return [header, text === null ? null : checkHeader(`${name}.${header}`, text)] as const;
  });
  return Object.fromEntries(headers);
}

function checkErrors(name: string, value: unknown): readonly ApiErrorDetail[] | null {
  check(value === null || Array.isArray(value), name, "an array or null", value);
  value?.forEach((error: unknown, index) => {
    const path = `${name}[${index}]`;
    check(isRecord(error), path, "an object", error);
    checkString(`${path}.code`, error["code"]);
    optional(checkString)(`${path}.message`, error["message"]);
  });
  return value;
}
