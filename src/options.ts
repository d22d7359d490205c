/** Bad input is refused here, before any request, in words that name the argument and what would be right. */
import { endpoints } from "./generated/constants.js";
import type { ChatsFilter } from "./generated/types.js";
import type { CallOptions } from "./transport.js";

const {
  filterLists,
  limit: { maximum: maxPageSize },
} = endpoints.getChats;

/** The most that `setTimeout` can wait, in milliseconds: about 24.8 days. */
export const longestDelay = 2 ** 31 - 1;

export function checkInteger(name: string, value: unknown, minimum: number, maximum = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== "number") {
    throw new TypeError(`${name} must be a number, not ${kindOf(value)}`);
  }
  if (!Number.isSafeInteger(value) || value < minimum || value > maximum) {
    throw new RangeError(`${name} must be an integer from ${minimum} to ${maximum}, not ${value}`);
  }
  return value;
}

export function checkId(name: string, value: unknown): number {
  return checkInteger(name, value, 1);
}

/** A delay in milliseconds. */
export function checkDelay(name: string, value: unknown, minimum: number): number {
  if (typeof value !== "number") {
    throw new TypeError(`${name} must be a number of milliseconds, not ${kindOf(value)}`);
  }
  if (!(value >= minimum && value <= longestDelay)) {
    throw new RangeError(`${name} must be from ${minimum} to ${longestDelay} milliseconds, not ${value}`);
  }
  return value;
}

/** The page size to send: more than the Market allows becomes the most that it allows. */
export function checkLimit(limit: unknown = maxPageSize): number {
  return limit === Infinity ? maxPageSize : Math.min(checkInteger("limit", limit, 1), maxPageSize);
}

/** A token that was kept may have come back from a database as null or empty, and would ask for the first page. */
export function checkPageToken(pageToken: unknown): string | undefined {
  if (pageToken === undefined) {
    return undefined;
  }
  if (typeof pageToken !== "string" || pageToken === "") {
    throw new TypeError(`pageToken must be the token of a page, or left out, not ${kindOf(pageToken)}`);
  }
  if (!isWellFormed(pageToken)) {
    throw new RangeError("pageToken must be the token of a page, as it came: half a surrogate pair cannot be sent");
  }
  return pageToken;
}

/** Whether a URL can carry the text. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

export function checkFilter(filter: unknown = {}): ChatsFilter {
  const lists = checkObject("filter", filter);
  checkNames("filter", lists, Object.keys(filterLists));
  for (const [name, itemType] of Object.entries(filterLists)) {
    const list = lists[name];
    if (list === undefined) {
      continue;
    }
    if (!Array.isArray(list)) {
      throw new TypeError(`filter.${name} must be a list, not ${kindOf(list)}; leave it out if it does not matter`);
    }
    if (list.length === 0) {
      throw new RangeError(`filter.${name} must not be empty; leave it out if it does not matter`);
    }
    list.forEach((item: unknown, index) => checkFilterItem(`filter.${name}[${index}]`, item, itemType));
  }
  return lists;
}

/** The values of enums are not looked at: one that is unknown here may be known to the Market. */
function checkFilterItem(name: string, item: unknown, type: "integer" | "string" | object): void {
  if (typeof type === "object") {
    checkId(`${name}.id`, checkObject(name, item)["id"]);
  } else if (type === "integer") {
    checkId(name, item);
  } else if (typeof item !== "string") {
    throw new TypeError(`${name} must be a text, not ${kindOf(item)}`);
  }
}

/** The options of a call by name. One object may serve several calls, so all know all of them. */
const callOptions = ["limit", "maxRetries", "pageToken", "prefetch", "signal", "timeout"];

export function checkOptions(options: unknown = {}): Record<string, unknown> {
  const given = checkObject("options", options);
  checkNames("options", given, callOptions);
  return given;
}

/** What is misspelt is not left out in silence: a filter would let every chat through, and a token begin anew. */
export function checkNames(name: string, value: object, known: readonly string[]): void {
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) {
      throw new TypeError(`${name}.${key} is unknown: ${name} may have ${known.join(", ")}`);
    }
  }
}

/** The options that every call has. */
export function checkCallOptions({ signal, timeout, maxRetries }: Record<string, unknown>): CallOptions {
  return {
    signal: signal === undefined || signal === null ? undefined : checkSignal(signal),
    timeout: timeout === undefined ? undefined : checkDelay("timeout", timeout, 1),
    maxRetries: maxRetries === undefined ? undefined : checkInteger("maxRetries", maxRetries, 0),
  };
}

function checkSignal(signal: unknown): AbortSignal {
  if (!(signal instanceof AbortSignal)) {
    throw new TypeError(`signal must be an AbortSignal, not ${kindOf(signal)}`);
  }
  return signal;
}

export function checkObject(name: string, value: unknown): Record<string, unknown> {
  if (!isRecord(value)) {
    throw new TypeError(`${name} must be an object, not ${kindOf(value)}`);
  }
  return value;
}

export function checkFlag(name: string, value: unknown = false): boolean {
  if (typeof value !== "boolean") {
    throw new TypeError(`${name} must be true or false, not ${kindOf(value)}`);
  }
  return value;
}

export function checkFunction<Value>(name: string, value: Value): Value {
  if (value !== undefined && typeof value !== "function") {
    throw new TypeError(`${name} must be a function, not ${kindOf(value)}`);
  }
  return value;
}

/** The name of an integration, `name` or `name/version`, as a header may hold it. */
export function checkIntegration(integration: unknown): string {
  if (typeof integration !== "string" || !/^[\x21-\x7e]([\x20-\x7e]{0,98}[\x21-\x7e])?$/.test(integration)) {
    throw new TypeError('integration must be 1 to 100 ASCII characters, as in "my-helpdesk/1.4.0"');
  }
  return integration;
}

/** Gives the address without a slash at the end. The key goes there, so it has to be https, or this machine. */
export function checkBaseUrl(baseUrl: unknown): string {
  const url = typeof baseUrl === "string" && URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url === undefined || url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new TypeError('baseUrl must be an address like "https://api.partner.market.yandex.ru", without a query');
  }
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname))) {
    throw new TypeError(
      `baseUrl must be https, or http on this machine, not ${url.origin}: the key would travel in the open`,
    );
  }
  return url.origin + url.pathname.replace(/\/+$/, "");
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function kindOf(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "a list" : value === "" ? "an empty text" : typeof value;
}
