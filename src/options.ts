/** The arguments of the client and of its calls: read, checked, with defaults. */
import { createKeySource } from "./api-key.js";
import { check, checkDelay, checkInteger, checkObject, checkRange, isRecord } from "./check.js";
import { defaultBaseUrl, endpoints } from "./generated/constants.js";
import type { ChatsFilter } from "./generated/types.js";
import type { CallOptions, ChatsClientOptions } from "./types.js";

export type ClientSettings = ReturnType<typeof checkClientOptions>;

/** Adds the defaults. Ignores unknown options, because a mock server has more properties. */
export function checkClientOptions(options: ChatsClientOptions) {
  check(isRecord(options), "options", "an object with apiKey and businessId", options);
  const { baseUrl = defaultBaseUrl, allowHttp = false, integration, onAttempt, fetch } = options;
  const { timeout = 30_000, maxRetries = 2, maxRateLimitWait = 60_000, concurrency = 4 } = options;
  check(typeof allowHttp === "boolean", "allowHttp", "true or false", allowHttp);
  check(onAttempt === undefined || typeof onAttempt === "function", "onAttempt", "a function", onAttempt);
  check(fetch === undefined || typeof fetch === "function", "fetch", "a function", fetch);
  return {
    keySource: createKeySource(options.apiKey),
    businessId: checkInteger("businessId", options.businessId),
    baseUrl: checkBaseUrl(baseUrl, allowHttp),
    headers: {
      Accept: "application/json",
      ...(integration !== undefined && { "X-Market-Integration": checkIntegration(integration) }),
    },
    timeout: checkDelay("timeout", timeout, 1),
    maxRetries: checkInteger("maxRetries", maxRetries, 0),
    maxRateLimitWait: checkDelay("maxRateLimitWait", maxRateLimitWait, 0),
    concurrency: checkInteger("concurrency", concurrency),
    onAttempt,
    fetch,
  };
}

function checkIntegration(integration: unknown): string {
  const isValid = typeof integration === "string" && /^[\x21-\x7e]([\x20-\x7e]{0,98}[\x21-\x7e])?$/.test(integration);
  check(isValid, "integration", '1 to 100 ASCII characters, such as "my-helpdesk/1.4.0"', integration);
  return integration;
}

/** Returns the URL without a trailing slash. */
function checkBaseUrl(baseUrl: unknown, allowHttp: boolean): string {
  const rule = "an https URL, or an http URL on localhost, without credentials, query and fragment";
  check(typeof baseUrl === "string" && URL.canParse(baseUrl), "baseUrl", rule, baseUrl);
  const { protocol, hostname, origin, pathname, username, password, search, hash } = new URL(baseUrl);
  check(username + password + search + hash === "", "baseUrl", rule, baseUrl);
  const isLocal = hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
  const isSafe = protocol === "https:" || (protocol === "http:" && (isLocal || allowHttp));
  check(isSafe, "baseUrl", "an https URL, or an http URL on localhost (allowHttp permits other hosts)", baseUrl);
  return origin + pathname.replace(/\/+$/, "");
}

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
  // No spread, which is slow: this runs once per call.
  const { signal, timeout, maxRetries } = checkCallOptions(values);
  return { limit: checkLimit(limit), pageToken: checkPageToken(pageToken), prefetch, signal, timeout, maxRetries };
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
  return isRecord(value) && typeof value["aborted"] === "boolean" && typeof value["addEventListener"] === "function";
}
