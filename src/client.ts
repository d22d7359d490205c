import createClient, { type Client } from "openapi-fetch";
import { asFetch, parsedResponse, rebuild, RequestStandIn } from "./bridge.js";
import { type Call, MarketError, ResponseError } from "./errors.js";
import type { Fetch } from "./exchange.js";
import { defaultBaseUrl } from "./generated/constants.js";
import type { Chat, ChatsFilter, ChatsPage, paths } from "./generated/types.js";
import { type ApiKey, checkKey, redactor } from "./key.js";
import {
  checkBaseUrl,
  checkCallOptions,
  checkDelay,
  checkFilter,
  checkFlag,
  checkFunction,
  checkId,
  checkInteger,
  checkIntegration,
  checkLimit,
  checkObject,
  checkOptions,
  checkPageToken,
  isRecord,
} from "./options.js";
import { type FetchedPage, iteratePages } from "./pages.js";
import { type Attempt, type CallOptions, createTransport } from "./transport.js";

/** How a client is set up. */
export interface ChatsClientOptions {
  /**
   * The API key of the cabinet, as it stands there, without `Bearer`: one of the scopes `communication`, `all-methods` and
   * `all-methods:read-only` is needed. Or a function that returns it, or a promise of it, and that is asked before
   * every request: for keys that are rotated or come from a vault.
   * See https://yandex.ru/dev/market/partner-api/doc/en/concepts/api-key
   */
  apiKey: ApiKey;
  /** The cabinet's ID, a positive integer. A key belongs to one cabinet. */
  businessId: number;
  /**
   * The Market's address: https, or http on this machine. The key is sent nowhere else. Sellers in Uzbekistan use
   * `https://api.partner.market.yandex.net`.
   * @default "https://api.partner.market.yandex.ru"
   */
  baseUrl?: string | undefined;
  /**
   * `name` or `name/version` of your integration, 1 to 100 ASCII characters: sent as `X-Market-Integration`, and shown
   * in the cabinet's request log.
   * See https://yandex.ru/dev/market/partner-api/doc/en/concepts/integration-signing
   */
  integration?: string | undefined;
  /**
   * Milliseconds that each attempt may take, to the end of the answer's body: from 1 to 2_147_483_647, the most that a
   * timer can. Waiting in the queue, for the quota or between attempts does not count.
   * @default 30_000
   */
  timeout?: number | undefined;
  /**
   * How many attempts may follow a first one that failed and is worth repeating: no answer, 408, 420, 429, 5xx. An
   * integer from 0, for none.
   * @default 2
   */
  maxRetries?: number | undefined;
  /**
   * Milliseconds that a call waits for the operation's quota to be renewed: from 0 to 2_147_483_647. If it would have to
   * wait longer, it rejects at once with a `RateLimitError`, which tells when to come back.
   * @default 60_000
   */
  maxRateLimitWait?: number | undefined;
  /**
   * How many requests may be in flight at once, an integer from 1; further ones queue in order of arrival. The Market
   * allows 4 for one cabinet, and counts those of every process: share them out if there are several.
   * See https://yandex.ru/dev/market/partner-api/doc/en/concepts/limits
   * @default 4
   */
  concurrency?: number | undefined;
  /** Called once for each attempt, for metrics and logs. It gets nothing secret, and what it throws is ignored. */
  onAttempt?: ((attempt: Attempt) => void) | undefined;
  /**
   * What to send requests with: a proxy's fetch, a test double.
   * @default the global `fetch`, as it is at the time of the request
   */
  fetch?: Fetch | undefined;
}

/** What can be set for a single page. */
export interface GetChatsOptions extends CallOptions {
  /**
   * How many chats a page holds at most: an integer from 1; more than 20 becomes 20, the most that the Market allows.
   * @default 20
   */
  limit?: number | undefined;
  /** The page to get, as `paging.nextPageToken` or an error's `pageToken` named it. Left out: the first page. */
  pageToken?: string | undefined;
}

/** What can be set for a listing. */
export interface ListChatsOptions extends GetChatsOptions {
  /**
   * Whether the next page is asked for while you are at work on one, so that its time does not add to yours. If you
   * leave the loop early, the request for a page you never see has used up quota.
   * @default false
   */
  prefetch?: boolean | undefined;
}

