/** The types of the public interface. The compiler checks them: `npm run types`. */
import { expect, expectTypeOf, it } from "vitest";
import { chatContextTypes, chatStatuses, chatTypes, createChatsClient } from "../src/index.js";
import * as everything from "../src/index.js";
import type * as Api from "../src/index.js";

const market = createChatsClient({ apiKey: "key", businessId: 1 });

/** For calls that are type-checked, and never made. */
function onlyTyped(_: () => unknown): void {}

it("the package exports these values", () => {
  const errors = "ApiError ConnectionError MarketError RateLimitError ResponseError TimeoutError";
  const names = `${errors} chatContextTypes chatStatuses chatTypes createChatsClient`;
  expect(Object.keys(everything).sort()).toEqual(names.split(" "));
});

it("createChatsClient requires apiKey and businessId, and returns a client for the operations of the package", () => {
  expectTypeOf<Api.ApiKey>().toEqualTypeOf<string | (() => string | Promise<string>)>();
  expectTypeOf<Api.Fetch>().toEqualTypeOf<(url: string, init: RequestInit) => Promise<Response>>();
  expectTypeOf(globalThis.fetch).toExtend<Api.Fetch>();
  expectTypeOf(createChatsClient).parameters.toEqualTypeOf<[Api.ChatsClientOptions]>();
  expectTypeOf(market).toEqualTypeOf<Api.ChatsClient<Api.paths>>();
  type OptionalName = Exclude<keyof Api.ChatsClientOptions, "apiKey" | "businessId">;
  type Undefined = Record<OptionalName, undefined> & { apiKey: string; businessId: number };
  expectTypeOf<Undefined>().toExtend<Api.ChatsClientOptions>();
  // @ts-expect-error: businessId is missing
  onlyTyped(() => createChatsClient({ apiKey: "key" }));
});

it("a chat has named types for its parts", () => {
  expectTypeOf<Api.Chat["context"]>().toEqualTypeOf<Api.ChatContext>();
  expectTypeOf<Api.Chat["orderId"]>().toEqualTypeOf<number | undefined>();
  expectTypeOf<Api.ChatContext["type"]>().toEqualTypeOf<Api.ChatContextType>();
  expectTypeOf<Api.ChatContext["customer"]>().toEqualTypeOf<Api.ChatCustomer | undefined>();
  expectTypeOf<Api.ChatsPage>().toEqualTypeOf<{ chats: Api.Chat[]; paging?: Api.ChatsPaging }>();
  expectTypeOf<Api.ChatsPaging>().toEqualTypeOf<{ nextPageToken?: string }>();
});

it("enums are exported as types and as lists of their values", () => {
  expectTypeOf<(typeof chatStatuses)[number]>().toEqualTypeOf<Api.ChatStatus>();
  expectTypeOf<(typeof chatTypes)[number]>().toEqualTypeOf<Api.ChatType>();
  expectTypeOf<(typeof chatContextTypes)[number]>().toEqualTypeOf<Api.ChatContextType>();
  expect(chatStatuses).toContain("WAITING_FOR_PARTNER");
  expect(chatTypes).toEqual(["CHAT", "ARBITRAGE"]);
  expect(chatContextTypes).toEqual(["ORDER", "RETURN", "DIRECT"]);
});

it("a filter has optional lists of documented values", () => {
  expectTypeOf<Api.ChatsFilter>().toEqualTypeOf<{
    contexts?: readonly Api.ChatContextFilter[] | undefined;
    contextTypes?: readonly Api.ChatContextType[] | undefined;
    orderIds?: readonly number[] | undefined;
    statuses?: readonly Api.ChatStatus[] | undefined;
    types?: readonly Api.ChatType[] | undefined;
  }>();
  expectTypeOf<Api.ChatContextFilter>().toEqualTypeOf<{ id: number; type: Api.ChatContextFilterType }>();
  expectTypeOf<Api.ChatContextFilterType>().toEqualTypeOf<"ORDER" | "RETURN">();
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
  expectTypeOf<Omit<Api.ChatsClient, "api">>().toEqualTypeOf<{
    listChats: (filter?: Api.ChatsFilter, options?: Api.ListChatsOptions) => Api.ChatsListing;
    getChats: (filter?: Api.ChatsFilter, options?: Api.GetChatsOptions) => Promise<Api.ChatsPage>;
    getChat: (chatId: number, options?: Api.CallOptions) => Promise<Api.Chat>;
  }>();
  expectTypeOf<Api.ChatsListing>().toExtend<AsyncIterable<Api.Chat>>();
  expectTypeOf<Api.ChatsListing["pages"]>().toEqualTypeOf<() => AsyncIterable<Api.ChatsPage>>();
  market.listChats({}, { pageToken: ({} as Api.MarketError).pageToken });
  market.listChats({}, { pageToken: ({} as Api.ChatsPage).paging?.nextPageToken });
  // @ts-expect-error: null would restart the listing
  onlyTyped(() => market.listChats({}, { pageToken: null }));
  // @ts-expect-error: a single page has no next one
  onlyTyped(() => market.getChats({}, { prefetch: true }));
  // @ts-expect-error: a single chat has no pages
  onlyTyped(() => market.getChat(1, { limit: 5 }));
});

it("the low-level API has the methods of openapi-fetch, typed by the OpenAPI document", () => {
  expectTypeOf<keyof Api.ChatsClient["api"]>().toEqualTypeOf<"GET" | "POST" | "PUT" | "PATCH" | "DELETE">();
  const path = { businessId: 1 };
  const list = () => market.api.POST("/v2/businesses/{businessId}/chats", { params: { path }, body: {} });
  type List = Awaited<ReturnType<typeof list>>;
  expectTypeOf<NonNullable<List["data"]>["result"]>().toEqualTypeOf<Api.ChatsPage | undefined>();
  expectTypeOf<NonNullable<List["error"]>["errors"]>().toEqualTypeOf<Api.ApiErrorDetail[] | null | undefined>();
  expectTypeOf<List["response"]>().toEqualTypeOf<Response>();
  const options = { params: { path, query: { chatId: 1 } }, timeout: 1000, maxRetries: 0 };
  const get = () => market.api.GET("/v2/businesses/{businessId}/chat", options);
  expectTypeOf<NonNullable<Awaited<ReturnType<typeof get>>["data"]>["result"]>().toEqualTypeOf<Api.Chat | undefined>();
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

it("schemas and operations are exported under the names of the API", () => {
  expectTypeOf<Api.components["schemas"]["GetChatInfoDTO"]>().toEqualTypeOf<Api.Chat>();
  expectTypeOf<keyof Api.operations>().toEqualTypeOf<"getChats" | "getChat">();
});

it("errors extend MarketError and have documented fields", () => {
  expectTypeOf<Api.ApiError>().toExtend<Api.MarketError>();
  expectTypeOf<Api.RateLimitError>().toExtend<Api.ApiError>();
  expectTypeOf<Api.ResponseError>().toExtend<Api.MarketError>();
  expectTypeOf<Api.TimeoutError>().toExtend<Api.ConnectionError>();
  // @ts-expect-error: without a response there is no status
  onlyTyped(() => ({}) as Api.ConnectionError["status"]);
});
