/** Validates arguments before any request. A message names the argument and the expected value. */
import { endpoints } from "./generated/constants.js";
import type { ChatsFilter } from "./generated/types.js";
import type { CallOptions } from "./types.js";

export function check(holds: boolean, name: string, rule: string, value: unknown, Class = TypeError): asserts holds {
  if (holds) return;
  const [expected, advice] = rule.split("; ");
  throw new Class(`${name} must be ${expected}, not ${describe(value)}${advice ? `; ${advice}` : ""}`);
}

/** Shows no string: it may be the API key, passed as the wrong argument. */
function describe(value: unknown): string {
  if (typeof value === "string") return value === "" ? "an empty string" : "this string";
  if (Number.isNaN(value)) return "NaN: is the environment variable set?";
  if (Array.isArray(value)) return value.length === 0 ? "an empty array" : "an array";
  return Object(value) === value ? getTag(value) : String(value);
}

/** For example "[object Promise]". */
function getTag(value: unknown): string {
  return Object.prototype.toString.call(value);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function validateInteger(name: string, value: unknown, minimum = 1, maximum = Number.MAX_SAFE_INTEGER): number {
  const advice = typeof value === "string" ? "; convert it with Number()" : "";
  const rule = `an integer from ${minimum} to ${maximum}${advice}`;
  check(typeof value === "number", name, rule, value);
  check(Number.isSafeInteger(value) && value >= minimum && value <= maximum, name, rule, value, RangeError);
  return value;
}

/** @param value - In milliseconds. The maximum is the longest delay of `setTimeout`. */
export function validateDelay(name: string, value: unknown, minimum: number): number {
  return validateInteger(name, typeof value === "number" ? Math.ceil(value) : value, minimum, 2 ** 31 - 1);
}

function validateLimit(limit: unknown = Infinity): number {
  const { minimum, maximum } = endpoints.getChats.limit;
  return limit === Infinity ? maximum : Math.min(validateInteger("limit", limit, minimum), maximum);
}

/** Rejects null and empty strings, which a database may return for a missing token: they would restart the listing. */
function validatePageToken(pageToken: unknown): string | undefined {
  if (pageToken === undefined) return undefined;
  const isToken = typeof pageToken === "string" && pageToken !== "" && pageToken.isWellFormed();
  check(isToken, "pageToken", "a token that the API has returned; omit it for the first page", pageToken);
  return pageToken;
}

/**
 * Reads the known keys of an object, getters included. Accepts class instances. Rejects what would look like an object
 * without properties: a Promise, Map, AbortSignal.
 */
function readObject(name: string, value: unknown, keys: readonly string[]): Record<string, unknown> {
  check(isRecord(value) && getTag(value) === "[object Object]" && !("then" in value), name, "an object", value);
  rejectUnknownKeys(name, value, keys);
  const result: Record<string, unknown> = {};
  for (const key of [...Object.keys(value), ...keys]) {
    const item = key in result ? undefined : value[key];
    if (item !== undefined) result[key] = item;
  }
  return result;
}

/** Ignoring a misspelled key would drop the filter or restart the listing. */
export function rejectUnknownKeys(name: string, value: object, knownKeys: readonly string[]): void {
  const unknown = [...Object.keys(value), ...findGetters(value)].find((key) => !knownKeys.includes(key));
  if (unknown === undefined) return;
  // Only a name is shown: another string may be the API key.
  const shown = /^\w{1,40}$/.test(unknown) ? `${name}.${unknown}` : `a property of ${name}`;
  throw new TypeError(`${shown} is unknown; known are ${knownKeys.join(", ")}`);
}

/** Returns the names of the getters that the class of an instance defines or inherits. */
function findGetters(value: object): string[] {
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype === null || Object.getPrototypeOf(prototype) === null) return [];
  const properties = Object.entries(Object.getOwnPropertyDescriptors(prototype));
  return [...properties.filter(([, { get }]) => get).map(([key]) => key), ...findGetters(prototype)];
}

type Schema = "integer" | "string" | { readonly [key: string]: "integer" | "string" };

const filterSchemas: { readonly [key: string]: Schema } = endpoints.getChats.filterLists;

/** Returns a copy of the validated values. Does not check the values of enums: the API may know more of them. */
export function validateFilter(filter: unknown = {}): ChatsFilter {
  const lists = readObject("filter", filter, Object.keys(filterSchemas));
  for (const [key, list] of Object.entries(lists)) {
    const name = `filter.${key}`;
    check(Array.isArray(list), name, "an array", list);
    check(list.length > 0, name, "a non-empty array; omit it to match all", list, RangeError);
    lists[key] = Array.from(list, (item: unknown, index) =>
      validateItem(`${name}[${index}]`, item, filterSchemas[key]),
    );
  }
  return lists;
}

function validateItem(name: string, item: unknown, schema: Schema = "string"): unknown {
  if (schema === "integer") return validateInteger(name, item);
  if (schema === "string") {
    check(typeof item === "string" && item !== "", name, "a non-empty string", item);
    return item;
  }
  const fields = readObject(name, item, Object.keys(schema));
  for (const key of Object.keys(schema)) fields[key] = validateItem(`${name}.${key}`, fields[key], schema[key]);
  return fields;
}

const callOptionNames = ["limit", "maxRetries", "pageToken", "prefetch", "signal", "timeout"];

export type PageOptions = ReturnType<typeof validateOptions>;

/** Accepts the options of all calls, so that one object can serve several of them. */
export function validateOptions(options: unknown = {}) {
  const values = readObject("options", options, callOptionNames);
  const { limit, pageToken, prefetch = false } = values;
  check(typeof prefetch === "boolean", "prefetch", "true or false", prefetch);
  const pageOptions = { limit: validateLimit(limit), pageToken: validatePageToken(pageToken), prefetch };
  return Object.assign(pageOptions, validateCallOptions(values));
}

export function validateCallOptions({ signal, timeout, maxRetries }: Readonly<Record<string, unknown>>): CallOptions {
  check(signal === undefined || signal === null || isSignal(signal), "signal", "an AbortSignal", signal);
  return {
    signal: signal ?? undefined,
    timeout: timeout === undefined ? undefined : validateDelay("timeout", timeout, 1),
    maxRetries: maxRetries === undefined ? undefined : validateInteger("maxRetries", maxRetries, 0),
  };
}

/** A signal may be a polyfill, or come from another realm. */
function isSignal(value: unknown): value is AbortSignal {
  const hasMethods = (object: Record<string, unknown>) =>
    ["addEventListener", "removeEventListener"].every((name) => typeof object[name] === "function");
  return isRecord(value) && typeof value["aborted"] === "boolean" && hasMethods(value);
}

/** For objects in which an absent value has no key. */
export function omitUndefined<T extends object>(object: T): { [Key in keyof T]?: Exclude<T[Key], undefined> };
export function omitUndefined(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
