/** Arguments: complete or rejected, before any request is sent. */
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { ApiError, type ChatsClientOptions, type ChatsFilter, createChatsClient } from "../src/index.js";
import { apiError, apiKey, businessId, chat, createTestClient, page, scriptedFetch } from "./support/fetch.js";
import { collect, getError } from "./support/promises.js";

type Rows = Record<string, [values: unknown[], type: ErrorConstructor][]>;

const toRows = (rows: Rows) =>
  Object.entries(rows).flatMap(([name, groups]) =>
    groups.flatMap(([values, type]) => values.map((value) => [name, value, type] as const)),
  );

const notNumbers: [unknown[], ErrorConstructor] = [[null, "5", true, {}, [5], 5n], TypeError];
const notPositive: [unknown[], ErrorConstructor] = [[0, -1, NaN, -Infinity], RangeError];
const notIntegers: [unknown[], ErrorConstructor] = [[1.5, 2 ** 53], RangeError];
const notDelays: [unknown[], ErrorConstructor] = [[-1, NaN, Infinity, 2 ** 31], RangeError];
const notSignals = [{}, "now", new AbortController(), { aborted: true }, { addEventListener() {} }];
const notObjects = [null, "B", 5, ["B"], () => ({}), { then() {} }, Promise.resolve({}), new Map()];

describe("createChatsClient", () => {
  const rows = toRows({
    apiKey: [[[undefined, null, "", 5, {}, [apiKey], "with space", "ключ", "line\n", "\t"], TypeError]],
    businessId: [notNumbers, notPositive, notIntegers, [[undefined], TypeError]],
    baseUrl: [
      [[null, 5, "", "api.example.com", "/v2", new URL("https://example.com"), "https://"], TypeError],
      [["https://user@a.b", "https://:pass@a.b", "https://a.b?a=1", "https://a.b#c"], TypeError],
      [["http://example.com", "ftp://localhost", "http://localhost.a.com", "http://127.0.0.1.a.com"], TypeError],
      [["http://10.0.0.1", "http://[::2]", "javascript:alert(1)", "http://1127.0.0.1.com"], TypeError],
    ],
    integration: [[[null, 5, "", " x", "x ", "ключ", "a\nb", "x".repeat(101)], TypeError]],
    timeout: [notNumbers, notDelays, [[0], RangeError]],
    maxRetries: [notNumbers, [[-1, 0.5, NaN, Infinity], RangeError]],
    maxRateLimitWait: [notNumbers, notDelays],
    concurrency: [notNumbers, notPositive, notIntegers, [[Infinity], RangeError]],
    allowHttp: [[[null, "yes", 1], TypeError]],
    onAttempt: [[[null, "log", {}], TypeError]],
    fetch: [[[null, "fetch", {}], TypeError]],
  });

  it.each(rows)("rejects an invalid %s: %o", (name, value, type) => {
    const options = { apiKey, businessId, [name]: value } as ChatsClientOptions;
    const create = () => createChatsClient(options);
    expect(create).toThrow(type);
    expect(create).toThrow(new RegExp(`^${name} must be `));
  });

  it("rejects missing options", () => {
    const error = new TypeError("options must be an object with apiKey and businessId, not undefined");
    expect(() => createChatsClient(undefined as never)).toThrow(error);
  });

  it.each<Partial<ChatsClientOptions>>([
    { timeout: 1, maxRetries: 0, maxRateLimitWait: 0, concurrency: 1, businessId: 1, integration: "x" },
    { timeout: 2 ** 31 - 1, maxRateLimitWait: 2 ** 31 - 1, concurrency: 1000, businessId: 2 ** 53 - 1 },
    { timeout: 0.5, integration: "my helpdesk/1.4.0", chats: [], close() {} } as object, // Unknown options are ignored.
    { integration: "~".repeat(100) },
    { timeout: undefined, maxRetries: undefined, baseUrl: undefined, integration: undefined, allowHttp: undefined },
  ])("accepts %o", async (options) => {
    const { fetch } = scriptedFetch(chat());
    await createChatsClient({ apiKey, businessId, fetch, ...options }).getChat(1);
  });

  it.each([
    ["https://proxy.example.com/market/api///", "https://proxy.example.com/market/api/v2/"],
    ["HTTPS://Proxy.Example.COM:443", "https://proxy.example.com/v2/"],
    ["http://localhost:8080", "http://localhost:8080/v2/"],
    ["http://127.255.255.254:80", "http://127.255.255.254/v2/"],
    ["http://[0:0:0:0:0:0:0:1]:8080", "http://[::1]:8080/v2/"],
  ])("sends requests to the baseUrl %s", async (baseUrl, expected) => {
    const { market, requests } = createTestClient([chat()], { baseUrl });
    await market.getChat(1);
    expect(requests[0]?.url.href).toBe(`${expected}businesses/123456/chat?chatId=1`);
  });

  it("permits http to any host with allowHttp, but no other protocol", async () => {
    const { market, requests } = createTestClient([chat()], { baseUrl: "http://market-mock:8080", allowHttp: true });
    await market.getChat(1);
    expect(requests[0]?.url.origin).toBe("http://market-mock:8080");
    expect(() => createTestClient([], { baseUrl: "ftp://market-mock", allowHttp: true })).toThrow(TypeError);
  });
});

const ways: [string, (options: object) => Promise<unknown>][] = [
  ["getChat", async (options) => createTestClient([]).market.getChat(1, options)],
  ["getChats", async (options) => createTestClient([]).market.getChats({}, options)],
  ["listChats", async (options) => createTestClient([]).market.listChats({}, options)],
];

