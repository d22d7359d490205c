/** Results, and the errors of responses. */
import { describe, expect, it } from "vitest";
import type { ChatsClient } from "../src/index.js";
import { ApiError, createChatsClient, RateLimitError, ResponseError, TimeoutError } from "../src/index.js";
import {
  apiError,
  apiKey,
  businessId,
  chat,
  connectionReset,
  createChat,
  createTestClient,
  html,
  json,
  noResponse,
  page,
  quotaHeaders,
  type Respond,
  scriptedFetch,
  text,
} from "./support/fetch.js";
import { collect, getError, getRejection, noon, runTimers, useFakeClock } from "./support/promises.js";

useFakeClock();

const path = { businessId };

const methods: Record<"getChat" | "getChats" | "listChats" | "api.GET", (market: ChatsClient) => Promise<unknown>> = {
  getChat: async (market) => await market.getChat(1),
  getChats: async (market) => await market.getChats(),
  listChats: async (market) => await collect(market.listChats()),
  "api.GET": async ({ api }) =>
    await api.GET("/v2/businesses/{businessId}/chat", { params: { path, query: { chatId: 1 } } }),
};

const throwingMethods = Object.entries(methods).filter(([name]) => name !== "api.GET");

describe("a request", () => {
  it("of getChat has the key, the integration and no body", async () => {
    const { market, requests } = createTestClient([chat()], { integration: "my-helpdesk/1.4.0" });
    await market.getChat(42);
    expect(requests[0]?.url.href).toBe("https://api.partner.market.yandex.ru/v2/businesses/123456/chat?chatId=42");
    expect(requests[0]?.init).toMatchObject({ method: "GET", redirect: "manual" });
    expect(requests[0]?.init.body).toBeUndefined();
    const headers = { accept: "application/json", "api-key": apiKey, "x-market-integration": "my-helpdesk/1.4.0" };
    expect(Object.fromEntries(requests[0]?.headers ?? [])).toEqual(headers);
  });

  it("of getChats has the filter as JSON, and limit and page token in the query", async () => {
    const { market, requests } = createTestClient([page([])]);
    await market.getChats({ statuses: ["NEW"] }, { pageToken: "a/b?c&d=ü %" });
    expect(requests[0]?.url.pathname).toBe("/v2/businesses/123456/chats");
    expect(Object.fromEntries(requests[0]?.url.searchParams ?? [])).toEqual({ limit: "20", page_token: "a/b?c&d=ü %" });
    expect(requests[0]?.init).toMatchObject({ method: "POST", redirect: "manual", body: '{"statuses":["NEW"]}' });
    const headers = { accept: "application/json", "api-key": apiKey, "content-type": "application/json" };
    expect(Object.fromEntries(requests[0]?.headers ?? [])).toEqual(headers);
  });
});

describe("a result", () => {
  it.each([
    createChat(42),
    { ...createChat(42), status: "NEWER", context: { type: "X", newer: [1] } },
    { chatId: 2 ** 53 - 1, safe: [2 ** 53 - 1, 0.1], orderId: "9".repeat(30) },
  ])("of getChat is returned unchanged: %j", async (result) => {
    const { market } = createTestClient([json({ status: "OK", result })]);
    expect(await market.getChat(42)).toStrictEqual(result);
  });
});

