import { endpoints } from "../generated/constants.js";
import type { Chat } from "../generated/types.js";
import { checkApiKey } from "../api-key.js";
import { check, checkDelay, checkInteger, checkKeys, checkObject, checkRange, isRecord } from "../check.js";
import type { ReceivedRequest } from "./request-log.js";
import { mapOperations, type Operation, operations } from "./routing.js";
import { sampleChats } from "./samples.js";

/** Options of the mock server. */
export interface MarketServerOptions {
  /**
   * Chats of the cabinet (business account), in the order in which they are listed, with unique IDs. A number creates
   * this many `sampleChats`. The server copies the chats; to change them later, change `server.chats`.
   * @default 50
   */
  chats?: readonly Chat[] | number | undefined;
  /**
   * API key that the server accepts.
   * @default a key that is not valid in the real API
   */
  apiKey?: string | undefined;
  /**
   * ID of the cabinet, a positive integer. For any other ID, the server responds with 403.
   * @default 123456
   */
  businessId?: number | undefined;
  /**
   * Number of requests per operation and quota window. Further requests receive a 420 until the quota resets.
   * Minimum: 0.
   * @default the documented quotas: 10,000 for getChats, 1,000 for getChat
   */
  quota?: { readonly [Name in Operation]?: number | undefined } | undefined;
  /**
   * Length of a quota window in milliseconds. A window starts with the first request after the end of the last one. The
   * headers contain its end in whole seconds, rounded up, so a client waits up to a second longer. Minimum: 1.
   * @default 3_600_000
   */
  quotaPeriod?: number | undefined;
  /**
   * Maximum number of concurrent requests. Further ones receive a 420. Minimum: 1. `Infinity` for no limit.
   * @default 4
   */
  parallelLimit?: number | undefined;
  /**
   * Delay of each response, in milliseconds.
   * @default 0
   */
  latency?: number | undefined;
  /**
   * Difference between the server's clock and the real time, in milliseconds. Affects `Date` and
   * `X-RateLimit-Resource-Until`. Negative if the clock is slow. Range: -1e12 to 1e12, about 30 years.
   * @default 0
   */
  clockOffset?: number | undefined;
  /**
   * Port to listen on. 0 for any free port.
   * @default 0
   */
  port?: number | undefined;
  /**
   * Host name or IP address to listen on. `0.0.0.0` makes the server reachable from other machines and containers.
   * @default "127.0.0.1"
   */
  host?: string | undefined;
  /**
   * Whether to serve the control endpoints under `/_market`, for tests in other languages. They require the API key.
   * @default false
   */
  control?: boolean | undefined;
  /** Called when a request is finished: after its response was sent, or when the connection is closed. */
  onRequest?: ((request: ReceivedRequest) => void) | undefined;
}

/** The validated options with their defaults. */
export type Settings = ReturnType<typeof readServerOptions>;

const defaultApiKey = "ACMA:AMadeUpTokenForTheTestServerItIsNotLive0:00000000";

/** @throws TypeError or RangeError that names the option. */
export function readServerOptions(options: MarketServerOptions) {
  check(isRecord(options), "options", "an object", options);
  const { parallelLimit = 4, host = "127.0.0.1", control = false, onRequest = () => undefined } = options;
  check(typeof host === "string" && host !== "", "host", "a host name or an IP address", host);
  check(typeof control === "boolean", "control", "true or false", control);
  check(typeof onRequest === "function", "onRequest", "a function", onRequest);
  const quota = checkObject("quota", options.quota ?? {}, operations);
  const settings = {
    chats: checkChats(options.chats ?? 50),
    apiKey: checkApiKey(options.apiKey ?? defaultApiKey),
    businessId: checkInteger("businessId", options.businessId ?? 123_456),
    quota: mapOperations((name) => checkInteger(`quota.${name}`, quota[name] ?? endpoints[name].requestsPerHour, 0)),
    quotaPeriod: checkDelay("quotaPeriod", options.quotaPeriod ?? 3_600_000, 1),
    parallelLimit: parallelLimit === Infinity ? parallelLimit : checkInteger("parallelLimit", parallelLimit),
    latency: checkDelay("latency", options.latency ?? 0, 0),
    clockOffset: checkInteger("clockOffset", options.clockOffset ?? 0, -1e12, 1e12),
    port: checkInteger("port", options.port ?? 0, 0, 65_535),
    host,
    control,
    onRequest,
  };
  checkKeys("options", options, Object.keys(settings));
  return settings;
}

/** Returns a deep copy of the chats, or sample chats. @throws TypeError or RangeError that names the invalid chat. */
export function checkChats(chats: unknown): Chat[] {
  if (typeof chats === "number") return sampleChats(checkInteger("chats", chats, 0));
  check(Array.isArray(chats), "chats", "an array of chats, or a number of sample chats", chats);
  const ids = new Set<number>();
  const copies: Chat[] = structuredClone(chats);
  for (const [index, chat] of copies.entries()) {
    check(isRecord(chat), `chats[${index}]`, "an object", chat);
    check(isRecord(chat.context), `chats[${index}].context`, "an object", chat.context);
    const chatId = checkInteger(`chats[${index}].chatId`, chat.chatId);
    checkRange(!ids.has(chatId), `chats[${index}].chatId`, "unique", chatId);
    ids.add(chatId);
  }
  return copies;
}
