import { createKeySource } from "./api-key.js";
import { defaultBaseUrl } from "./generated/constants.js";
import { check, checkDelay, checkInteger, isRecord } from "./check.js";
import type { ChatsClientOptions } from "./types.js";

export type ClientSettings = ReturnType<typeof checkClientOptions>;

/** Adds the defaults. Ignores unknown options, so that a mock server can be passed as it is. */
export function checkClientOptions(options: ChatsClientOptions) {
  check(isRecord(options), "options", "an object with apiKey and businessId", options);
  const { baseUrl = defaultBaseUrl, allowHttp = false, integration, onAttempt, fetch } = options;
  const { timeout = 30_000, maxRetries = 2, maxRateLimitWait = 60_000, concurrency = 4 } = options;
  check(typeof allowHttp === "boolean", "allowHttp", "true or false", allowHttp);
  check(onAttempt === undefined || typeof onAttempt === "function", "onAttempt", "a function", onAttempt);
  check(fetch === undefined || typeof fetch === "function", "fetch", "a function", fetch);
  return {
    getKey: createKeySource(options.apiKey),
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