/** The chats that fit a filter. Nothing is asked for until it is iterated, and each iteration starts afresh. */
export interface ChatsListing extends AsyncIterable<Chat> {
  /** The same page by page. */
  pages(): AsyncIterable<ChatsPage>;
}

/** Lists and reads the chats of one cabinet. */
export interface ChatsClient {
  /**
   * Lists every chat that fits the filter, one by one. A page is asked for when its first chat is; `break` ends the
   * listing with no further request.
   * See https://yandex.ru/dev/market/partner-api/doc/en/reference/chats/getChats
   *
   * @example
   * ```ts
   * for await (const chat of market.listChats({ statuses: ["WAITING_FOR_PARTNER"] })) {
   *   console.log(chat.chatId, chat.updatedAt);
   * }
   * ```
   * @param filter - Which chats. Its lists narrow each other down. Left out: every chat.
   * @param options - Page size (1 to 20, default 20), token to start from, prefetch, signal, timeout, retries.
   * @returns What `for await` iterates: chats, or pages after a call of `pages()`. Each iteration starts afresh.
   * @throws TypeError or RangeError at once, if an argument is wrong: nothing has been sent then.
   * @throws MarketError while iterating. Its `pageToken` goes into `options.pageToken` to resume the listing: the page
   * that failed is the next one then, and none of its chats has been seen.
   */
  listChats(filter?: ChatsFilter, options?: ListChatsOptions): ChatsListing;

  /**
   * Gets one page of the chats that fit the filter.
   * See https://yandex.ru/dev/market/partner-api/doc/en/reference/chats/getChats
   *
   * @param filter - Which chats. To go on from page to page it must stay the same. Left out: every chat.
   * @param options - Page size (1 to 20, default 20), token of the page, signal, timeout, retries.
   * @returns The documented `result`: `chats`, and `paging.nextPageToken` if there is another page.
   * @throws TypeError or RangeError if an argument is wrong: nothing has been sent then.
   * @throws MarketError if there is no page to return.
   */
  getChats(filter?: ChatsFilter, options?: GetChatsOptions): Promise<ChatsPage>;

  /**
   * Gets one chat.
   * See https://yandex.ru/dev/market/partner-api/doc/en/reference/chats/getChat
   *
   * @param chatId - The chat's ID, a positive integer.
   * @param options - Signal, timeout, retries.
   * @returns The documented `result`.
   * @throws TypeError or RangeError if an argument is wrong: nothing has been sent then.
   * @throws MarketError if there is no chat to return; an `ApiError` with `status` 404 if there is no such chat.
   */
  getChat(chatId: number, options?: CallOptions): Promise<Chat>;

  /**
   * The calls of openapi-fetch for what openapi/chats.yaml describes, with the same key, retries and limits. `signal`,
   * `timeout` and `maxRetries` can stand beside `params` and `body`.
   *
   * An answer with an error is not thrown here: `error` holds its body. What is thrown for want of an answer is the same.
   */
  readonly api: Pick<Client<paths>, "GET" | "POST">;
}

/**
 * Creates a client for the chats of one cabinet. It holds no connection and no timer of its own: there is nothing to
 * close.
 *
 * @example
 * ```ts
 * const market = createChatsClient({
 *   apiKey: process.env.YANDEX_MARKET_API_KEY!,
 *   businessId: Number(process.env.YANDEX_MARKET_BUSINESS_ID),
 * });
 * ```
 * @param options - `apiKey` and `businessId`; the rest has defaults.
 * @returns The client. One is enough for a cabinet: the limits are kept per client.
 * @throws TypeError or RangeError that names the option, if one is wrong.
 */