describe("an ApiError", () => {
  it("contains status, errors, trace ID and page token", async () => {
    const body = { status: "ERROR", errors: [{ code: "A", message: "First", more: 1 }, { code: "B" }] };
    const { market } = createTestClient([json(body, { status: 400, headers: { traceparent: "00-1-2-03" } })]);
    expect(await getError(market.getChats({}, { pageToken: "B" }), ApiError)).toMatchObject({
      name: "ApiError",
      status: 400,
      errors: [{ code: "A", message: "First" }, { code: "B" }],
      traceparent: "00-1-2-03",
      attempts: 1,
      pageToken: "B",
    });
    const error = await getError(createTestClient([apiError(404)]).market.getChat(1), ApiError);
    expect([error.traceparent, error.pageToken, "cause" in error]).toEqual([undefined, undefined, false]);
  });

  it.each<[body: unknown, errors: object[]]>([
    [null, []],
    [{ errors: null }, []],
    [{ errors: ["x", [], null] }, []],
    [{ errors: [{}, { code: "BAD", message: null }] }, [{ code: "" }, { code: "BAD" }]],
    [{ errors: [{ code: 7, message: "Bad" }] }, [{ code: "7", message: "Bad" }]],
  ])("completes the errors of the body %j", async (body, errors) => {
    const { market } = createTestClient([json(body, { status: 400 })]);
    expect((await getError(market.getChat(1), ApiError)).errors).toStrictEqual(errors);
  });

  it("is thrown for status 200 with an error", async () => {
    const body = { status: "ERROR", errors: [{ code: "LOCKED" }], result: { ...createChat(1), chats: [] } };
    for (const [, call] of throwingMethods) {
      const error = await getError(call(createTestClient([json(body)]).market), ApiError);
      expect(error).toMatchObject({ status: 200, errors: [{ code: "LOCKED" }] });
    }
  });
});

describe("a ResponseError", () => {
  it.each<[string, status: number, Respond]>([
    ["HTML", 200, html],
    ["an empty body", 200, text("")],
    ["a rate limit at the target of a redirect", 420, modified({ redirected: true, status: 420, ok: false })],
    ["an unknown status", 600, modified({ status: 600, ok: false })],
  ])("is thrown by all methods for %s with status %i, without a retry", async (_, status, respond) => {
    for (const [name, call] of Object.entries(methods)) {
      const { market, requests } = createTestClient([respond]);
      const error = await getError(call(market), ResponseError);
      expect(error, name).toMatchObject({ name: "ResponseError", status, attempts: 1 });
      expect(requests).toHaveLength(1);
    }
  });

  function modified(properties: object): Respond {
    const text = async () => JSON.stringify({ status: "ERROR", result: { chats: [], ...createChat(1) } });
    return () => ({ ok: true, status: 200, headers: new Headers(), text, ...properties }) as Response;
  }

  it.each([null, {}, { result: null }, { result: [] }])("is thrown for a body without a result: %j", async (body) => {
    for (const [, call] of throwingMethods) {
      const { market } = createTestClient([connectionReset, json(body, { status: 201 })]);
      expect(await getError(runTimers(call(market)), ResponseError)).toMatchObject({ status: 201, attempts: 2 });
    }
  });

  it.each([0, false, {}, ["A"], "half \ude00"])("is thrown for the invalid page token %j", async (nextPageToken) => {
    const { market } = createTestClient([json({ result: { chats: [], paging: { nextPageToken } } })]);
    await getError(market.getChats(), ResponseError);
  });

  it.each([
    ["chatId", '{"result":{"chatId" : \n$}}'],
    ["orderId", '{"result":{"chatId":1,"context":{"orderId":$,"returnId":$}}}'],
    ["campaignId", '{"result":{"chatId":1,"context":{"newer":[{"campaignId":$}]}}}'],
  ])("names a documented integer that JavaScript rounds: %s", async (name, body) => {
    for (const integer of ["9007199254740992", "-9007199254740993", "9".repeat(400)]) {
      const { market } = createTestClient([text(body.replaceAll("$", integer))]);
      const { message } = await getError(market.getChat(1), ResponseError);
      expect(message).toContain(`: ${name} is an integer above`);
    }
  });

  it("is not thrown for large numbers in fields that are not documented", async () => {
    const { market } = createTestClient([text('{"result":{"chatId":1,"sequence":9007199254740993,"chats":[]}}')]);
    expect(await market.getChat(1)).toEqual({ chatId: 1, sequence: 2 ** 53, chats: [] });
    expect(await market.getChats()).toEqual({ chatId: 1, sequence: 2 ** 53, chats: [] });
  });

  it.each(["[1]", '{"a":1}'])("is thrown for JSON like %s that is nested 100,000 levels deep", async (level) => {
    const [start = "", end = ""] = level.split("1");
    const body = `${start.repeat(100_000)}1${end.repeat(100_000)}`;
    await getError(createTestClient([text(body)]).market.getChat(1), ResponseError);
    await getError(createTestClient([text(body, { status: 400 })]).market.getChat(1), ApiError);
  });
});