describe.each(ways)("an option of %s", (method, call) => {
  it.each(
    toRows({
      timeout: [notNumbers, notDelays, [[0], RangeError]],
      maxRetries: [notNumbers, [[-1, 0.5, NaN, Infinity], RangeError]],
      signal: [[notSignals, TypeError]],
      ...(method !== "getChat" && {
        limit: [notNumbers, notPositive, [[1.5], RangeError]],
        pageToken: [[[null, 5, "", {}, "\ud83d", "half \ude00"], TypeError]],
        prefetch: [[[null, "yes", 1], TypeError]],
      }),
    }),
  )("rejects an invalid %s: %o", async (name, value, type) => {
    const error = await getError(call({ [name]: value }), type);
    expect(error.message).toMatch(new RegExp(`^${name} must be `));
  });

  it.each(notObjects.map((value) => [value]))("rejects %o instead of an object", async (options) => {
    const error = await getError(call(options as object), TypeError);
    expect(error.message).toMatch(/^options must be an object/);
  });

  it("rejects an unknown name", async () => {
    expect((await getError(call({ limits: 5 }), TypeError)).message).toContain("options.limits");
  });
});

describe("the options of a call", () => {
  it("may be undefined, or those of another method; a signal may be null", async () => {
    const { market } = createTestClient([chat()]);
    const options = { signal: null, timeout: 1, maxRetries: 0, limit: 5, pageToken: "A", prefetch: true };
    await market.getChat(1, Object.fromEntries(Object.keys(options).map((name) => [name, undefined])));
    await market.getChat(1, options as object);
    const notFound = createTestClient([apiError(404)]).market.getChat(1, options as object);
    expect((await getError(notFound, ApiError)).pageToken).toBeUndefined();
  });

  it("request 20 chats per page by default and at most", async () => {
    const { market, requests } = createTestClient([page([])]);
    for (const limit of [1, 20, 21, Infinity, undefined]) await market.getChats({}, { limit });
    const limits = requests.map(({ url }) => url.searchParams.get("limit"));
    expect(limits).toEqual(["1", "20", "20", "20", "20"]);
  });
});

it.each(toRows({ chatId: [notNumbers, notPositive, notIntegers, [[undefined], TypeError]] }))(
  "getChat rejects an invalid %s: %o",
  async (_, value, type) => {
    const error = await getError(createTestClient([]).market.getChat(value as number), type);
    expect(error.message).toMatch(/^chatId must be /);
  },
);

describe("a filter", () => {
  async function getBody(filter?: object): Promise<unknown> {
    const { market, requests } = createTestClient([page([])]);
    await market.getChats(filter as ChatsFilter);
    return requests[0]?.init.body;
  }

  it.each(notObjects.map((value) => [value]))("rejects %o instead of an object", async (filter) => {
    expect((await getError(getBody(filter as object), TypeError)).message).toMatch(/^filter must be an object/);
  });

  it.each<[string, object, ErrorConstructor]>([
    ["filter.statuses", { statuses: { length: 1 } }, TypeError],
    ["filter.statuses", { statuses: [] }, RangeError],
    ["filter.types[0]", { types: [""] }, TypeError],
    ["filter.contextTypes[1]", { contextTypes: ["ORDER", ["RETURN"]] }, TypeError],
    ["filter.orderIds[0]", { orderIds: ["7"] }, TypeError],
    ["filter.orderIds[1]", { orderIds: [7, 0] }, RangeError],
    ["filter.orderIds[1]", { orderIds: [7, , 8] }, TypeError],
    ["filter.contexts[0]", { contexts: ["ORDER"] }, TypeError],
    ["filter.contexts[0].id", { contexts: [{ id: "7", type: "ORDER" }] }, TypeError],
  ])("rejects an invalid %s: %j", async (name, filter, type) => {
    expect((await getError(getBody(filter), type)).message).toContain(name);
  });

  const complete = {
    types: ["CHAT"],
    statuses: ["NEW", "NEWER_THAN_THIS_PACKAGE"],
    orderIds: [2 ** 53 - 1],
    contexts: [{ id: 7, type: "RETURN" }],
    contextTypes: ["DIRECT"],
  };
  class Dto {
    readonly types = ["CHAT"];
    get statuses() {
      return ["NEW"];
    }
  }

  it.each<[string, filter: object | undefined, sent: object]>([
    ["is sent completely, in the order in which it was written", complete, complete],
    ["matches all chats if it is omitted", undefined, {}],
    ["matches all chats if its lists are undefined", { statuses: undefined }, {}],
    ["may be a class instance with getters", new (class extends Dto {})(), { types: ["CHAT"], statuses: ["NEW"] }],
    ["may come from another realm", runInNewContext('({ types: ["CHAT"] })') as object, { types: ["CHAT"] }],
    ["may have no prototype", { __proto__: null, types: ["CHAT"] }, { types: ["CHAT"] }],
  ])("%s", async (_, filter, sent) => {
    expect(await getBody(filter)).toBe(JSON.stringify(sent));
  });

  it("is copied when the listing is created", async () => {
    const { market, requests } = createTestClient([page([])]);
    const filter = { statuses: ["NEW" as const], contexts: [{ id: 7, type: "ORDER" as const }] };
    const listing = market.listChats(filter);
    filter.statuses.pop();
    filter.contexts.forEach((context) => (context.id = 8));
    await collect(listing);
    expect(requests[0]?.init.body).toBe('{"statuses":["NEW"],"contexts":[{"id":7,"type":"ORDER"}]}');
  });
});
