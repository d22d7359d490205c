import createClient from "openapi-fetch";
import { checkInteger, isRecord } from "./check.js";
import { ResponseError, withCallerStack } from "./errors.js";
import { type BuilderFetch, buildRequest, RequestConstructor } from "./fetch-adapter.js";
import { endpoints } from "./generated/constants.js";
import type { ChatsFilter, paths } from "./generated/types.js";
import { createLowLevelApi } from "./low-level-api.js";
import { checkClientOptions, checkFilter, checkOptions, type PageOptions } from "./options.js";
import { createListing, toFetchedPage } from "./pages.js";
import { createTransport } from "./transport.js";
import type { ChatsClient, ChatsClientOptions } from "./types.js";

const { getChats, getChat } = endpoints;

/**
 * Creates a client for the chats of one cabinet. Use one client per cabinet and process, because it keeps the rate
 * limits; in Cloudflare Workers, one per request. There is nothing to close: between calls, it has no connection and no
 * timer.
 *
 * @example
 * ```ts
 * const market = createChatsClient({
 *   apiKey: process.env.YANDEX_MARKET_API_KEY!,
 *   businessId: Number(process.env.YANDEX_MARKET_BUSINESS_ID),
 * });
 * ```
 * @typeParam Paths - The operations of `market.api`. Default: those of this package. For other operations of the API,
 * pass the `paths` that openapi-typescript generates from the published OpenAPI files.
 * @param options - `apiKey` and `businessId`; all other options have defaults.
 * @returns The client.
 * @throws TypeError or RangeError that names the invalid option.
 */
export function createChatsClient<Paths extends object = paths>(options: ChatsClientOptions): ChatsClient<Paths> {
  const settings = checkClientOptions(options);
  const { businessId, baseUrl, headers } = settings;
  const path = { businessId };
  const send = createTransport(settings);
  const builder = createClient<paths>({ baseUrl, headers, Request: RequestConstructor });

  /**
   * Returns the `result` of the response.
   *
   * @param build - Lets openapi-fetch build the request. Of what it returns, only the type is used.
   */
  async function call<Result>(
    pathTemplate: string,
    callOptions: PageOptions,
    build: (fetch: BuilderFetch) => Promise<{ data?: { result?: Result } }>,
  ) {
    const request = await buildRequest(build);
    const { error, body, context, response } = await send(request, pathTemplate, callOptions);
    if (error !== undefined) throw error;
    const createError = (problem: string) => new ResponseError(context, response.status, problem);
    if (!isRecord(body) || !isRecord(body["result"])) throw createError('missing "result"');
    // The rest of the format is not checked, so that the API may change it. openapi-fetch casts as well.
    return { result: body["result"] as Result, createError };
  }

  async function fetchPage(body: ChatsFilter, pageOptions: PageOptions) {
    const query = { limit: pageOptions.limit, page_token: pageOptions.pageToken };
    const { result, createError } = await call(getChats.path, pageOptions, (fetch) =>
      builder.POST(getChats.path, { params: { path, query }, body, fetch }),
    );
    return toFetchedPage(result, result.chats, createError);
  }

  return {
    listChats(filter, listOptions) {
      const body = checkFilter(filter);
      const pageOptions = checkOptions(listOptions);
      return createListing(pageOptions, (tokenAndSignal) => fetchPage(body, { ...pageOptions, ...tokenAndSignal }));
    },

    async getChats(filter, options) {
      const body = checkFilter(filter);
      const pageOptions = checkOptions(options);
      const { page } = await withCallerStack(fetchPage(body, pageOptions), pageOptions.signal);
      return page;
    },

    async getChat(chatId, options) {
      const query = { chatId: checkInteger("chatId", chatId) };
      const callOptions = checkOptions(options);
      callOptions.pageToken = undefined; // It would appear in errors.
      const called = call(getChat.path, callOptions, (fetch) =>
        builder.GET(getChat.path, { params: { path, query }, fetch }),
      );
      const { result, createError } = await withCallerStack(called, callOptions.signal);
      if (typeof result.chatId !== "number") throw createError('"result" is not a chat');
      return result;
    },

    api: createLowLevelApi<Paths>(settings, send),
  };
}
