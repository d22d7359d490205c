import type { Client } from "openapi-fetch";
import type { Chat, ChatsFilter, ChatsPage, paths } from "./generated/types.js";

/** The API key, or a function that returns it or a promise of it. */
export type ApiKey = string | (() => string | Promise<string>);

/** The part of the global `fetch` that the client uses. Any compatible function will do: a proxy, a test double. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Quota of an operation, from the `X-RateLimit-Resource-*` response headers. */
export interface RateLimit {
  /** Requests allowed in the current window. */
  limit?: number;
  /** Requests remaining in the current window. */
  remaining?: number;
  /** End of the current window, by the server's clock. */
  until?: Date;
}

/** One attempt, as passed to `onAttempt`. Contains no secrets. */
export interface Attempt {
  /** HTTP method. */
  method: string;
  /** The path without the query: `/v2/businesses/123456/chats`. */
  path: string;
  /** Number of the attempt within its call, from 1. */
  attempt: number;
  /** Duration in milliseconds, including the `apiKey` function and the response body. */
  durationMs: number;
  /** HTTP status, if a response was received. */
  status?: number;
  /** The error: a `MarketError`, or the `reason` of the signal that aborted the attempt. */
  error?: unknown;
  /** Milliseconds until the next attempt, without waiting for other calls. Absent if there is none. */
  retryInMs?: number;
  /** Quota of the operation, if the response reports it. */
  rateLimit?: RateLimit;
  /** Trace ID from the `traceparent` response header. Include it when you contact Yandex Market support. */
  traceparent?: string;
}

/** Configuration of a client. */
export interface ChatsClientOptions {
  /**
   * API key of the cabinet (business account), without `Bearer`. Required scope: `communication`, `all-methods` or
   * `all-methods:read-only`. Must not contain spaces, quotation marks and backslashes. A function is called before
   * every attempt, and once more after a 401: use it to rotate keys or to read a vault. See
   * https://yandex.ru/dev/market/partner-api/doc/en/concepts/api-key
   */
  apiKey: ApiKey;
  /** ID of the cabinet that the key belongs to: a positive integer. */
  businessId: number;
  /**
   * Base URL of the API: https, or http on localhost. The key is sent to its origin only. Sellers in Uzbekistan use
   * `https://api.partner.market.yandex.net`.
   * @default "https://api.partner.market.yandex.ru"
   */
  baseUrl?: string | undefined;
  /**
   * Name of your integration, `name` or `name/version`, 1 to 100 ASCII characters. Sent as `X-Market-Integration` and
   * shown in the request log of the cabinet.
   * See https://yandex.ru/dev/market/partner-api/doc/en/concepts/integration-signing
   */
  integration?: string | undefined;
  /**
   * Timeout for each attempt, including reading the response body, in milliseconds. Range: 1 to 2147483647. Time in the
   * queue and retry delays do not count.
   * @default 30_000
   */
  timeout?: number | undefined;
  /**
   * Maximum number of retries after connection errors, timeouts, and the statuses 408, 420, 429 and 5xx. Minimum: 0,
   * for a single attempt. A 420 for too many concurrent requests does not count: unless this is 0, it is retried until
   * `maxRateLimitWait` is used up. The delay is that of the `Retry-After` header; without it 0.5 s, 1 s, 2 s … 8 s,
   * minus up to 50% jitter. See https://yandex.ru/dev/market/partner-api/doc/en/concepts/best-practices
   * @default 2
   */
  maxRetries?: number | undefined;
  /**
   * Maximum total time for which rate limits may delay a call, in milliseconds: time during which the quota of the
   * operation is exhausted, delays after a 420, and `Retry-After`. Range: 0 to 2147483647; 0 means no delay. A call
   * that would have to wait longer rejects immediately: with the error of its last attempt, or with a `RateLimitError`
   * if it has sent no request or the quota is exhausted meanwhile. Waiting for other calls of the client does not
   * count. See https://yandex.ru/dev/market/partner-api/doc/en/concepts/limits
   * @default 60_000
   */
  maxRateLimitWait?: number | undefined;
  /**
   * Maximum number of concurrent requests. Minimum: 1. Further calls are queued in order of arrival. The API allows 4
   * for one cabinet, counting all processes. After a 420 for too many concurrent requests the client halves its own
   * limit and raises it again with each accepted request, so several processes can use the default. Set 3 in a process
   * that sends 4 requests at a time for minutes: it would leave too little for the others.
   * See https://yandex.ru/dev/market/partner-api/doc/en/concepts/limits
   * @default 4
   */
  concurrency?: number | undefined;
  /**
   * Whether `baseUrl` may use http for other hosts than localhost, for a mock server in a private network. The key is
   * then sent unencrypted.
   * @default false
   */
  allowHttp?: boolean | undefined;
  /** Called after each attempt, for metrics and logs. Errors and rejections of the callback are ignored. */
  onAttempt?: ((attempt: Attempt) => void) | undefined;
  /**
   * Function that sends the requests.
   * @default the global `fetch` at the time of the request
   */
  fetch?: Fetch | undefined;
}