describe("the other errors", () => {
  it("have a stack that contains the caller", async () => {
    Error.stackTraceLimit = 10; // The default, which Vitest raises.
    const callFromHere = async (call: (market: ChatsClient) => Promise<unknown>) =>
      await call(createTestClient([noResponse], { maxRetries: 0 }).market);
    for (const call of Object.values(methods)) {
      expect((await getError(runTimers(callFromHere(call)), TimeoutError)).stack).toContain("callFromHere");
    }
    const listFromHere = async () =>
      await collect(createTestClient([page([1], "B"), apiError(404)]).market.listChats({}, { prefetch: true }));
    expect((await getError(listFromHere(), ApiError)).stack).toContain("listFromHere");
  });

  it("leave the stack of an abort reason unchanged, even if it is a MarketError", async () => {
    const reason = await getError(createTestClient([apiError(404)]).market.getChat(1), ApiError);
    const { stack } = reason;
    const { market, requests } = createTestClient([chat()]);
    expect(await getRejection(market.getChat(1, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect([reason.stack, requests]).toEqual([stack, []]);
  });
});

describe("the low-level API", () => {
  const url = "/v2/businesses/{businessId}/chat";
  const init = { params: { path, query: { chatId: 42 } } };
  const chunked = { "Transfer-Encoding": "chunked" };

  it("returns the whole body as data, and the response", async () => {
    const { market, requests } = createTestClient([chat({ traceparent: "00-1-2-03" })]);
    const { data, error, response } = await market.api.GET(url, init);
    expect({ data, error }).toEqual({ data: { status: "OK", result: createChat(42) }, error: undefined });
    expect([response.status, response.headers.get("traceparent")]).toEqual([200, "00-1-2-03"]);
    expect([await response.json(), await response.text()]).toEqual([data, JSON.stringify(data)]);
    expect(requests[0]?.headers.get("Api-Key")).toBe(apiKey);
    const text = await market.api.GET(url, { ...init, parseAs: "text" });
    expect([text.data, await text.response.json()]).toEqual([JSON.stringify(data), data]);
  });

  it.each<[string, Respond, status: number, returned: object]>([
    ["an error in JSON", json({ errors: [] }, { status: 404 }), 404, { error: { errors: [] } }],
    ["an error that is not JSON", text("<h1>", { status: 403 }), 403, { error: "<h1>" }],
    ["an error without a body", text("", { status: 404 }), 404, {}],
    ["an error with an empty body in chunks", text("", { status: 404, headers: chunked }), 404, {}],
    ["the body of a status 200 that reports an error", json({ status: "ERROR" }), 200, { data: { status: "ERROR" } }],
    ["no body for status 204", text("", { status: 204 }), 204, {}],
  ])("returns %s", async (_, respond, status, returned) => {
    const { data, error, response } = await createTestClient([respond]).market.api.GET(url, init);
    expect({ data, error, status: response.status }).toEqual({ ...returned, status });
  });

  it("accepts a fetch that returns the same response again, as a mock does", async () => {
    const response = { ok: true, status: 200, headers: new Headers(), text: async () => "{}" } as Response;
    const { market } = createTestClient([() => response]);
    for (const _ of [1, 2]) expect(await market.api.GET(url, init)).toMatchObject({ data: {} });
  });

  it("accepts timeout and maxRetries, and rejects if no response is received", async () => {
    const { market } = createTestClient([noResponse]);
    const error = await getError(runTimers(market.api.GET(url, { ...init, timeout: 70, maxRetries: 1 })), TimeoutError);
    expect(error).toMatchObject({ attempts: 2, pageToken: undefined });
    expect(Date.now() - noon).toBe(70 + 500 + 70);
  });

  it.each([
    ["timeout", { timeout: 0 }, RangeError],
    ["maxRetries", { maxRetries: -1 }, RangeError],
    ["signal", { signal: {} as AbortSignal }, TypeError],
    ["parseAs", { parseAs: "blob" as const }, TypeError],
    ["middleware", { middleware: [] }, TypeError],
    ["baseUrl", { baseUrl: "http://api.partner.market.yandex.ru" }, TypeError],
    ["baseUrl", { baseUrl: "https://api.partner.market.yandex.ru@example.com" }, TypeError],
  ])("rejects an invalid %s without a request: %o", async (name, options, type) => {
    const { market, requests } = createTestClient([chat()]);
    const error = await getError(market.api.GET(url, { ...init, ...options }), type as ErrorConstructor);
    expect(error.message).toMatch(new RegExp(`^${name} must `));
    expect(requests).toEqual([]);
  });

  it("accepts another path of the same origin, a fetch and headers, but no other key and no redirects", async () => {
    const { market, requests } = createTestClient([chat()]);
    const headers = { "X-Request-Id": "7", "api-key": "another" };
    const baseUrl = "https://api.partner.market.yandex.ru/proxy";
    await market.api.GET(url, { ...init, baseUrl, headers, redirect: "follow" });
    expect(requests[0]?.url.pathname).toBe("/proxy/v2/businesses/123456/chat");
    expect(requests[0]?.init.redirect).toBe("manual");
    const received = Object.fromEntries(requests[0]?.headers ?? []);
    expect(received).toEqual({ accept: "application/json", "api-key": apiKey, "x-request-id": "7" });
    const ownFetch = async (request: Request) => {
      expect(new Headers(request.headers).has("Api-Key")).toBe(false);
      return Response.json({ result: createChat(1) });
    };
    expect(await market.api.GET(url, { ...init, fetch: ownFetch })).toMatchObject({ data: { result: { chatId: 1 } } });
  });

  describe("with other operations of the API", () => {
    type MessagePaths = {
      "/v2/businesses/{businessId}/chats/message": {
        post: {
          parameters: { query: { chatId: number } };
          requestBody: { content: { "application/json": { message: string } } };
          responses: { 200: { content: { "application/json": { status?: string } } } };
        };
      };
      "/v2/campaigns": {
        get: { parameters: {}; responses: { 200: { content: { "application/json": { campaigns: object[] } } } } };
      };
    };
    const message = "/v2/businesses/{businessId}/chats/message";
    function createMessageClient(responses: Respond[], options = {}) {
      const { fetch, requests } = scriptedFetch(...responses);
      const { api } = createChatsClient<MessagePaths>({ apiKey, businessId, fetch, ...options });
      const sendMessage = (callOptions = {}) =>
        api.POST(message, { params: { path, query: { chatId: 1 } }, body: { message: "Hi" }, ...callOptions });
      return { api, requests, sendMessage };
    }
    const ok = json({ status: "OK" });

    it.each(["PUT", "PATCH", "DELETE"] as const)("sends %s requests", async (method) => {
      const { api, requests } = createMessageClient([ok]);
      const call = api[method] as unknown as (path: string) => Promise<unknown>;
      await call("/v2/campaigns");
      expect(requests[0]?.init.method).toBe(method);
    });

    type MessageClient = ReturnType<typeof createMessageClient>;
    const refused: Respond = () => Promise.reject(new Error("connect ECONNREFUSED 127.0.0.1:9"));
    it.each<[string, Respond, (client: MessageClient) => Promise<unknown>, count: number]>([
      ["does not repeat a message that may have been processed", apiError(503), (client) => client.sendMessage(), 1],
      ["repeats a message after a refused connection", refused, (client) => client.sendMessage(), 3],
      ["repeats it if the call sets maxRetries", apiError(503), (client) => client.sendMessage({ maxRetries: 1 }), 2],
      ["repeats a GET request", apiError(503), ({ api }) => api.GET("/v2/campaigns"), 3],
    ])("%s", async (_, respond, call, count) => {
      const client = createMessageClient([respond]);
      await runTimers(call(client)).catch(() => undefined);
      expect(client.requests).toHaveLength(count);
    });

    it("has a quota per method and path template", async () => {
      const exhausted: Respond = (request) => json({}, { headers: quotaHeaders({ resetsIn: 3_600_000 }) })(request);
      const { sendMessage, requests, api } = createMessageClient([exhausted, ok]);
      await sendMessage();
      const params = { path: { businessId: 7 }, query: { chatId: 2 } };
      const error = await getError(sendMessage({ params }), RateLimitError);
      expect(error.message).toContain(`POST ${message}: request not sent`);
      await api.GET("/v2/campaigns");
      expect(requests).toHaveLength(2);
    });
  });
});
