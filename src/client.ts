import createClient from "openapi-fetch";
import { validateClientOptions } from "./client-options.js";
import { MarketError, ResponseError } from "./errors.js";
import type { ChatsFilter, paths } from "./generated/types.js";
import { RequestConstructor, toFetch, toMinimalResponse, toResponse } from "./openapi-fetch-adapter.js";
import { checkInteger, isRecord } from "./check.js";
import { type PageOptions, validateCallOptions, validateFilter, validateOptions } from "./options.js";
import { type CreateError, createListing, toFetchedPage } from "./pages.js";
import type { ParsedResponse } from "./response.js";
import { createTransport } from "./transport.js";
import type { CallOptions, ChatsClient, ChatsClientOptions } from "./types.js";

/**
 * Creates a client for the chats of one cabinet. Use one client per cabinet and process: it keeps the rate limits. It
 * holds no connection and no timer, so there is nothing to close.
 *
 * @example
 * ```ts
 * const market = createChatsClient({
 *   apiKey: process.env.YANDEX_MARKET_API_KEY!,
 *   businessId: Number(process.env.YANDEX_MARKET_BUSINESS_ID),
 * });
 * ```
 * @param options - `apiKey` and `businessId`; all other options have defaults.
 * @returns The client.
 * @throws TypeError or RangeError that names the invalid option.
 */
export function createChatsClient(options: ChatsClientOptions): ChatsClient {
  const { businessId, headers, ...settings } = validateClientOptions(options);
  const path = { businessId };
  const send = createTransport(settings);

  const api = createClient<paths>({
    baseUrl: settings.baseUrl,
    headers,
    Request: RequestConstructor,
    fetch: toFetch(async (request) => toResponse(await send(request, validateCallOptions({ ...request.init })))),
  });

  /** Sends a request through openapi-fetch and the transport, and returns the `result` of the response. */
  async function call<Result>(
    pageToken: string | undefined,
    callOptions: CallOptions,
    request: (fetch: ReturnType<typeof toFetch>) => Promise<{ data?: { result?: Result } }>,
  ) {
    let received!: ParsedResponse; // Set by `fetch`.
    const fetch = toFetch(async (shim) => {
      received = await send(shim, callOptions, pageToken);
      if (received.error !== undefined) throw received.error;
      return toMinimalResponse(received);
    });
    const { data } = await request(fetch).catch((error: unknown) => {
      // Between the caller and the request lie more frames than a stack trace holds. An abort reason is left as it is.
      const isOwn = error instanceof MarketError && error !== callOptions.signal?.reason;
      if (isOwn) Error.captureStackTrace?.(error);
      throw error;
    });
    const { context, response } = received;
    const createError: CreateError = (problem, isResumable = true) =>
      new ResponseError(isResumable ? context : { ...context, pageToken: undefined }, response.status, problem);
    if (!isRecord(data?.result)) throw createError('missing "result"');
    return { result: data.result, createError };
  }

  async function fetchPage(body: ChatsFilter, { limit, pageToken, ...callOptions }: PageOptions) {
    const query = { limit, ...(pageToken !== undefined && { page_token: pageToken }) };
    const { result, createError } = await call(pageToken, callOptions, (fetch) =>
      api.POST("/v2/businesses/{businessId}/chats", { params: { path, query }, body, fetch }),
    );
    return toFetchedPage(result, result.chats, createError);
  }

  return {
    listChats(filter, listOptions) {
      const body = validateFilter(filter);
      const options = validateOptions(listOptions);
      return createListing(options, (page) => fetchPage(body, { ...options, ...page }));
    },

    async getChats(filter, pageOptions) {
      const { page } = await fetchPage(validateFilter(filter), validateOptions(pageOptions));
      return page;
    },

    async getChat(chatId, callOptions) {
      const query = { chatId: checkInteger("chatId", chatId) };
      const { result, createError } = await call(undefined, validateOptions(callOptions), (fetch) =>
        api.GET("/v2/businesses/{businessId}/chat", { params: { path, query }, fetch }),
      );
      if (typeof result.chatId !== "number") throw createError('"result" is not a chat');
      return result;
    },

    api: { GET: api.GET, POST: api.POST },
  };
}
