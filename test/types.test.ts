/** The types as their users see them. They are checked by `npm run types`; run, they only show that it all is there. */
import { describe, expect, expectTypeOf, it } from "vitest";
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
import * as everything from "../src/index.js";

/** Names of properties that may be left out. */
type OptionalNames<Type> = { [Name in keyof Type]-?: object extends Pick<Type, Name> ? Name : never }[keyof Type];

const market = createChatsClient({ apiKey: "key", businessId: 1 });

/** For what would send something: it is looked at by the compiler, and never called. */
function onlyTyped(_: () => unknown): void {}

describe("the package", () => {
  it("exports at run time what the design says, and nothing else", () => {
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

  it("makes a client from two options", () => {
    expectTypeOf(createChatsClient).parameters.toEqualTypeOf<[options: ChatsClientOptions]>();
    expectTypeOf(createChatsClient).returns.toEqualTypeOf<ChatsClient>();
    expectTypeOf<Exclude<keyof ChatsClientOptions, OptionalNames<ChatsClientOptions>>>().toEqualTypeOf<
      "apiKey" | "businessId"
    >();
    expectTypeOf<OptionalNames<ChatsClientOptions>>().toEqualTypeOf<
      "baseUrl" | "integration" | "timeout" | "maxRetries" | "maxRateLimitWait" | "concurrency" | "onAttempt" | "fetch"
    >();
    expectTypeOf<keyof ChatsClient>().toEqualTypeOf<"listChats" | "getChats" | "getChat" | "api">();
  });

  it("takes a key, or a function that gives one, at once or later", () => {
    expectTypeOf<ApiKey>().toEqualTypeOf<string | (() => string | Promise<string>)>();
    createChatsClient({ apiKey: () => "key", businessId: 1 });
    createChatsClient({ apiKey: async () => "key", businessId: 1 });
    // @ts-expect-error: the environment may not have it
    expect(() => createChatsClient({ apiKey: undefined, businessId: 1 })).toThrow(TypeError);
    // @ts-expect-error: an ID is a number
    expect(() => createChatsClient({ apiKey: "key", businessId: "1" })).toThrow(TypeError);
  });

  it("takes every option left open, under exactOptionalPropertyTypes", () => {
    createChatsClient({
      apiKey: "key",
      businessId: 1,
      baseUrl: undefined,
      integration: undefined,
      timeout: undefined,
      maxRetries: undefined,
      maxRateLimitWait: undefined,
      concurrency: undefined,
      onAttempt: undefined,
      fetch: undefined,
    });
  });

  it("takes any fetch", () => {
    expectTypeOf(globalThis.fetch).toExtend<Fetch>();
    expectTypeOf<Fetch>().toEqualTypeOf<(url: string, init: RequestInit) => Promise<Response>>();
  });
});

describe("a chat", () => {
  it("has plain names all the way down, and what the Market requires is there", () => {
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
  });

  it("comes on pages", () => {
    expectTypeOf<ChatsPage>().toEqualTypeOf<{ chats: Chat[]; paging?: ChatsPaging }>();
    expectTypeOf<ChatsPaging>().toEqualTypeOf<{ nextPageToken?: string }>();
  });

  it("has a status, a type and a context that are lists at run time too", () => {
    expectTypeOf(chatStatuses).toExtend<readonly ChatStatus[]>();
    expectTypeOf(chatTypes).toExtend<readonly ChatType[]>();
    expectTypeOf(chatContextTypes).toExtend<readonly ChatContextType[]>();
    expectTypeOf<(typeof chatStatuses)[number]>().toEqualTypeOf<ChatStatus>();
    expectTypeOf<(typeof chatTypes)[number]>().toEqualTypeOf<ChatType>();
    expectTypeOf<(typeof chatContextTypes)[number]>().toEqualTypeOf<ChatContextType>();
    expect(chatStatuses).toEqual([
      "NEW",
      "WAITING_FOR_CUSTOMER",
      "WAITING_FOR_PARTNER",
      "WAITING_FOR_ARBITER",
      "WAITING_FOR_MARKET",
      "FINISHED",
    ]);
    expect(chatTypes).toEqual(["CHAT", "ARBITRAGE"]);
    expect(chatContextTypes).toEqual(["ORDER", "RETURN", "DIRECT"]);
  });

  it("is not mixed up", () => {
    const chat = {} as Chat;
    // @ts-expect-error: there is no such status
    expect(chat.status === "OPEN").toBe(false);
    // @ts-expect-error: not every chat is about an order
    const orderId: number = chat.context?.orderId;
    // @ts-expect-error: nothing is renamed
    expect([orderId, chat.id]).toEqual([undefined, undefined]);
  });
});

describe("a filter", () => {
  it("has these lists, all of them optional", () => {
    expectTypeOf<ChatsFilter>().toEqualTypeOf<{
      contexts?: readonly ChatContextFilter[];
      contextTypes?: readonly ChatContextType[];
      orderIds?: readonly number[];
      statuses?: readonly ChatStatus[];
      types?: readonly ChatType[];
    }>();
    expectTypeOf<ChatContextFilter>().toEqualTypeOf<{ id: number; type: ChatContextFilterType }>();
    expectTypeOf<ChatContextFilterType>().toEqualTypeOf<"ORDER" | "RETURN">();
  });

  it("takes lists that nobody may change", () => {
    const open = ["NEW", "WAITING_FOR_PARTNER"] as const;
    market.listChats({ statuses: open, types: chatTypes });
  });

  it("is checked where it is written", () => {
    market.listChats({ statuses: ["WAITING_FOR_PARTNER"], types: ["CHAT"], contexts: [{ id: 1, type: "RETURN" }] });
    // @ts-expect-error: there is no such status
    market.listChats({ statuses: ["WAITING"] });
    // @ts-expect-error: there is no such filter
    expect(() => market.listChats({ status: ["NEW"] })).toThrow(TypeError);
    // @ts-expect-error: a list, even of one
    expect(() => market.listChats({ statuses: "NEW" })).toThrow(TypeError);
    // @ts-expect-error: direct chats have no ID to filter by
    market.listChats({ contexts: [{ id: 1, type: "DIRECT" }] });
    // @ts-expect-error: an ID is a number
    expect(() => market.listChats({ orderIds: ["1"] })).toThrow(TypeError);
  });
});

describe("the calls", () => {
  it("take and give what the design says", () => {
    expectTypeOf<ChatsClient["listChats"]>().toEqualTypeOf<
      (filter?: ChatsFilter, options?: ListChatsOptions) => ChatsListing
    >();
    expectTypeOf<ChatsClient["getChats"]>().toEqualTypeOf<
      (filter?: ChatsFilter, options?: GetChatsOptions) => Promise<ChatsPage>
    >();
    expectTypeOf<ChatsClient["getChat"]>().toEqualTypeOf<(chatId: number, options?: CallOptions) => Promise<Chat>>();
    expectTypeOf<ChatsListing>().toExtend<AsyncIterable<Chat>>();
    expectTypeOf<ChatsListing["pages"]>().toEqualTypeOf<() => AsyncIterable<ChatsPage>>();
  });

  it("have these options, all of which may be left open", () => {
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
    market.listChats({}, { pageToken: undefined, limit: undefined, signal: undefined, prefetch: undefined });
  });

  it("resume with the token of any error of the package, or of a page", () => {
    market.listChats({}, { pageToken: ({} as MarketError).pageToken });
    market.listChats({}, { pageToken: ({} as ChatsPage).paging?.nextPageToken });
  });

  it("are checked where they are written", () => {
    // @ts-expect-error: a limit is a number
    expect(() => market.listChats({}, { limit: "5" })).toThrow(TypeError);
    // @ts-expect-error: a token that a database gave back as null would be the first page
    expect(() => market.listChats({}, { pageToken: null })).toThrow(TypeError);
    // @ts-expect-error: there is no page after a single one
    onlyTyped(() => market.getChats({}, { prefetch: true }));
    // @ts-expect-error: a chat has no pages
    onlyTyped(() => market.getChat(1, { limit: 5 }));
    // @ts-expect-error: an ID is a number
    onlyTyped(() => market.getChat("1"));
  });
});

describe("the raw calls", () => {
  it("are openapi-fetch's, typed by the specification", () => {
    expectTypeOf<keyof ChatsClient["api"]>().toEqualTypeOf<"GET" | "POST">();
    const path = { businessId: 1 };

    const list = () => market.api.POST("/v2/businesses/{businessId}/chats", { params: { path }, body: {} });
    type List = Awaited<ReturnType<typeof list>>;
    expectTypeOf<NonNullable<List["data"]>["result"]>().toEqualTypeOf<ChatsPage | undefined>();
    expectTypeOf<NonNullable<List["error"]>["errors"]>().toEqualTypeOf<ApiErrorDetail[] | null | undefined>();
    expectTypeOf<List["response"]>().toEqualTypeOf<Response>();

    const get = () => {
      const query = { chatId: 1 };
      const { signal } = new AbortController();
      const options = { signal, timeout: 1000, maxRetries: 0 };
      return market.api.GET("/v2/businesses/{businessId}/chat", { params: { path, query }, ...options });
    };
    expectTypeOf<NonNullable<Awaited<ReturnType<typeof get>>["data"]>["result"]>().toEqualTypeOf<Chat | undefined>();

    // @ts-expect-error: there is no such path
    onlyTyped(() => market.api.GET("/v2/campaigns", {}));
    // @ts-expect-error: chats are listed with POST
    onlyTyped(() => market.api.GET("/v2/businesses/{businessId}/chats", { params: { path } }));
    // @ts-expect-error: the cabinet is missing
    onlyTyped(() => market.api.POST("/v2/businesses/{businessId}/chats", { params: {}, body: {} }));
    const params = { path };
    // @ts-expect-error: there is no such status
    onlyTyped(() => market.api.POST("/v2/businesses/{businessId}/chats", { params, body: { statuses: ["WAITING"] } }));
  });

  it("have their types exported under the Market's own names", () => {
    expectTypeOf<components["schemas"]["GetChatInfoDTO"]>().toEqualTypeOf<Chat>();
    expectTypeOf<components["schemas"]["GetChatsInfoDTO"]>().toEqualTypeOf<ChatsPage>();
    expectTypeOf<components["schemas"]["GetChatsRequest"]>().toEqualTypeOf<ChatsFilter>();
    expectTypeOf<keyof operations>().toEqualTypeOf<"getChats" | "getChat">();
    expectTypeOf<keyof paths>().toEqualTypeOf<
      "/v2/businesses/{businessId}/chats" | "/v2/businesses/{businessId}/chat"
    >();
  });
});

describe("the errors", () => {
  it("descend from MarketError, which tells where to go on", () => {
    expectTypeOf<MarketError>().toExtend<Error>();
    expectTypeOf<ApiError>().toExtend<MarketError>();
    expectTypeOf<RateLimitError>().toExtend<ApiError>();
    expectTypeOf<ResponseError>().toExtend<MarketError>();
    expectTypeOf<ConnectionError>().toExtend<MarketError>();
    expectTypeOf<TimeoutError>().toExtend<ConnectionError>();
    expectTypeOf<MarketError["attempts"]>().toEqualTypeOf<number>();
    expectTypeOf<MarketError["pageToken"]>().toEqualTypeOf<string | undefined>();
  });

  it("have these fields", () => {
    expectTypeOf<ApiError["status"]>().toEqualTypeOf<number>();
    expectTypeOf<ApiError["errors"]>().toEqualTypeOf<readonly ApiErrorDetail[]>();
    expectTypeOf<ApiErrorDetail>().toEqualTypeOf<{ code: string; message?: string }>();
    expectTypeOf<ApiError["traceparent"]>().toEqualTypeOf<string | undefined>();
    expectTypeOf<RateLimitError["retryAt"]>().toEqualTypeOf<Date | undefined>();
    expectTypeOf<ResponseError["status"]>().toEqualTypeOf<number>();
  });

  it("are told apart by instanceof, each by its own fields", () => {
    const retryAtOf = (error: unknown) => (error instanceof RateLimitError ? error.retryAt : undefined);
    expectTypeOf(retryAtOf).returns.toEqualTypeOf<Date | undefined>();
    const statusOf = (error: ConnectionError) => {
      // @ts-expect-error: where there is no answer there is no status
      return error.status as unknown;
    };
    expectTypeOf(statusOf).returns.toEqualTypeOf<unknown>();
  });
});

describe("onAttempt", () => {
  it("gets these fields, and nothing else", () => {
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
    expectTypeOf<NonNullable<ChatsClientOptions["onAttempt"]>>().toEqualTypeOf<(attempt: Attempt) => void>();
  });
});