export function createChatsClient(options: ChatsClientOptions): ChatsClient {
  checkObject("options", options);
  const { apiKey, businessId, integration, onAttempt, fetch } = options;
  const { baseUrl = defaultBaseUrl, timeout = 30_000, maxRetries = 2 } = options;
  const { maxRateLimitWait = 60_000, concurrency = 4 } = options;
  const redact = typeof apiKey === "function" ? (text: string) => text : redactor(checkKey(apiKey));
  const path = { businessId: checkId("businessId", businessId) };
  const address = checkBaseUrl(baseUrl);
  const send = createTransport({
    apiKey,
    baseUrl: address,
    timeout: checkDelay("timeout", timeout, 1),
    maxRetries: checkInteger("maxRetries", maxRetries, 0),
    maxRateLimitWait: checkDelay("maxRateLimitWait", maxRateLimitWait, 0),
    concurrency: checkInteger("concurrency", concurrency, 1),
    onAttempt: checkFunction("onAttempt", onAttempt),
    fetch: checkFunction("fetch", fetch),
  });

  const api = createClient<paths>({
    baseUrl: address,
    headers: integration === undefined ? {} : { "X-Market-Integration": checkIntegration(integration) },
    Request: RequestStandIn,
    fetch: asFetch(async (request) => {
      const call = { operation: `${request.method} ${new URL(request.url).pathname}`, attempts: 0, redact };
      return rebuild(await send(request, call, checkCallOptions({ ...request.init })), call);
    }),
  });

  /** Lets openapi-fetch send a request through the transport, and takes the result out of the answer. */
  async function read<Result>(
    call: Call,
    callOptions: CallOptions,
    request: (fetch: ReturnType<typeof asFetch>) => Promise<{ data?: { result?: Result }; response: Response }>,
  ): Promise<Result> {
    const fetch = asFetch(async (sent) => {
      const answer = await send(sent, call, callOptions);
      if (answer.failure !== undefined) {
        throw answer.failure;
      }
      return parsedResponse(answer);
    });
    const { data, response } = await request(fetch).catch((error: unknown) => {
      // The reason of an abort is the caller's own, and may be an error of another call.
      throw error === callOptions.signal?.reason ? error : showingCaller(error);
    });
    const result = data?.result;
    if (!isRecord(result)) {
      throw new ResponseError(call, response.status, "there is no result in the answer");
    }
    return result;
  }

  async function fetchPage(
    filter: ChatsFilter,
    limit: number,
    pageToken: string | undefined,
    callOptions: CallOptions,
  ): Promise<FetchedPage> {
    const call = { operation: "getChats", pageToken, attempts: 0, redact };
    const query = pageToken === undefined ? { limit } : { limit, page_token: pageToken };
    const page = await read(call, callOptions, (fetch) =>
      api.POST("/v2/businesses/{businessId}/chats", { params: { path, query }, body: filter, fetch }),
    );
    if (!Array.isArray(page.chats) || !page.chats.every(isRecord)) {
      throw new ResponseError(call, 200, "there is no list of chats in its result");
    }
    return { page, call };
  }

  return {
    listChats(filter, listOptions) {
      // A copy: from page to page the filter must stay the same, whatever becomes of the caller's object.
      const fixedFilter = JSON.parse(JSON.stringify(checkFilter(filter))) as ChatsFilter;
      const given = checkOptions(listOptions);
      const limit = checkLimit(given["limit"]);
      const pageToken = checkPageToken(given["pageToken"]);
      const prefetch = checkFlag("prefetch", given["prefetch"]);
      const callOptions = checkCallOptions(given);
      const pages = () =>
        iteratePages((token, signal) => fetchPage(fixedFilter, limit, token, { ...callOptions, signal }), {
          pageToken,
          prefetch,
          signal: callOptions.signal,
        });
      return {
        pages: () => ({ [Symbol.asyncIterator]: pages }),
        async *[Symbol.asyncIterator]() {
          for await (const page of pages()) {
            for (const chat of page.chats) {
              callOptions.signal?.throwIfAborted();
              yield chat;
            }
          }
        },
      };
    },

    async getChats(filter, pageOptions) {
      const given = checkOptions(pageOptions);
      const limit = checkLimit(given["limit"]);
      const pageToken = checkPageToken(given["pageToken"]);
      const { page } = await fetchPage(checkFilter(filter), limit, pageToken, checkCallOptions(given));
      return page;
    },

    async getChat(chatId, callOptions) {
      const query = { chatId: checkId("chatId", chatId) };
      const call = { operation: "getChat", attempts: 0, redact };
      const chat = await read(call, checkCallOptions(checkOptions(callOptions)), (fetch) =>
        api.GET("/v2/businesses/{businessId}/chat", { params: { path, query }, fetch }),
      );
      if (typeof chat.chatId !== "number") {
        throw new ResponseError(call, 200, "there is no chat in its result");
      }
      return chat;
    },

    api: { GET: api.GET, POST: api.POST },
  };
}

/** Between the caller and an attempt lie more frames than a stack holds, and the caller's are those that help. */
function showingCaller(error: unknown): unknown {
  if (error instanceof MarketError) {
    Error.captureStackTrace?.(error);
  }
  return error;
}
