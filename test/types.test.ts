/** The types of the public interface. The compiler checks them: `npm run types`. */
import { expect, expectTypeOf, it } from "vitest";
import * as everything from "../src/index.js";
import {
  ApiError,
  type ApiErrorDetail,
  type ApiKey,
  type Attempt,
  type CallOptions,
  type Chat,
  type ChatContext,
  type ChatContextFilter,
  type ChatContextFilterType,
  type ChatContextType,
  chatContextTypes,
  type ChatCustomer,
  type ChatsClient,
  type ChatsClientOptions,
  type ChatsFilter,
  type ChatsListing,
  type ChatsPage,
  type ChatsPaging,
  type ChatStatus,
  chatStatuses,
  type ChatType,
  chatTypes,
  type components,
  ConnectionError,
  createChatsClient,
  type Fetch,
  type GetChatsOptions,
  type ListChatsOptions,
  MarketError,
  type operations,
  type paths,
  type RateLimit,
  RateLimitError,
  ResponseError,
  TimeoutError,
} from "../src/index.js";

const market = createChatsClient({ apiKey: "key", businessId: 1 });

/** For calls that are type-checked, and never made. */
function onlyTyped(_: () => unknown): void {}

it("the package exports these values", () => {
  expect(Object.keys(everything).sort()).toEqual([
    "ApiError",
    "ConnectionError",
    "MarketError",
    "RateLimitError",
    "ResponseError",
    "TimeoutError",
    "chatContextTypes",
    "chatStatuses",
    "chatTypes",
    "createChatsClient",
  ]);
});

it("ChatsClientOptions requires apiKey and businessId, and allows undefined for all others", () => {
  expectTypeOf<ApiKey>().toEqualTypeOf<string | (() => string | Promise<string>)>();
  expectTypeOf<Fetch>().toEqualTypeOf<(url: string, init: RequestInit) => Promise<Response>>();
  expectTypeOf(globalThis.fetch).toExtend<Fetch>();
  expectTypeOf<ChatsClientOptions>().toEqualTypeOf<{
    apiKey: ApiKey;
    businessId: number;
    baseUrl?: string | undefined;
    integration?: string | undefined;
    timeout?: number | undefined;
    maxRetries?: number | undefined;
    maxRateLimitWait?: number | undefined;
    concurrency?: number | undefined;
    allowHttp?: boolean | undefined;
    onAttempt?: ((attempt: Attempt) => void) | undefined;
    fetch?: Fetch | undefined;
  }>();
  expectTypeOf(createChatsClient).toEqualTypeOf<(options: ChatsClientOptions) => ChatsClient>();
});

it("a chat has the documented fields", () => {
  expectTypeOf<Chat>().toEqualTypeOf<{
    chatId: number;
    context: ChatContext;
    createdAt: string;
    orderId?: number;
    status: ChatStatus;
    type: ChatType;
    updatedAt: string;
  }>();
  expectTypeOf<ChatContext>().toEqualTypeOf<{
    type: ChatContextType;
    campaignId?: number;
    customer?: ChatCustomer;
    orderId?: number;
    returnId?: number;
  }>();
  expectTypeOf<ChatCustomer>().toEqualTypeOf<{ name?: string; publicId?: string }>();
  expectTypeOf<ChatsPage>().toEqualTypeOf<{ chats: Chat[]; paging?: ChatsPaging }>();
  expectTypeOf<ChatsPaging>().toEqualTypeOf<{ nextPageToken?: string }>();
});

it("enums are exported as types and as lists of their values", () => {
  expectTypeOf<(typeof chatStatuses)[number]>().toEqualTypeOf<ChatStatus>();
  expectTypeOf<(typeof chatTypes)[number]>().toEqualTypeOf<ChatType>();
  expectTypeOf<(typeof chatContextTypes)[number]>().toEqualTypeOf<ChatContextType>();
  expect(chatStatuses).toContain("WAITING_FOR_PARTNER");
  expect(chatTypes).toEqual(["CHAT", "ARBITRAGE"]);
  expect(chatContextTypes).toEqual(["ORDER", "RETURN", "DIRECT"]);
});

it("a filter has optional lists of documented values", () => {
  expectTypeOf<ChatsFilter>().toEqualTypeOf<{
    contexts?: readonly ChatContextFilter[];
    contextTypes?: readonly ChatContextType[];
    orderIds?: readonly number[];
    statuses?: readonly ChatStatus[];
    types?: readonly ChatType[];
  }>();
  expectTypeOf<ChatContextFilter>().toEqualTypeOf<{ id: number; type: ChatContextFilterType }>();
  expectTypeOf<ChatContextFilterType>().toEqualTypeOf<"ORDER" | "RETURN">();
  const readonly = ["NEW", "WAITING_FOR_PARTNER"] as const;
  market.listChats({ statuses: readonly, types: chatTypes });
  // @ts-expect-error: unknown status
  market.listChats({ statuses: ["WAITING"] });
  // @ts-expect-error: unknown filter
  onlyTyped(() => market.listChats({ status: ["NEW"] }));
  // @ts-expect-error: direct chats cannot be selected by ID
  market.listChats({ contexts: [{ id: 1, type: "DIRECT" }] });
});