/** Options of a single call. */
export interface CallOptions {
  /**
   * Aborts the call in the queue, in flight or during a retry delay. The call rejects with the signal's `reason`, or
   * with an `AbortError` if a polyfilled signal has none.
   */
  signal?: AbortSignal | undefined;
  /**
   * Timeout for each attempt, including reading the response body, in milliseconds. Range: 1 to 2147483647.
   * @default the client's `timeout`
   */
  timeout?: number | undefined;
  /**
   * Maximum number of retries. Minimum: 0. With `market.api`, it also permits to retry an operation that is not in the
   * OpenAPI document of the package, and that the API may have processed.
   * @default the client's `maxRetries`
   */
  maxRetries?: number | undefined;
}

/** Options of `getChats`. */
export interface GetChatsOptions extends CallOptions {
  /**
   * Maximum number of chats per page. Minimum: 1. Values above 20 become 20, the maximum of the API.
   * @default 20
   */
  limit?: number | undefined;
  /** Token of the page, from `paging.nextPageToken` or from the `pageToken` of an error. Default: the first page. */
  pageToken?: string | undefined;
}

/** Options of `listChats`. */
export interface ListChatsOptions extends GetChatsOptions {
  /**
   * Whether to request the next page while the current one is processed. If you leave the loop early, the request for
   * the next page is aborted, but may have used quota.
   * @default false
   */
  prefetch?: boolean | undefined;
}

/** The chats that match a filter. Each iteration starts over and requests pages only when the loop reaches them. */
export interface ChatsListing extends AsyncIterable<Chat> {
  /** Iterates over pages instead of chats. */
  pages(): AsyncIterable<ChatsPage>;
}

/**
 * The openapi-fetch methods for all operations of `Paths` that respond with JSON, with the key, retries and rate limits
 * of the client. `signal`, `timeout` and `maxRetries` are accepted next to `params` and `body`. `parseAs` must be
 * `"json"` or `"text"`, and `middleware` is not supported.
 *
 * The body of a 4xx or 5xx response is returned as `error` instead of being thrown. If it is empty, `error` is
 * undefined, too: check `response.ok`. A call rejects only if no response is received, or if the response is not in the
 * documented format.
 *
 * Operations that the package does not know are retried after 420, 429 and a refused connection only, unless the call
 * sets `maxRetries` or the method is `GET`: a message must not be sent twice.
 */
export type LowLevelApi<Paths extends object> = Pick<Client<Paths>, "GET" | "POST" | "PUT" | "PATCH" | "DELETE">;

/**
 * Lists and reads the chats of one cabinet.
 *
 * @typeParam Paths - The operations of `api`, as openapi-typescript generates them. Default: those of this package.
 */
export interface ChatsClient<Paths extends object = paths> {
  /**
   * Lists all chats that match the filter. Pages are requested when the loop reaches them. After a `break` no further
   * request is sent, and a prefetched one is aborted.
   * See https://yandex.ru/dev/market/partner-api/doc/en/reference/chats/getChats
   *
   * @example
   * ```ts
   * for await (const chat of market.listChats({ statuses: ["WAITING_FOR_PARTNER"] })) {
   *   console.log(chat.chatId, chat.updatedAt);
   * }
   * ```
   * @param filter - Conditions that must all match. Default: all chats.
   * @param options - `limit` (chats per page: 1 to 20, default 20), `pageToken`, `prefetch`, `signal`, `timeout`,
   * `maxRetries`.
   * @returns An async iterable of chats; its `pages()` iterates over pages. Each iteration starts over.
   * @throws TypeError or RangeError immediately if an argument is invalid.
   * @throws MarketError during iteration. To resume, pass its `pageToken` as `options.pageToken`: the page that failed
   * comes first. If chats change meanwhile, the API may return one twice or not at all: identify them by `chatId`.
   */
  listChats(filter?: ChatsFilter, options?: ListChatsOptions): ChatsListing;

  /**
   * Returns one page of the chats that match the filter.
   * See https://yandex.ru/dev/market/partner-api/doc/en/reference/chats/getChats
   *
   * @param filter - Conditions that must all match; the same for every page. Default: all chats.
   * @param options - `limit` (chats per page: 1 to 20, default 20), `pageToken`, `signal`, `timeout`, `maxRetries`.
   * @returns The documented `result`: `chats`, and `paging.nextPageToken` if there is another page.
   * @throws TypeError or RangeError if an argument is invalid; no request is sent.
   * @throws MarketError if the call fails.
   */
  getChats(filter?: ChatsFilter, options?: GetChatsOptions): Promise<ChatsPage>;

  /**
   * Returns one chat.
   * See https://yandex.ru/dev/market/partner-api/doc/en/reference/chats/getChat
   *
   * @param chatId - ID of the chat: a positive integer.
   * @param options - `signal`, `timeout`, `maxRetries`.
   * @returns The documented `result`.
   * @throws TypeError or RangeError if an argument is invalid; no request is sent.
   * @throws MarketError if the call fails: an `ApiError` with `status` 404 if the chat does not exist.
   */
  getChat(chatId: number, options?: CallOptions): Promise<Chat>;

  /**
   * Low-level API: the openapi-fetch methods `GET`, `POST`, `PUT`, `PATCH` and `DELETE`, with the same key, retries and
   * rate limits. An error response is returned as `error` instead of being thrown.
   */
  readonly api: LowLevelApi<Paths>;
}
