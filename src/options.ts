/** The arguments of calls: read, checked, with defaults. */
import { check, checkDelay, checkInteger, checkObject, checkRange, isRecord } from "./check.js";
import { endpoints } from "./generated/constants.js";
import type { ChatsFilter } from "./generated/types.js";
import type { CallOptions } from "./types.js";

function checkLimit(limit: unknown = Infinity): number {
  const { minimum, maximum } = endpoints.getChats.limit;
  return limit === Infinity ? maximum : Math.min(checkInteger("limit", limit, minimum), maximum);
}

/** Rejects null and empty strings, which a database may return for a missing token: they would restart the listing. */
function checkPageToken(pageToken: unknown): string | undefined {
  if (pageToken === undefined) return undefined;
  const isToken = typeof pageToken === "string" && pageToken !== "" && pageToken.isWellFormed();
  check(isToken, "pageToken", "a token that the API has returned (omit it for the first page)", pageToken);
  return pageToken;
}

type Schema = "integer" | "string" | { readonly [key: string]: "integer" | "string" };

const filterSchemas: { readonly [key: string]: Schema } = endpoints.getChats.filterLists;

/** Returns a copy of the validated values. Does not check the values of enums: the API may know more of them. */
export function checkFilter(filter: unknown = {}): ChatsFilter {
  const lists = checkObject("filter", filter, Object.keys(filterSchemas));
  for (const [key, list] of Object.entries(lists)) {
    const name = `filter.${key}`;
    check(Array.isArray(list), name, "an array", list);
    checkRange(list.length > 0, name, "a non-empty array (omit it to match all)", list);
    lists[key] = Array.from(list, (item: unknown, index) => checkItem(`${name}[${index}]`, item, filterSchemas[key]));
  }
  return lists;
}

function checkItem(name: string, item: unknown, schema: Schema = "string"): unknown {
  if (schema === "integer") return checkInteger(name, item);
  if (schema === "string") {
    check(typeof item === "string" && item !== "", name, "a non-empty string", item);
    return item;
  }
  const fields = checkObject(name, item, Object.keys(schema));
  for (const key of Object.keys(schema)) fields[key] = checkItem(`${name}.${key}`, fields[key], schema[key]);
  return fields;
}

const callOptionNames = ["limit", "maxRetries", "pageToken", "prefetch", "signal", "timeout"];

export type PageOptions = ReturnType<typeof checkOptions>;

/** Accepts the options of all calls, so that one object can serve several of them. */
export function checkOptions(options: unknown = {}) {
  const values = checkObject("options", options, callOptionNames);
  const { limit, pageToken, prefetch = false } = values;
  check(typeof prefetch === "boolean", "prefetch", "true or false", prefetch);
  const pageOptions = { limit: checkLimit(limit), pageToken: checkPageToken(pageToken), prefetch };
  return Object.assign(pageOptions, checkCallOptions(values));
}

export function checkCallOptions({ signal, timeout, maxRetries }: Readonly<Record<string, unknown>>): CallOptions {
  check(signal === undefined || signal === null || isSignal(signal), "signal", "an AbortSignal", signal);
  return {
    signal: signal ?? undefined,
    timeout: timeout === undefined ? undefined : checkDelay("timeout", timeout, 1),
    maxRetries: maxRetries === undefined ? undefined : checkInteger("maxRetries", maxRetries, 0),
  };
}

/** A signal may be a polyfill, or come from another realm. */
function isSignal(value: unknown): value is AbortSignal {
  const hasMethods = (object: Record<string, unknown>) =>
    ["addEventListener", "removeEventListener"].every((name) => typeof object[name] === "function");
  return isRecord(value) && typeof value["aborted"] === "boolean" && hasMethods(value);
}