it("the methods have documented parameters and results", () => {
  expectTypeOf<Omit<ChatsClient, "api">>().toEqualTypeOf<{
    listChats: (filter?: ChatsFilter, options?: ListChatsOptions) => ChatsListing;
    getChats: (filter?: ChatsFilter, options?: GetChatsOptions) => Promise<ChatsPage>;
    getChat: (chatId: number, options?: CallOptions) => Promise<Chat>;
  }>();
  expectTypeOf<ChatsListing>().toExtend<AsyncIterable<Chat>>();
  expectTypeOf<ChatsListing["pages"]>().toEqualTypeOf<() => AsyncIterable<ChatsPage>>();
  expectTypeOf<CallOptions>().toEqualTypeOf<{
    signal?: AbortSignal | undefined;
    timeout?: number | undefined;
    maxRetries?: number | undefined;
  }>();
  expectTypeOf<Omit<GetChatsOptions, keyof CallOptions>>().toEqualTypeOf<{
    limit?: number | undefined;
    pageToken?: string | undefined;
  }>();
  expectTypeOf<Omit<ListChatsOptions, keyof GetChatsOptions>>().toEqualTypeOf<{ prefetch?: boolean | undefined }>();
  market.listChats({}, { pageToken: ({} as MarketError).pageToken });
  market.listChats({}, { pageToken: ({} as ChatsPage).paging?.nextPageToken });
  // @ts-expect-error: null would restart the listing
  onlyTyped(() => market.listChats({}, { pageToken: null }));
  // @ts-expect-error: a single page has no next one
  onlyTyped(() => market.getChats({}, { prefetch: true }));
  // @ts-expect-error: a single chat has no pages
  onlyTyped(() => market.getChat(1, { limit: 5 }));
});

it("the low-level API has the methods of openapi-fetch, typed by the OpenAPI document", () => {
  expectTypeOf<keyof ChatsClient["api"]>().toEqualTypeOf<"GET" | "POST">();
  const path = { businessId: 1 };
  const list = () => market.api.POST("/v2/businesses/{businessId}/chats", { params: { path }, body: {} });
  type List = Awaited<ReturnType<typeof list>>;
  expectTypeOf<NonNullable<List["data"]>["result"]>().toEqualTypeOf<ChatsPage | undefined>();
  expectTypeOf<NonNullable<List["error"]>["errors"]>().toEqualTypeOf<ApiErrorDetail[] | null | undefined>();
  expectTypeOf<List["response"]>().toEqualTypeOf<Response>();
  const options = { params: { path, query: { chatId: 1 } }, timeout: 1000, maxRetries: 0 };
  const get = () => market.api.GET("/v2/businesses/{businessId}/chat", options);
  expectTypeOf<NonNullable<Awaited<ReturnType<typeof get>>["data"]>["result"]>().toEqualTypeOf<Chat | undefined>();
  // @ts-expect-error: unknown path
  onlyTyped(() => market.api.GET("/v2/campaigns", {}));
  // @ts-expect-error: the operation requires POST
  onlyTyped(() => market.api.GET("/v2/businesses/{businessId}/chats", { params: { path } }));
  // @ts-expect-error: businessId is missing
  onlyTyped(() => market.api.POST("/v2/businesses/{businessId}/chats", { params: {}, body: {} }));
  const body = { statuses: ["WAITING"] };
  // @ts-expect-error: unknown status
  onlyTyped(() => market.api.POST("/v2/businesses/{businessId}/chats", { params: { path }, body }));
});

it("schemas, operations and paths are exported under the names of the API", () => {
  expectTypeOf<components["schemas"]["GetChatInfoDTO"]>().toEqualTypeOf<Chat>();
  expectTypeOf<components["schemas"]["GetChatsInfoDTO"]>().toEqualTypeOf<ChatsPage>();
  expectTypeOf<components["schemas"]["GetChatsRequest"]>().toEqualTypeOf<ChatsFilter>();
  expectTypeOf<keyof operations>().toEqualTypeOf<"getChats" | "getChat">();
  expectTypeOf<keyof paths>().toEqualTypeOf<"/v2/businesses/{businessId}/chats" | "/v2/businesses/{businessId}/chat">();
});

it("errors extend MarketError and have documented fields", () => {
  expectTypeOf<ApiError>().toExtend<MarketError>();
  expectTypeOf<RateLimitError>().toExtend<ApiError>();
  expectTypeOf<ResponseError>().toExtend<MarketError>();
  expectTypeOf<TimeoutError>().toExtend<ConnectionError>();
  expectTypeOf<Omit<MarketError, keyof Error>>().toEqualTypeOf<{
    readonly attempts: number;
    readonly pageToken: string | undefined;
  }>();
  expectTypeOf<Omit<ApiError, keyof MarketError>>().toEqualTypeOf<{
    readonly status: number;
    readonly errors: readonly ApiErrorDetail[];
    readonly traceparent: string | undefined;
  }>();
  expectTypeOf<ApiErrorDetail>().toEqualTypeOf<{ code: string; message?: string }>();
  expectTypeOf<RateLimitError["retryAt"]>().toEqualTypeOf<Date | undefined>();
  expectTypeOf<ResponseError["status"]>().toEqualTypeOf<number>();
  // @ts-expect-error: without a response there is no status
  onlyTyped(() => ({}) as ConnectionError["status"]);
});

it("onAttempt is called with documented fields", () => {
  expectTypeOf<Attempt>().toEqualTypeOf<{
    method: string;
    path: string;
    attempt: number;
    durationMs: number;
    status?: number;
    error?: unknown;
    retryInMs?: number;
    rateLimit?: RateLimit;
    traceparent?: string;
  }>();
  expectTypeOf<RateLimit>().toEqualTypeOf<{ limit?: number; remaining?: number; until?: Date }>();
});
