import { endpoints } from "../generated/constants.js";
import type { Chat } from "../generated/types.js";
import { checkKey } from "../key.js";
import { checkDelay, checkInteger, checkNames, isRecord } from "../options.js";
import type { Operation } from "./routes.js";
import { sampleChats } from "./samples.js";

/** How a test server is set up. */
export interface MarketServerOptions {
  /**
   * The chats of the cabinet, in the order in which they are listed, no two with the same ID; or a number: that many
   * of `sampleChats`. They are copied. To change what the server has later on, change `server.chats`.
   * @default 50
   */
  chats?: readonly Chat[] | number | undefined;
  /**
   * The key that the server accepts.
   * @default a made-up one that no Market knows
   */
  apiKey?: string | undefined;
  /**
   * The ID of the cabinet, a positive integer. For any other the server answers with 403.
   * @default 123456
   */
  businessId?: number | undefined;
  /**
   * How many requests to an operation are answered in one period, from 0. Those after get 420 until the period is over.
   * @default the Market's documented quotas: 10,000 for getChats, 1,000 for getChat
   */
  quota?: { readonly getChats?: number | undefined; readonly getChat?: number | undefined } | undefined;
  /**
   * Milliseconds of a quota's period, from 1. A period begins with the first request after the last one's end. The
   * headers tell its end in whole seconds, rounded up: what waits for it waits up to a second longer.
   * @default 3_600_000
   */
  quotaPeriod?: number | undefined;
  /**
   * How many requests may be in flight at once, from 1. Those beyond get 420. `Infinity` for any number.
   * @default 4
   */
  parallelLimit?: number | undefined;
  /**
   * Milliseconds before each answer.
   * @default 0
   */
  latency?: number | undefined;
  /**
   * How many milliseconds the server's clock is fast, or slow if it is negative: `Date` and
   * `X-RateLimit-Resource-Until` go by it. At most a hundred years.
   * @default 0
   */
  clockOffset?: number | undefined;
  /**
   * The port on 127.0.0.1. 0 for any that is free.
   * @default 0
   */
  port?: number | undefined;
}

/** The options, checked and with their defaults. */
export interface Settings {
  chats: Chat[];
  apiKey: string;
  businessId: number;
  quota: Record<Operation, number>;
  quotaPeriod: number;
  parallelLimit: number;
  latency: number;
  clockOffset: number;
  port: number;
}

const defaultApiKey = "ACMA:AMadeUpTokenForTheTestServerItIsNotLive0:00000000";

const hundredYears = 100 * 365.25 * 24 * 3_600_000;

/** @throws TypeError or RangeError that names the option. */
export function checkServerOptions(options: MarketServerOptions): Settings {
  const { parallelLimit = 4 } = options;
  const settings = {
    chats: checkChats(options.chats ?? 50),
    apiKey: checkKey(options.apiKey ?? defaultApiKey),
    businessId: checkInteger("businessId", options.businessId ?? 123_456, 1),
    quota: checkQuota(options.quota ?? {}),
    quotaPeriod: checkDelay("quotaPeriod", options.quotaPeriod ?? 3_600_000, 1),
    parallelLimit: parallelLimit === Infinity ? parallelLimit : checkInteger("parallelLimit", parallelLimit, 1),
    latency: checkDelay("latency", options.latency ?? 0, 0),
    clockOffset: checkInteger("clockOffset", options.clockOffset ?? 0, -hundredYears, hundredYears),
    port: checkInteger("port", options.port ?? 0, 0, 65_535),
  };
  checkNames("options", options, Object.keys(settings));
  return settings;
}

function checkQuota(quota: { readonly getChats?: number | undefined; readonly getChat?: number | undefined }) {
  if (!isRecord(quota)) {
    throw new TypeError("quota must be an object, as in { getChats: 100 }");
  }
  checkNames("quota", quota, Object.keys(endpoints));
  return {
    getChats: checkInteger("quota.getChats", quota.getChats ?? endpoints.getChats.requestsPerHour, 0),
    getChat: checkInteger("quota.getChat", quota.getChat ?? endpoints.getChat.requestsPerHour, 0),
  };
}

function checkChats(chats: readonly Chat[] | number): Chat[] {
  if (typeof chats === "number") {
    return sampleChats(checkInteger("chats", chats, 0));
  }
  if (!Array.isArray(chats)) {
    throw new TypeError("chats must be a list of chats, or how many sample chats there should be");
  }
  const ids = new Set<number>();
  const copies: Chat[] = structuredClone([...chats]);
  copies.forEach((chat, index) => {
    const chatId = checkInteger(`chats[${index}].chatId`, isRecord(chat) ? chat.chatId : undefined, 1);
    if (ids.has(chatId)) {
      throw new RangeError(`chats[${index}].chatId is ${chatId}, which another chat has: paging goes by the ID`);
    }
    ids.add(chatId);
  });
  return copies;
}
