/** Results, and the errors of responses. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  ApiError,
  type ChatsClient,
  ConnectionError,
  createChatsClient,
  RateLimitError,
  ResponseError,
  TimeoutError,
} from "../src/index.js";
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
  type Respond,
  scriptedFetch,
  text,
} from "./support/fetch.js";
import { collect, getError, getRejection, runTimers } from "./support/promises.js";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const path = { businessId };

const methods: Record<"getChat" | "getChats" | "listChats" | "api.GET", (market: ChatsClient) => Promise<unknown>> = {
  getChat: async (market) => await market.getChat(1),
  getChats: async (market) => await market.getChats(),
  listChats: async (market) => await collect(market.listChats()),
  "api.GET": async ({ api }) =>
    await api.GET("/v2/businesses/{businessId}/chat", { params: { path, query: { chatId: 1 } } }),
};

const methodRows = Object.entries(methods);
const throwingMethods = methodRows.filter(([name]) => name !== "api.GET");

describe("a request", () => {
  it("of getChat has the key, the integration and no body", async () => {
    const { market, requests } = createTestClient([chat()], { integration: "my-helpdesk/1.4.0" });
    await market.getChat(42);
    expect(requests[0]?.url.href).toBe("https://api.partner.market.yandex.ru/v2/businesses/123456/chat?chatId=42");
    expect(requests[0]?.init).toMatchObject({ method: "GET", redirect: "manual" });
    expect(requests[0]?.init.body).toBeUndefined();
    const headers = { "api-key": apiKey, "x-market-integration": "my-helpdesk/1.4.0" };
    expect(Object.fromEntries(requests[0]?.headers ?? [])).toEqual(headers);
  });

  it("of getChats has the filter as JSON, and limit and page token in the query", async () => {
    const { market, requests } = createTestClient([page([])]);
    await market.getChats({ statuses: ["NEW"] }, { pageToken: "a/b?c&d=ü %" });
    expect(requests[0]?.url.pathname).toBe("/v2/businesses/123456/chats");
    expect(Object.fromEntries(requests[0]?.url.searchParams ?? [])).toEqual({ limit: "20", page_token: "a/b?c&d=ü %" });
    expect(requests[0]?.init).toMatchObject({ method: "POST", redirect: "manual", body: '{"statuses":["NEW"]}' });
    const headers = { "api-key": apiKey, "content-type": "application/json" };
    expect(Object.fromEntries(requests[0]?.headers ?? [])).toEqual(headers);
  });

  it("is sent with the global fetch at the time of the request", async () => {
    const market = createChatsClient({ apiKey, businessId });
    const { fetch, requests } = scriptedFetch(chat());
    vi.stubGlobal("fetch", fetch);
    await market.getChat(42);
    expect(requests).toHaveLength(1);
  });
});

describe("a result", () => {
  it.each([
    createChat(42),
    { ...createChat(42), status: "NEWER", context: { type: "X", newer: [1] } },
    { chatId: 42, safe: [2 ** 53 - 1, 0.1], text: "9".repeat(30) },
  ])("of getChat is returned unchanged: %j", async (result) => {
    const { market } = createTestClient([json({ status: "OK", result })]);
    expect(await market.getChat(42)).toStrictEqual(result);
  });

  it.each([{ paging: { nextPageToken: "B" } }, {}, { paging: null }, { paging: { nextPageToken: null } }])(
    "of getChats is returned unchanged, with or without status: %j",
    async (rest) => {
      const result = { chats: [createChat(1)], ...rest };
      const { market } = createTestClient([json({ status: "OK", result }), json({ result })]);
      expect([await market.getChats(), await market.getChats()]).toStrictEqual([result, result]);
    },
  );
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
    expect([error.traceparent, error.pageToken, error.cause]).toEqual([undefined, undefined, undefined]);
  });

  it.each(["", "<h1>", '{"errors":[', "null", "[]", '"oops"', "{}", '{"errors":null}', '{"errors":["x",[],null]}'])(
    "has no errors if the body is %j",
    async (body) => {
      const { market } = createTestClient([text(body, { status: 400 })]);
      expect((await getError(market.getChat(1), ApiError)).errors).toEqual([]);
    },
  );

  it("completes errors that lack a code or message", async () => {
    const errors = [{}, { code: "BAD", message: null }, { code: 7, message: "Bad" }];
    const { market } = createTestClient([json({ status: "OK", errors }, { status: 400 })]);
    const error = await getError(market.getChat(1), ApiError);
    expect(error.errors).toStrictEqual([{ code: "" }, { code: "BAD" }, { code: "", message: "Bad" }]);
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
  it.each<[string, Respond]>([
    ["HTML with status 200", html],
    ["truncated JSON", text('{"status":"OK","result":{"chats":[')],
    ["JSON and more", text('{"result":{"chats":[]}}x')],
    ["an empty body", text("")],
    ["a redirect", text("", { status: 302, headers: { Location: "/" } })],
    ["a status 304", text("", { status: 304 })],
    ["a redirect in a browser", modified({ type: "opaqueredirect", status: 0, ok: false })],
    ["the target of a redirect", modified({ redirected: true })],
    ["a rate limit at the target of a redirect", modified({ redirected: true, status: 420, ok: false })],
    ["an unknown status", modified({ status: 700, ok: false })],
    ["an unknown status below 200", () => Response.error()],
  ])("is thrown by all methods for %s, without a retry", async (_, respond) => {
    for (const [name, call] of methodRows) {
      const { market, requests } = createTestClient([respond]);
      const error = await getError(call(market), ResponseError);
      const { status } = await respond(requests[0] as (typeof requests)[0]);
      expect(error, name).toMatchObject({ name: "ResponseError", status, attempts: 1 });
      expect(requests).toHaveLength(1);
    }
  });

  function modified(properties: object): Respond {
    return () =>
      Object.defineProperties(Response.json({ result: { chats: [], ...createChat(1) } }), {
        ...Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, { value: value as unknown }])),
      });
  }

  it.each([null, [], "x", 5, {}, { result: null }, { result: [] }, { result: "x" }, { result: true }])(
    "is thrown for the body %j, which has no result",
    async (body) => {
      for (const [, call] of throwingMethods) {
        await getError(call(createTestClient([json(body)]).market), ResponseError);
      }
    },
  );

  it.each([{}, { chatId: null }, { chatId: "42" }, { chats: null }, { chats: {} }, { chats: [null] }, { chats: [[]] }])(
    "is thrown for the result %j, with the page token",
    async (result) => {
      const { market } = createTestClient([json({ result })]);
      const errors = [market.getChat(1), market.getChats({}, { pageToken: "B" })];
      const [chatError, pageError] = await Promise.all(errors.map((promise) => getError(promise, ResponseError)));
      expect([chatError?.pageToken, pageError?.pageToken, pageError?.attempts]).toEqual([undefined, "B", 1]);
    },
  );

  it.each([5, 0, false, true, {}, ["A"], "\ud83d", "half \ude00"])(
    "is thrown for the page token %j, which cannot be sent back",
    async (nextPageToken) => {
      const { market } = createTestClient([json({ result: { chats: [], paging: { nextPageToken } } })]);
      await getError(market.getChats(), ResponseError);
    },
  );

  it("is thrown with the number of attempts if a retry receives the response", async () => {
    const { market } = createTestClient([connectionReset, json({ result: {} })]);
    expect(await getError(runTimers(market.getChats()), ResponseError)).toMatchObject({ status: 200, attempts: 2 });
  });

  it.each(["9007199254740992", "-9007199254740993", "1e300", "9".repeat(400)])(
    "is thrown for the integer %s, which JavaScript rounds",
    async (integer) => {
      const { market } = createTestClient([text(`{"result":{"chatId":${integer}}}`)]);
      const { message } = await getError(market.getChat(1), ResponseError);
      expect(message).toContain("body.result.chatId");
    },
  );

  it.each([
    ["", "$"],
    [".newer", '{"result":{"chatId":1},"newer":$}'],
    [".result.first", '{"result":{"first":$,"second":$}}'],
    [".result.ids[2][0].id", '{"result":{"ids":[1,[2],[{"id":$}]]}}'],
    ["[0]".repeat(99), `${"[".repeat(99)}$${"]".repeat(99)}`],
  ])("names the position of a rounded integer: body%s", async (position, body) => {
    const { market } = createTestClient([text(body.replaceAll("$", "9007199254740993"))]);
    const { message } = await getError(market.getChat(1), ResponseError);
    expect(message).toContain(`body${position} is`);
  });

  it.each(["[1]", '{"a":1}'])("is thrown for JSON like %s that is nested 100,000 levels deep", async (level) => {
    const [start = "", end = ""] = level.split("1");
    const body = `${start.repeat(100_000)}1${end.repeat(100_000)}`;
    await getError(createTestClient([text(body)]).market.getChat(1), ResponseError);
    await getError(createTestClient([text(body, { status: 400 })]).market.getChat(1), ApiError);
  });
});

describe("the other errors", () => {
  it("a ConnectionError contains the cause", async () => {
    const { market } = createTestClient([connectionReset], { maxRetries: 0 });
    const error = await getError(market.getChats({}, { pageToken: "B" }), ConnectionError);
    expect(error).toMatchObject({ name: "ConnectionError", attempts: 1, pageToken: "B" });
    expect(error.cause).toMatchObject({ message: "fetch failed", cause: { code: "ECONNRESET" } });
  });

  it("a TimeoutError is a ConnectionError without a cause", async () => {
    const { market } = createTestClient([noResponse], { maxRetries: 0 });
    const error = await getError(runTimers(market.getChats({}, { pageToken: "B" })), TimeoutError);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ name: "TimeoutError", attempts: 1, pageToken: "B" });
    expect(error.cause).toBeUndefined();
  });

  it("a RateLimitError is an ApiError", async () => {
    const { market } = createTestClient([apiError(420, "parallel")], { maxRetries: 0 });
    const error = await getError(market.getChats({}, { pageToken: "B" }), RateLimitError);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ name: "RateLimitError", status: 420, pageToken: "B" });
  });

  // Vitest raises the limit.
  const { stackTraceLimit } = Error;
  beforeEach(() => {
    Error.stackTraceLimit = 10;
  });
  afterEach(() => {
    Error.stackTraceLimit = stackTraceLimit;
  });

  it.each<[string, Respond]>([
    ["getChat", apiError(404)],
    ["getChats", html],
    ["listChats", connectionReset],
    ["getChat", noResponse],
  ])("have a stack that contains the caller of %s", async (name, respond) => {
    const { market } = createTestClient([respond], { maxRetries: 0 });
    const error = await runTimers(callFromHere(methods[name as "getChat"], market)).catch((reason: unknown) => reason);
    expect((error as Error).stack).toContain("callFromHere");
  });

  async function callFromHere(call: (market: ChatsClient) => Promise<unknown>, market: ChatsClient) {
    return await call(market);
  }

  it("leave the stack of an abort reason unchanged, even if it is a MarketError", async () => {
    const reason = await getError(createTestClient([apiError(404)]).market.getChat(1), ApiError);
    const { stack } = reason;
    const { market } = createTestClient([chat()]);
    expect(await getRejection(market.getChat(1, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(reason.stack).toBe(stack);
  });
});

describe("the low-level API", () => {
  const url = "/v2/businesses/{businessId}/chat";
  const init = { params: { path, query: { chatId: 42 } } };

  it("returns the whole body as data, and the response", async () => {
    const { market, requests } = createTestClient([chat({ traceparent: "00-1-2-03" })]);
    const { data, error, response } = await market.api.GET(url, init);
    expect({ data, error }).toEqual({ data: { status: "OK", result: createChat(42) }, error: undefined });
    expect([response.status, response.headers.get("traceparent")]).toEqual([200, "00-1-2-03"]);
    expect(requests[0]?.headers.get("Api-Key")).toBe(apiKey);
    expect(await market.api.GET(url, { ...init, parseAs: "text" })).toMatchObject({
      data: JSON.stringify({ status: "OK", result: createChat(42) }),
    });
  });

  it("sends its parameters and body", async () => {
    const { market, requests } = createTestClient([page([1])]);
    const params = { path: { businessId: 7 }, query: { limit: 2, page_token: "тест/?&=" } };
    await market.api.POST("/v2/businesses/{businessId}/chats", { params, body: { types: ["CHAT"] } });
    expect(requests[0]?.url.pathname).toBe("/v2/businesses/7/chats");
    expect(Object.fromEntries(requests[0]?.url.searchParams ?? [])).toEqual({ limit: "2", page_token: "тест/?&=" });
    expect(requests[0]?.init.body).toBe('{"types":["CHAT"]}');
  });

  it.each<[string, Respond, unknown]>([
    ["in JSON", apiError(404, "No"), { status: "ERROR", errors: [{ code: "CODE", message: "No" }] }],
    ["that is not JSON", text("<h1>", { status: 403 }), "<h1>"],
    ["without a body", text("", { status: 404 }), undefined],
    ["without a body, with Content-Length", text("", { status: 404, headers: { "Content-Length": "0" } }), undefined],
    ["without a body, in chunks", text("", { status: 404, headers: { "Transfer-Encoding": "chunked" } }), undefined],
    ["with status 200", json({ status: "ERROR" }), "data"],
  ])("returns an error response %s", async (_, respond, expected) => {
    const { data, error, response } = await createTestClient([respond]).market.api.GET(url, init);
    if (expected === "data") return void expect([response.ok, data]).toEqual([true, { status: "ERROR" }]);
    expect({ data, error, ok: response.ok }).toEqual({ data: undefined, error: expected, ok: false });
  });

  it("returns no data for status 204", async () => {
    const { market } = createTestClient([text("", { status: 204 })]);
    expect(await market.api.GET(url, init)).toMatchObject({ data: undefined, response: { status: 204 } });
  });

  it("accepts timeout and maxRetries, and rejects if no response is received", async () => {
    const { market, requests } = createTestClient([noResponse]);
    const error = await getError(runTimers(market.api.GET(url, { ...init, timeout: 70, maxRetries: 1 })), TimeoutError);
    expect(error).toMatchObject({ attempts: 2, pageToken: undefined });
    expect(requests).toHaveLength(2);
  });

  it.each([
    ["timeout", { timeout: "5" }, TypeError],
    ["timeout", { timeout: 0 }, RangeError],
    ["maxRetries", { maxRetries: -1 }, RangeError],
    ["signal", { signal: {} as AbortSignal }, TypeError],
    ["Request", { Request: globalThis.Request }, TypeError],
    ["baseUrl", { baseUrl: "https://api.partner.market.yandex.net" }, TypeError],
    ["baseUrl", { baseUrl: "http://api.partner.market.yandex.ru" }, TypeError],
    ["baseUrl", { baseUrl: "https://api.partner.market.yandex.ru:8443" }, TypeError],
    ["baseUrl", { baseUrl: "https://api.partner.market.yandex.ru.example.com" }, TypeError],
    ["baseUrl", { baseUrl: "https://api.partner.market.yandex.ru@example.com" }, TypeError],
  ])("rejects an invalid %s without a request: %o", async (name, options, type) => {
    const { market, requests } = createTestClient([chat()]);
    const error = await getError(market.api.GET(url, { ...init, ...options }), type as ErrorConstructor);
    expect(error.message).toMatch(new RegExp(`^${name} must `));
    expect(requests).toEqual([]);
  });

  it("accepts another path of the same origin, a fetch and headers, but no other key and no redirects", async () => {
    const { market } = createTestClient([]);
    const { fetch, requests } = scriptedFetch(chat());
    const headers = { "X-Request-Id": "7", "api-key": "another" };
    const baseUrl = "https://api.partner.market.yandex.ru/proxy";
    const other = createChatsClient({ apiKey, businessId, fetch });
    await other.api.GET(url, { ...init, baseUrl, headers, redirect: "follow" });
    expect(requests[0]?.url.pathname).toBe("/proxy/v2/businesses/123456/chat");
    expect(requests[0]?.init.redirect).toBe("manual");
    expect(Object.fromEntries(requests[0]?.headers ?? [])).toEqual({ "api-key": apiKey, "x-request-id": "7" });
    const ownFetch = async (request: Request) => {
      expect(new Headers(request.headers).has("Api-Key")).toBe(false);
      return Response.json({ result: createChat(1) });
    };
    expect(await market.api.GET(url, { ...init, fetch: ownFetch })).toMatchObject({ data: { result: { chatId: 1 } } });
  });

  it.each([null, undefined, 0, "enough"])("rejects with an abort reason that is %s", async (reason) => {
    const controller = new AbortController();
    const { market } = createTestClient([noResponse]);
    const rejection = getRejection(market.api.GET(url, { ...init, signal: controller.signal }));
    await vi.advanceTimersByTimeAsync(1);
    controller.abort(reason);
    expect(await rejection).toBe(controller.signal.reason);
  });
});
