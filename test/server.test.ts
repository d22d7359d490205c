import { execFile } from "node:child_process";
import { connect } from "node:net";
import { inspect, promisify } from "node:util";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { apiKeyHeader, chatContextTypes, chatStatuses, chatTypes, endpoints } from "../src/generated/constants.js";
import type { Chat, ChatsFilter, ChatsPage } from "../src/generated/types.js";
import { createChatsClient } from "../src/index.js";
import type { Fault, FaultMatch, MarketServer, ReceivedRequest } from "../src/testing/index.js";
import { sampleChats, startMarketServer } from "../src/testing/index.js";
import { createListing, findItem, listPage } from "../src/testing/pagination.js";
import { expectDocumented, findErrors, findRequestErrors } from "./conformance.js";

afterEach(() => {
  vi.useRealTimers();
});

type Query = Record<string, string | number>;

interface Sent {
  method?: string;
  query?: Query;
  body?: string;
  /** `null` omits a header that is sent by default. */
  headers?: Record<string, string | null>;
  signal?: AbortSignal;
}

/** Sends a request with the server's key. A path that begins with a slash is used as is. */
function send(server: MarketServer, path: string, { query = {}, headers, body, ...init }: Sent = {}) {
  const defaults = { [apiKeyHeader]: server.apiKey, ...(body !== undefined && { "Content-Type": "application/json" }) };
  const sent = new Headers(defaults);
  const custom = Object.entries(headers ?? {});
  custom.forEach(([name, value]) => (value === null ? sent.delete(name) : sent.set(name, value)));
  const url = new URL(path.startsWith("/") ? path : `/v2/businesses/${server.businessId}/${path}`, server.baseUrl);
  Object.entries(query).forEach(([name, value]) => url.searchParams.set(name, String(value)));
  const bytes = body === undefined ? null : new TextEncoder().encode(body); // no implicit Content-Type
  return fetch(url, { method: "GET", redirect: "manual", ...init, headers: sent, body: bytes });
}

const post = (server: MarketServer, body: string, rest: Sent = {}) =>
  send(server, "chats", { method: "POST", body, ...rest });
const getChats = (server: MarketServer, filter: ChatsFilter = {}, query: Query = {}) =>
  post(server, JSON.stringify(filter), { query });
const getChat = (server: MarketServer, chatId: string | number) => send(server, "chat", { query: { chatId } });

async function readPage(response: Promise<Response>): Promise<ChatsPage> {
  const body = await expectDocumented("getChats", await response);
  expect(body).toMatchObject({ status: "OK", result: {} });
  return (body as { result: ChatsPage }).result;
}

async function* listPages(server: MarketServer, filter: ChatsFilter = {}, limit = 20): AsyncGenerator<Chat[]> {
  let pageToken: string | undefined;
  do {
    const page = await readPage(getChats(server, filter, { limit, ...(pageToken && { page_token: pageToken }) }));
    pageToken = page.paging?.nextPageToken;
    yield page.chats;
  } while (pageToken !== undefined);
}

async function listAll(server: MarketServer, filter: ChatsFilter = {}, limit = 20): Promise<Chat[]> {
  const chats: Chat[] = [];
  for await (const page of listPages(server, filter, limit)) {
    chats.push(...page);
  }
  return chats;
}

/** The status, code and messages of a response in the documented error format. */
async function readError(response: Response): Promise<unknown[]> {
  const [, path] = /:\d+\/v2\/businesses\/123456\/(chats?)(?:\?|$)/.exec(response.url) ?? [];
  const operation = path === "chat" ? "getChat" : "getChats";
  const isDocumented = path !== undefined && ![405, 415].includes(response.status);
  const body = isDocumented ? await expectDocumented(operation, response) : ((await response.json()) as unknown);
  expect(findErrors("ApiErrorResponse", body)).toEqual([]);
  expect(response.headers.get("Content-Type")).toBe("application/json");
  const { errors, status } = body as { errors: { code: string; message: string }[]; status: string };
  expect(status).toBe("ERROR");
  return [response.status, errors[0]?.code, ...errors.map(({ message }) => message)];
}

function readQuota({ headers }: Response) {
  const number = (name: string) => Number(headers.get(`X-RateLimit-Resource-${name}`) ?? NaN);
  return { limit: number("Limit"), remaining: number("Remaining"), until: headers.get("X-RateLimit-Resource-Until") };
}

const outcomes = ({ requests }: MarketServer) => requests.map(({ outcome }) => outcome);

/** Opens a connection, sends a text, and collects what is received until the connection ends. */
function openSocket({ baseUrl }: MarketServer, text = "") {
  const { hostname, port } = new URL(baseUrl);
  const socket = connect(Number(port), hostname).setEncoding("utf8").on("error", () => undefined); // prettier-ignore
  let received = "";
  socket.on("data", (chunk) => (received += String(chunk)));
  socket.write(text);
  return { socket, received: new Promise<string>((resolve) => socket.on("close", () => resolve(received))) };
}

/** Sends requests that are not answered, and waits until they are in flight. */
async function holdRequests(server: MarketServer, count: number, signal?: AbortSignal) {
  server.queueFault({ kind: "delay", milliseconds: 60_000 }, { times: count });
  for (let number = 0; number < count; number += 1) {
    send(server, "chat", signal && { signal }).catch(() => undefined);
  }
  await vi.waitFor(() => expect(server.requests.filter(({ fault }) => fault === "delay")).toHaveLength(count));
}

function createChat(chatId: number, rest: Partial<Chat> = {}): Chat {
  const [date, status, type] = ["2025-09-17T10:00:00+03:00", "NEW", "CHAT"] as const;
  return { chatId, context: { type: "DIRECT" }, createdAt: date, status, type, updatedAt: date, ...rest };
}

describe("getChats", () => {
  it.each([
    [7, [7, 7, 7, 7, 7, 5]],
    [20, [20, 20]],
  ])("lists every chat once, in order, with at most %i per page", async (limit, sizes) => {
    await using server = await startMarketServer({ chats: 40 });
    const pages: Chat[][] = [];
    for await (const page of listPages(server, {}, limit)) {
      pages.push(page);
    }
    expect(pages.map(({ length }) => length)).toEqual(sizes);
    expect(pages.flat()).toEqual(sampleChats(40));
  });

  it("returns the default number of the default chats", async () => {
    await using server = await startMarketServer();
    expect(await readPage(getChats(server))).toMatchObject({ chats: sampleChats(endpoints.getChats.limit.default) });
    expect(server.chats).toEqual(sampleChats(50));
    await using empty = await startMarketServer({ chats: 0 });
    expect(await readPage(getChats(empty))).toEqual({ chats: [] });
  });

  it.each(["page_token", "pageToken"])("accepts the page token in the parameter %s", async (name) => {
    await using server = await startMarketServer({ chats: 15 });
    const { paging } = await readPage(getChats(server));
    const last = await readPage(getChats(server, {}, { [name]: paging?.nextPageToken ?? "" }));
    expect(last).toEqual({ chats: server.chats.slice(10) });
  });

  it("accepts a page token only for its filter and limit", async () => {
    await using server = await startMarketServer();
    const statuses: ChatsFilter["statuses"] = ["NEW", "FINISHED"];
    const { paging } = await readPage(getChats(server, { statuses }, { limit: 5 }));
    const token = paging?.nextPageToken ?? "";
    const bad: [ChatsFilter, Query][] = [
      ...["", "eyBuZXh0SWQ6IDIzNDIgfQ==", token.slice(0, -1), `${token} `, `A${token.slice(1)}`].map(
        (page_token): [ChatsFilter, Query] => [{ statuses }, { limit: 5, page_token }],
      ),
      [{ statuses }, { limit: 6, page_token: token }],
      [{ statuses }, { page_token: token }],
      [{ statuses: ["NEW"] }, { limit: 5, page_token: token }],
      [{}, { limit: 5, page_token: token }],
    ];
    for (const [filter, query] of bad) {
      const error = await readError(await getChats(server, filter, query));
      expect(error, JSON.stringify([filter, query])).toEqual([400, "BAD_REQUEST", "Bad page token"]);
    }
    // A token that is not encoded in the URL is rejected, so that a client with this bug fails its tests.
    const unencoded = `/v2/businesses/123456/chats?limit=5&page_token=${token}`;
    const response = await send(server, unencoded, { method: "POST", body: JSON.stringify({ statuses }) });
    expect(await readError(response)).toEqual([400, "BAD_REQUEST", "Bad page token"]);
    await readPage(getChats(server, { statuses: ["FINISHED", "NEW"] }, { limit: 5, page_token: token }));
  });

  it.each<[ChatsFilter, number[]]>([
    [{ types: ["ARBITRAGE", "CHAT"] }, [1, 2, 3, 4, 5]],
    [{ contexts: [{ type: "RETURN", id: 100 }] }, []],
    [{ contexts: [{ type: "ORDER", id: 200 }, { type: "RETURN", id: 200 }] }, [2, 3]], // prettier-ignore
    [{ orderIds: [300, 100] }, [1, 3, 5]],
    [{ orderIds: [100], contextTypes: ["RETURN"], types: ["CHAT"], statuses: ["FINISHED"] }, [3]],
  ])("returns the chats that match the filter %j", async (filter, ids) => {
    const chats = [
      createChat(1, { context: { type: "ORDER", orderId: 100 }, orderId: 100, status: "FINISHED" }),
      createChat(2, { context: { type: "ORDER", orderId: 200 }, orderId: 200, type: "ARBITRAGE" }),
      createChat(3, { context: { type: "RETURN", orderId: 100, returnId: 200 }, status: "FINISHED" }),
      createChat(4),
      createChat(5, { context: { type: "ORDER" }, orderId: 300 }),
    ];
    await using server = await startMarketServer({ chats });
    expect((await listAll(server, filter)).map(({ chatId }) => chatId)).toEqual(ids);
  });

  it("matches any filter like a predicate per chat", async () => {
    await using server = await startMarketServer({ chats: 120, quota: { getChats: 1e6 } });
    await fc.assert(
      fc.asyncProperty(filterArbitrary(), fc.integer({ min: 1, max: 20 }), async (filter, limit) => {
        const { statuses, types, contextTypes, orderIds, contexts } = filter;
        const expected = server.chats.filter(
          ({ status, type, orderId, context }) =>
            (statuses?.includes(status) ?? true) &&
            (types?.includes(type) ?? true) &&
            (contextTypes?.includes(context.type) ?? true) &&
            (orderIds?.includes(orderId ?? -1) ?? true) &&
            (contexts?.some(
              (one) => one.type === context.type && one.id === context[one.type === "ORDER" ? "orderId" : "returnId"],
            ) ??
              true),
        );
        expect(await listAll(server, filter, limit)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  }, 30_000);

  it("rejects a body if and only if it violates the schema", async () => {
    await using server = await startMarketServer({ quota: { getChats: 1e6 } });
    const item = fc.oneof(
      fc.constantFrom<unknown>(...chatStatuses, ...chatTypes, ...chatContextTypes, "", null, 0, 1, -1, 1.5, true),
      fc.record({ id: fc.constantFrom<unknown>(1, 2, 0, "1", 1.5), type: fc.constantFrom(...chatContextTypes) }),
      fc.record({ id: fc.nat() }),
    );
    const names = [...Object.keys(endpoints.getChats.filterLists), "unknown"];
    const value = fc.oneof(fc.array(item, { maxLength: 3 }), item);
    const body = fc.oneof(fc.dictionary(fc.constantFrom(...names), value), filterArbitrary(), item);
    await fc.assert(
      fc.asyncProperty(body, async (sent) => {
        const text = JSON.stringify(sent);
        const isValid = findRequestErrors("GetChatsRequest", JSON.parse(text)).length === 0;
        expect((await post(server, text)).status).toBe(isValid ? 200 : 400);
      }),
      { numRuns: 300 },
    );
  }, 30_000);
});

/** Filters that usually match some sample chats. */
function filterArbitrary(): fc.Arbitrary<ChatsFilter> {
  const contexts = sampleChats(120).map(({ context }) => context);
  const orderIds = contexts.flatMap(({ orderId }) => orderId ?? []);
  const returnIds = contexts.flatMap(({ returnId }) => returnId ?? []);
  const some = <Item>(items: readonly Item[]) => fc.uniqueArray(fc.constantFrom(...items), { minLength: 1 });
  const context = fc.oneof(
    fc.record({ type: fc.constant("ORDER" as const), id: fc.constantFrom(...orderIds) }),
    fc.record({ type: fc.constant("RETURN" as const), id: fc.constantFrom(...returnIds) }),
  );
  const lists = {
    statuses: some(chatStatuses),
    types: some(chatTypes),
    contextTypes: some(chatContextTypes),
    orderIds: some(orderIds),
    contexts: fc.uniqueArray(context, { minLength: 1, selector: ({ type, id }) => `${type} ${id}` }),
  };
  return fc.record(lists, { requiredKeys: [] });
}

describe("Pagination while chats change", () => {
  it.each<[string, (chats: Chat[]) => void, number[]]>([
    ["chats are added before", (chats) => chats.unshift(createChat(91), createChat(92)), [4, 5, 6]],
    ["the last chat seen is removed", (chats) => chats.splice(2, 1), [4, 5, 6]],
    ["a whole page is removed", (chats) => chats.splice(0, 3), [4, 5, 6]],
    ["the next page is removed", (chats) => chats.splice(3, 3), [7]],
    ["all chats are removed", (chats) => chats.splice(0), []],
    ["the last chat seen is replaced", (chats) => chats.splice(2, 1, createChat(91)), [91, 4, 5]],
    [
      "chats are added before and the last chat seen is removed",
      (chats) => chats.splice(0, 3, createChat(91), createChat(1), createChat(2)),
      [4, 5, 6],
    ],
    ["all seen chats are replaced", (chats) => chats.splice(0, 4, createChat(91), createChat(4)), [91, 4, 5]],
    ["chats are added after", (chats) => chats.splice(3, 0, createChat(91)), [91, 4, 5]],
  ])("returns the rest when %s", async (_, change, rest) => {
    await using server = await startMarketServer({ chats: [1, 2, 3, 4, 5, 6, 7].map((id) => createChat(id)) });
    const pages = listPages(server, {}, 3);
    await pages.next();
    change(server.chats);
    expect(((await pages.next()).value as Chat[]).map(({ chatId }) => chatId)).toEqual(rest);
  });

  it("returns every item that exists throughout exactly once, in concurrent listings with random changes", () => {
    const change = fc.record({
      kind: fc.constantFrom("add" as const, "addFirst" as const, "remove" as const),
      place: fc.nat(),
      count: fc.integer({ min: 1, max: 6 }),
    });
    const rounds = fc.array(fc.array(change, { maxLength: 4 }), { minLength: 3, maxLength: 20 });
    const limits = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.nat(25), limits, rounds, (count, pageSizes, changes) => {
        const ids = Array.from({ length: count }, (_, index) => index);
        let nextId = count;
        const listing = createListing(ids, (id) => id);
        const readers = pageSizes.map((limit) => {
          return { limit, existing: new Set(ids), listed: Array<number>(), pageToken: undefined as string | undefined };
        });
        const unfinished = new Set(readers);
        for (let round = 0; unfinished.size > 0; round += 1) {
          for (const reader of unfinished) {
            const page = listPage(listing, { ...reader, filter: "", matches: () => true });
            reader.listed.push(...page!.items);
            reader.pageToken = page!.nextPageToken;
            if (reader.pageToken === undefined) {
              unfinished.delete(reader);
            }
            for (const { kind, place, count: number } of changes[round] ?? []) {
              const added = kind === "remove" ? [] : Array.from({ length: number }, () => nextId++);
              const index = kind === "addFirst" ? 0 : place % (ids.length + 1);
              const removed = ids.splice(index, kind === "remove" ? number : 0, ...added);
              unfinished.forEach(({ existing }) => removed.forEach((id) => existing.delete(id)));
            }
          }
        }
        for (const { listed, existing } of readers) {
          expect(new Set(listed).size).toBe(listed.length);
          expect(listed.filter((id) => existing.has(id))).toEqual([...existing]);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("reads only the chats of the page from a large unchanged array", () => {
    let reads = 0;
    const chats = new Proxy(sampleChats(10_000), {
      get(target, name) {
        reads += Number(typeof name === "string" && /^\d+$/.test(name));
        return Reflect.get(target, name) as unknown;
      },
    });
    const listing = createListing(chats, ({ chatId }) => chatId);
    reads = 0;
    const pageTokens = new Set<string | undefined>([undefined]);
    for (let page = 0; page < 100; page += 1) {
      const request = { limit: 20, pageToken: [...pageTokens].at(-1), filter: "", matches: () => true };
      pageTokens.add(listPage(listing, request)?.nextPageToken);
    }
    expect(pageTokens.size).toBe(101);
    expect(reads).toBeLessThan(100 * 25);

    reads = 0;
    chats.push(...sampleChats(100, { skip: 10_000 }));
    for (const { chatId } of sampleChats(100, { skip: 10_000 })) {
      expect(findItem(listing, chatId)?.chatId).toBe(chatId);
    }
    expect(reads).toBeLessThan(10_000 + 400);
  });
});

describe("getChat", () => {
  it("returns every chat in its current state, also after changes", async () => {
    await using server = await startMarketServer({ chats: 15 });
    await getChat(server, 1);
    server.chats.unshift(...sampleChats(3, { skip: 15 }));
    Object.assign(server.chats[7]!, { status: "WAITING_FOR_ARBITER" });
    const [removed] = server.chats.splice(4, 1);
    server.chats.sort((a, b) => b.chatId - a.chatId);
    for (const chat of server.chats) {
      const body = await expectDocumented("getChat", await getChat(server, chat.chatId));
      expect(body).toEqual({ status: "OK", result: chat });
    }
    expect((await getChat(server, removed!.chatId)).status).toBe(404);
  });
});

describe("Rejected requests", () => {
  const id = "must be an integer, greater than or equal to 1";
  const limit = "Value of limit must be an integer between 1 and 20";
  const object = "JSON: an object is expected";
  const deep = `{"orderIds":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
  const large = `{"statuses":["NEW"]${" ".repeat(512 * 1024)}}`;
  const type = (value: string | null): Sent => ({ headers: { "Content-Type": value } });
  const key = (value: string | null): Sent => ({ headers: { [apiKeyHeader]: value } });
  type Row = [status: number, message: string, path: string, sent: Sent];

  const limits = ["0", "-1", "21", "1.5", "1e1", "ten", ""].map((value): [number, string, Sent] => [400, limit, { query: { limit: value } }]); // prettier-ignore
  const posted: Row[] = (
    [
      ...limits,
      [400, object, { body: '{"statuses":[' }],
      [400, object, { body: "[]" }],
      [400, object, { body: deep }],
      [400, "Value of statuses must be a list", { body: '{"statuses":null}' }],
      [400, "Collection of statuses must not be empty", { body: '{"statuses":[]}' }],
      [400, "Values of types must be unique", { body: '{"types":["CHAT","CHAT"]}' }],
      [400, "Value of types[0] must be one of CHAT, ARBITRAGE", { body: '{"types":["chat"]}' }],
      [400, "Value of orderIds[0] must be an integer", { body: '{"orderIds":["1"]}' }],
      [400, "Value of contexts[0] must be an object", { body: '{"contexts":[5]}' }],
      [400, `Value of contexts[0].id ${id}`, { body: '{"contexts":[{"type":"ORDER"}]}' }],
      [400, "Value of contexts[0].type must be one of ORDER, RETURN", { body: '{"contexts":[{"id":1}]}' }],
      [400, "Unexpected end of content", { body: "" }],
      [400, "The request is too big: 524308 bytes, the maximum is 524288", { body: large }],
      [401, "Credentials are not specified", key(null)],
      [401, "Credentials are not specified", key("")],
      [401, "Api-Key token is invalid", key("ACMA:other")],
      [401, "Api-Key token is invalid", key("Bearer ACMA:own")],
      [415, "Missing Content-Type", type(null)],
      [415, "Content type 'text/plain' not supported", type("text/plain")],
      [415, "Content type 'application/json-patch' not supported", type("application/json-patch")],
    ] satisfies [number, string, Sent][]
  ).map(([status, message, sent]) => [status, message, "chats", { method: "POST", body: "{}", ...sent }]);

  const chatIds = ["0", "-5", "1.5", "abc", "", "9223372036854775808", "99999999999999999999"];
  const paths = ["/", "/_market", "/v2/businesses/123456/chats/", "/v2/businesses/123456/1/chat", "/api/v2/businesses/123456/chat"]; // prettier-ignore
  it.each<Row>([
    ...posted,
    ...chatIds.map((chatId): Row => [400, `Value of chatId ${id}`, "chat", { query: { chatId } }]),
    ...["0", "x", "7.7"].map((cabinet): Row => [
      400,
      `Value of businessId ${id}`,
      `/v2/businesses/${cabinet}/chat`,
      {},
    ]),
    ...["42", "9223372036854775807"].map((chatId): Row => [404, `Chat not found: '${chatId}'`, "chat", { query: { chatId } }]), // prettier-ignore
    ...paths.map((path): Row => [404, `Resource not found: '${path}'`, path, {}]),
    [400, "Missing field chatId", "chat", {}],
    [403, "Access denied", "/v2/businesses/78/chat", {}],
    [405, "Request method 'GET' not supported", "chats", {}],
    [405, "Request method 'POST' not supported", "chat", { method: "POST" }],
  ])("receive a %i with the message '%s'", async (status, message, path, sent) => {
    await using server = await startMarketServer({ apiKey: "ACMA:own" });
    const response = await send(server, path, sent);
    expect(response.headers.get("Allow")).toBe(status === 405 ? (path === "chats" ? "POST" : "GET") : null);
    expect(await readError(response)).toEqual([status, expect.any(String), message]);
  });

  it("receive all problems of the body together", async () => {
    await using server = await startMarketServer();
    const problems = await readError(await post(server, '{"types":["OLD","OLD"],"statuses":[]}'));
    expect(problems.slice(2)).toHaveLength(4);
  });

  it.each(["application/json;charset=UTF-8", "Application/JSON ; charset=utf-8"])("accepts %s", async (contentType) => {
    await using server = await startMarketServer({ businessId: 77 });
    expect((await post(server, "{}", { headers: { "Content-Type": contentType } })).status).toBe(200);
  });
});

describe("Quota", () => {
  it("is the documented one by default, for each operation", async () => {
    await using server = await startMarketServer();
    for (const used of [1, 2]) {
      expect(readQuota(await getChats(server))).toMatchObject({ limit: 10_000, remaining: 10_000 - used });
    }
    expect(readQuota(await getChat(server, 1))).toMatchObject({ limit: 1000, remaining: 999 });
  });

  it("responds with 420 when it is exhausted, without counting these responses", async () => {
    await using server = await startMarketServer({ quota: { getChats: 1, getChat: 1 }, quotaPeriod: 60_000 });
    expect(readQuota(await getChats(server)).remaining).toBe(0);
    for (const _ of [1, 2]) {
      const rejected = await getChats(server);
      expect(readQuota(rejected)).toMatchObject({ limit: 1, remaining: 0 });
      expect(rejected.statusText).toBe("Enhance Your Calm");
      expect(await readError(rejected)).toEqual([
        420,
        "METHOD_FAILURE",
        "Hit rate limit of 1 requests per '1 minutes' for resource 'POST /v2/businesses/{businessId}/chats'",
      ]);
    }
    expect((await getChat(server, server.chats[0]!.chatId)).status).toBe(200);
  });

  it("counts 2xx and 4xx, but neither 5xx nor 420", async () => {
    await using server = await startMarketServer({ quota: { getChats: 100 } });
    server.queueFault({ kind: "status", status: 500 }, { when: ({ query }) => query["fault"] === "500" });
    server.queueFault({ kind: "status", status: 420 }, { when: ({ query }) => query["fault"] === "420" });
    const sent: Sent[] = [
      {},
      { headers: { [apiKeyHeader]: null } },
      { headers: { "Content-Type": null } },
      { body: "[" },
      { method: "PUT" },
      { query: { fault: 500 } },
      { query: { fault: 420 } },
    ];
    const received = [];
    for (const request of sent) {
      const response = await post(server, "{}", request);
      received.push([response.status, readQuota(response).remaining]);
    }
    expect(received).toEqual([[200, 99], [401, 98], [415, 97], [400, 96], [405, 95], [500, 95], [420, 95]]); // prettier-ignore
    expect(server.requests.map(({ remaining }) => remaining)).toEqual([99, 98, 97, 96, 95, 95, 95]);
  });

  it("resets at the end of a window, which starts with its first request", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-01-01T12:00:00.250Z") });
    await using server = await startMarketServer({ quota: { getChats: 1 }, quotaPeriod: 10_000 });
    const request = async (time: string) => {
      vi.setSystemTime(new Date(`2026-01-01T12:00:${time}Z`));
      const response = await getChats(server);
      return [response.status, response.headers.get("Date"), readQuota(response).until];
    };
    // The end of the window is rounded up to a second.
    const end = "Thu, 01 Jan 2026 12:00:18 GMT";
    expect(await request("07.250")).toEqual([200, "Thu, 01 Jan 2026 12:00:07 GMT", end]);
    expect(await request("17.249")).toEqual([420, "Thu, 01 Jan 2026 12:00:17 GMT", end]);
    expect(await request("17.250")).toEqual([200, expect.any(String), "Thu, 01 Jan 2026 12:00:28 GMT"]);
  });

  it.each([
    [86_400_000, 3_600_000, "Fri, 02 Jan 2026 12:00:00 GMT", "Fri, 02 Jan 2026 13:00:00 GMT"],
    [-500, 1000, "Thu, 01 Jan 2026 11:59:59 GMT", "Thu, 01 Jan 2026 12:00:01 GMT"],
  ])("follows a clock with an offset of %i ms", async (clockOffset, quotaPeriod, date, until) => {
    vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-01-01T12:00:00.000Z") });
    await using server = await startMarketServer({ clockOffset, quotaPeriod });
    const response = await getChats(server);
    expect([response.headers.get("Date"), readQuota(response).until]).toEqual([date, until]);
  });

  it.each([
    [7_200_000, "2 hours"],
    [90_000, "90 seconds"],
    [1234, "1234 milliseconds"],
  ])("describes a period of %i ms as '%s'", async (quotaPeriod, description) => {
    await using server = await startMarketServer({ quota: { getChats: 0 }, quotaPeriod });
    expect((await readError(await getChats(server)))[2]).toContain(` per '${description}' for `);
  });
});

describe("Concurrency limit", () => {
  it.each([1, 4])("responds with 420 to request %i + 1 without counting it", async (parallelLimit) => {
    await using server = await startMarketServer({ parallelLimit });
    await holdRequests(server, parallelLimit);
    const message = `Hit rate limit of ${parallelLimit} parallel requests for businessId 123456`;
    for (const _ of [1, 2]) {
      const rejected = await getChats(server);
      expect(readQuota(rejected).remaining).toBe(10_000);
      expect(await readError(rejected)).toEqual([420, "METHOD_FAILURE", message]);
    }
    expect(server.peakParallel).toBe(parallelLimit + 1);
  });

  it("is released when a response is sent, a connection is cut or a client disconnects", async () => {
    await using server = await startMarketServer({ parallelLimit: 1 });
    server.queueFault({ kind: "cut", where: "body" });
    server.queueFault({ kind: "cut", where: "before" });
    await expect(getChats(server).then((response) => response.text())).rejects.toThrow("terminated");
    await expect(getChats(server)).rejects.toThrow("fetch failed");
    for (let request = 0; request < 50; request += 1) {
      expect((await getChats(server)).status).toBe(200);
    }
    expect(server.peakParallel).toBe(1);
    const controller = new AbortController();
    await holdRequests(server, 1, controller.signal);
    expect((await getChats(server)).status).toBe(420);
    controller.abort();
    await vi.waitFor(() => expect(outcomes(server)).toContain("abandoned"));
    expect((await getChats(server)).status).toBe(200);
  });

  it("does not apply when parallelLimit is Infinity", async () => {
    await using server = await startMarketServer({ parallelLimit: Infinity });
    await holdRequests(server, 30);
    expect(server.requests.map(({ status }) => status)).not.toContain(420);
    expect((await getChats(server)).status).toBe(200);
  });
});

describe("Recorded requests", () => {
  it("contain the request and its result, and are passed to onRequest when they are finished", async () => {
    const finished: ReceivedRequest[] = [];
    await using server = await startMarketServer({ onRequest: (request) => finished.push({ ...request }) });
    const before = Date.now();
    await getChats(server, { statuses: ["NEW"] }, { limit: 5 });
    await post(server, "[", { headers: { "X-Market-Integration": "my-helpdesk/1.4.0" } });
    await getChat(server, 42);
    await send(server, "/elsewhere");
    expect(server.requests).toEqual([
      {
        operation: "getChats",
        method: "POST",
        path: "/v2/businesses/123456/chats",
        query: { limit: "5" },
        headers: expect.objectContaining({ "content-type": "application/json", "content-length": "20" }),
        key: "right",
        receivedAt: expect.any(Number),
        bodySize: 20,
        body: { statuses: ["NEW"] },
        fault: undefined,
        status: 200,
        outcome: "answered",
        durationMs: expect.any(Number),
        remaining: 9999,
      },
      expect.objectContaining({
        headers: expect.objectContaining({ "x-market-integration": "my-helpdesk/1.4.0" }),
        body: "[",
        status: 400,
      }),
      expect.objectContaining({ operation: "getChat", query: { chatId: "42" }, body: undefined, status: 404 }),
      expect.objectContaining({ operation: undefined, path: "/elsewhere", status: 404, remaining: undefined }),
    ]);
    expect(server.requests.every(({ receivedAt: time }) => time >= before && time <= Date.now())).toBe(true);
    await vi.waitFor(() => expect(finished).toEqual(server.requests));
    server.requests.length = 0;
    await getChat(server, 1);
    expect(server.requests).toHaveLength(1);
  });

  it("contain no key, valid or not, in any encoding", async () => {
    const finished: ReceivedRequest[] = [];
    await using server = await startMarketServer({
      apiKey: 'ACMA:a-"quoted"-key', // JSON escapes it
      onRequest: (request) => finished.push(request),
    });
    const wrong = "ACMA:token-of-another-cabinet:00ff00ff";
    for (const key of [server.apiKey, wrong]) {
      const headers = { [apiKeyHeader]: key, Authorization: `Bearer ${key}`, "X-Debug": `key=${key}`, Cookie: key };
      await post(server, JSON.stringify({ note: key }), { headers, query: { apiKey: key, other: key } });
      await post(server, `not JSON: ${key}`, { headers });
      await send(server, `/${key}?${key}`, { headers });
    }
    const encode = (prefix: string) =>
      [...server.apiKey].map((char) => prefix + char.charCodeAt(0).toString(16)).join("");
    const [percent, escaped] = [encode("%"), encode("\\u00")];
    await send(server, `/${percent}?${percent}=${percent}`, { headers: { "X-Debug": percent } });
    await post(server, `{"${escaped}":["${escaped}"]}`, {
      headers: { [apiKeyHeader]: null, "X-Debug": server.apiKey },
    });
    expect(server.requests.map(({ key }) => key)).toEqual([
      ...["right", "right", "right", "wrong", "wrong", "wrong", "right", "missing"],
    ]);
    await vi.waitFor(() => expect(finished).toHaveLength(8));
    for (const requests of [server.requests, finished]) {
      const text = inspect(requests, { depth: Infinity, showHidden: true }) + JSON.stringify(requests);
      for (const key of [
        server.apiKey,
        JSON.stringify(server.apiKey).slice(1, -1),
        wrong,
        encodeURIComponent(server.apiKey),
        percent,
      ]) {
        expect(text).not.toContain(key);
      }
    }
    const names = server.requests.flatMap(({ headers }) => Object.keys(headers));
    expect(names).not.toEqual(expect.arrayContaining([expect.stringMatching(/^(api-key|authorization|cookie)$/)]));
    expect(server.requests[0]?.headers["x-debug"]).toBe("key=[Api-Key]");
  });

  it("are pending until they are abandoned by the client or the server", async () => {
    await using server = await startMarketServer({ latency: 60_000 });
    const controller = new AbortController();
    const closed = getChats(server).catch(() => "closed");
    const aborted = send(server, "chat", { signal: controller.signal }).catch(() => "aborted");
    await vi.waitFor(() => expect(outcomes(server)).toEqual(["pending", "pending"]));
    controller.abort();
    expect(await aborted).toBe("aborted");
    await vi.waitFor(() => expect(outcomes(server)).toContain("abandoned"));
    await server.close();
    expect(await closed).toBe("closed");
    expect(server.requests).toMatchObject(Array(2).fill({ outcome: "abandoned", status: undefined }));
  });
});

describe("Faults", () => {
  const json = "application/json";
  const errors = [{ code: "LOCKED", message: "Business is in migration" }, { code: "OTHER" }];
  const headers = { "content-type": "text/plain", ETag: "1", "X-RateLimit-Resource-Limit": null, date: null };
  const internal = { status: "ERROR", errors: [{ code: "INTERNAL_SERVER_ERROR", message: "Internal Server Error" }] };
  const calm = { status: "ERROR", errors: [{ code: "METHOD_FAILURE", message: "Enhance Your Calm" }] };

  it.each<[Fault, status: number, body: string | RegExp | object, contentType: string | null, remaining: number]>([
    [{ kind: "status", status: 500 }, 500, internal, json, 1000],
    [{ kind: "status", status: 420 }, 420, calm, json, 1000],
    [{ kind: "status", status: 423, errors }, 423, { status: "ERROR", errors }, json, 999],
    [{ kind: "status", status: 200, errors: null }, 200, { status: "ERROR", errors: null }, json, 999],
    [{ kind: "status", status: 503, body: "Перегрузка", headers }, 503, "Перегрузка", "text/plain", 1000],
    [{ kind: "status", status: 204 }, 204, "", json, 999],
    [{ kind: "status", status: 799 }, 799, /ERROR/, json, 1000],
    [{ kind: "html" }, 200, /^<!DOCTYPE html>[^]*робот[^]*<\/html>\n$/, "text/html; charset=utf-8", NaN],
    [{ kind: "redirect", location: "https://passport.yandex.ru/" }, 302, "", null, NaN],
    [{ kind: "redirect", location: "/elsewhere", status: 307 }, 307, "", null, NaN],
    [{ kind: "body", body: "" }, 200, "", json, 999],
    [{ kind: "body", body: "{" }, 200, "{", json, 999],
    [{ kind: "body", body: "<xml/>", headers }, 200, "<xml/>", "text/plain", 999],
    [{ kind: "unsafeInteger" }, 200, /^[^]*"chatId":9007199254740993,[^]*$/, json, 999],
    [{ kind: "delay", milliseconds: 1 }, 200, /"OK"/, json, 999],
    [{ kind: "delay", milliseconds: 1, where: "body" }, 200, /"OK"/, json, 999],
  ])("respond as described by %j", async (fault, status, body, contentType, remaining) => {
    await using server = await startMarketServer();
    server.queueFault(fault);
    const response = await getChat(server, server.chats[0]!.chatId);
    const text = await response.text();
    expect([response.status, response.headers.get("Content-Type")]).toEqual([status, contentType]);
    if (typeof body === "object" && !(body instanceof RegExp)) {
      expect(JSON.parse(text)).toEqual(body);
    } else {
      expect(text).toMatch(typeof body === "string" ? new RegExp(`^${body.replace("{", "\\{")}$`) : body);
    }
    expect(response.headers.get("Location")).toBe(fault.kind === "redirect" ? fault.location : null);
    if ("headers" in fault) {
      expect([response.headers.get("ETag"), response.headers.has("Date")]).toEqual(["1", false]);
    }
    expect(readQuota(response).limit).toBe("headers" in fault || Number.isNaN(remaining) ? NaN : 1000);
    expect(readQuota(response).remaining).toBe(remaining);
    expect(server.requests).toMatchObject([{ fault: fault.kind, status, outcome: "answered" }]);
    expect((await getChat(server, server.chats[0]!.chatId)).status).toBe(200);
  });

  it.each<[Fault & { kind: "cut" }, RegExp, remaining: number]>([
    [{ kind: "cut", where: "before" }, /^$/, 999],
    [{ kind: "cut", where: "head" }, /^HTTP\/1.1 200 OK\r\nContent-Type: appli$/, 998],
    [{ kind: "cut", where: "body" }, /\r\n\r\n.+\{"status":"OK","result":\{"chatId"[^}]{20,}$/s, 998],
  ])("close the connection as described by %j", async (fault, received, remaining) => {
    await using server = await startMarketServer();
    server.queueFault(fault, { times: 1 });
    const { chatId } = server.chats[0]!;
    const request = `GET /v2/businesses/123456/chat?chatId=${chatId} HTTP/1.1\r\nHost: a\r\n`;
    const text = await openSocket(server, `${request}${apiKeyHeader}: ${server.apiKey}\r\n\r\n`).received;
    expect(text.replace("\r\n\r\n{", "\r\n\r\n \n{")).toMatch(received);
    expect(server.requests).toMatchObject([{ fault: "cut", outcome: "cut" }]);
    expect(readQuota(await getChat(server, chatId)).remaining).toBe(remaining);
    server.queueFault(fault);
    await expect(getChats(server).then((response) => response.text())).rejects.toThrow(TypeError);
  });

  it("return the page token of the request again with repeatToken, also on the last page", async () => {
    await using server = await startMarketServer({ chats: 20 });
    server.queueFault({ kind: "repeatToken" });
    const { paging } = await readPage(getChats(server));
    const query = { page_token: paging?.nextPageToken ?? "" };
    expect(await readPage(getChats(server, {}, query))).toEqual({ chats: server.chats.slice(10), paging });
    expect(server.requests.map(({ fault }) => fault)).toEqual([undefined, "repeatToken"]);
    expect(await readPage(getChats(server, {}, query))).not.toHaveProperty("paging");
  });

  it("are applied to matching requests in the order in which they were queued", async () => {
    await using server = await startMarketServer();
    server.queueFault({ kind: "status", status: 501 }, { operation: "getChat" });
    server.queueFault({ kind: "status", status: 502 }, { when: ({ body }) => JSON.stringify(body) === "{}", times: 2 });
    server.queueFault(
      { kind: "status", status: 503 },
      { when: ({ query }) => query["limit"] === "3", times: Infinity },
    );
    const statuses: number[] = [];
    for (let request = 0; request < 4; request += 1) {
      statuses.push((await getChats(server)).status, (await getChats(server, {}, { limit: 3 })).status);
    }
    expect(statuses).toEqual([502, 502, 200, 503, 200, 503, 200, 503]);
    expect([(await getChat(server, 1)).status, (await getChat(server, 1)).status]).toEqual([501, 404]);
  });

  it("are applied before all checks, but not to OPTIONS requests", async () => {
    await using server = await startMarketServer({ quota: { getChats: 0 } });
    server.queueFault({ kind: "status", status: 502 }, { times: 3 });
    expect((await send(server, "chats", { method: "OPTIONS" })).status).toBe(405);
    expect((await send(server, "/elsewhere")).status).toBe(502);
    expect((await post(server, "[", { headers: { [apiKeyHeader]: "wrong" } })).status).toBe(502);
    expect([(await getChats(server)).status, (await getChats(server)).status]).toEqual([502, 420]);
  });

  it("can be removed from the queue", async () => {
    await using server = await startMarketServer();
    const remove = server.queueFault({ kind: "status", status: 500 }, { times: Infinity });
    const removeOther = server.queueFault({ kind: "status", status: 404 });
    expect((await getChats(server)).status).toBe(500);
    remove();
    expect((await getChats(server)).status).toBe(404);
    removeOther();
    remove();
    expect((await getChats(server)).status).toBe(200);
  });

  const invalidFaults: [unknown, typeof TypeError | typeof RangeError, field: string, match?: unknown][] = [
    [null, TypeError, "fault"],
    [{ kind: "flood" }, TypeError, "fault.kind"],
    [{ kind: "toString" }, TypeError, "fault.kind"],
    [{ kind: "html", status: 500 }, TypeError, "fault.status"],
    [{ kind: "status", status: 500, header: {} }, TypeError, "fault.header"],
    [{ kind: "status" }, TypeError, "fault.status"],
    [{ kind: "status", status: "500" }, TypeError, "fault.status"],
    [{ kind: "status", status: 101 }, RangeError, "fault.status"],
    [{ kind: "status", status: 500, body: {} }, TypeError, "fault.body"],
    [{ kind: "status", status: 500, errors: "LOCKED" }, TypeError, "fault.errors"],
    [{ kind: "status", status: 500, errors: [{ message: "x" }] }, TypeError, "fault.errors[0].code"],
    [{ kind: "status", status: 500, headers: { "Bad name": "" } }, TypeError, "Bad name"],
    [{ kind: "status", status: 500, headers: { Name: 5 } }, TypeError, "fault.headers.Name"],
    [{ kind: "body", body: "", headers: { Name: "a\nb" } }, TypeError, "fault.headers.Name"],
    [{ kind: "body" }, TypeError, "fault.body"],
    [{ kind: "redirect", location: "\n" }, TypeError, "fault.location"],
    [{ kind: "redirect", location: "/", status: 200 }, RangeError, "fault.status"],
    [{ kind: "delay", milliseconds: -1 }, RangeError, "fault.milliseconds"],
    [{ kind: "delay", milliseconds: 1, where: "tail" }, TypeError, "fault.where"],
    [{ kind: "cut" }, TypeError, "fault.where"],
    [{ kind: "html" }, TypeError, "match.op", { op: "getChat" }],
    [{ kind: "html" }, TypeError, "match.operation", { operation: "listChats" }],
    [{ kind: "html" }, RangeError, "match.times", { times: 0 }],
    [{ kind: "html" }, TypeError, "match.when", { when: true }],
    [{ kind: "html" }, TypeError, "match", null],
  ];

  it("are rejected with an error that names the field, by queueFault and by the control endpoint", async () => {
    await using server = await startMarketServer({ control: true });
    for (const [fault, type, field, match] of invalidFaults) {
      const queue = () => server.queueFault(fault as Fault, match as FaultMatch);
      expect(queue, JSON.stringify(fault)).toThrow(type);
      expect(queue, JSON.stringify(fault)).toThrow(field);
      if (fault !== null) {
        const body = JSON.stringify({ ...(fault as object), match });
        const response = await send(server, "/_market/faults", { method: "POST", body });
        expect(await readError(response)).toEqual([400, "BAD_REQUEST", expect.stringContaining(field)]);
      }
    }
    expect((await getChats(server)).status).toBe(200);
  });
});

describe("Control endpoints", () => {
  const control = async (server: MarketServer, method: string, path: string, body?: unknown) => {
    const sent = { method, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const response = await send(server, `/_market${path}`, sent);
    return (await response.json()) as { status: string; result?: { requests: ReceivedRequest[] } };
  };

  it("queue faults, return requests, replace chats and reset the server, unrecorded and without limits", async () => {
    await using server = await startMarketServer({ control: true, chats: 5, quota: { getChats: 2 }, parallelLimit: 1 });
    const match = { operation: "getChats", times: 2 };
    expect(await control(server, "POST", "/faults", { kind: "status", status: 503, match })).toEqual({ status: "OK" });
    expect((await control(server, "GET", "/requests")).result?.requests).toEqual([]);
    expect([(await getChat(server, 1)).status, (await getChats(server)).status]).toEqual([404, 503]);
    const { result } = await control(server, "GET", "/requests");
    expect(result?.requests).toMatchObject([{ operation: "getChat" }, { operation: "getChats", fault: "status" }]);

    await control(server, "PUT", "/chats", [createChat(7)]);
    expect(server.chats).toEqual([createChat(7)]);
    await control(server, "PUT", "/chats", { count: 200_000 });
    expect(server.chats).toHaveLength(200_000);
    await control(server, "PUT", "/chats", sampleChats(3000)); // more than the API accepts in one request
    expect(server.chats).toEqual(sampleChats(3000));

    expect((await getChats(server)).status).toBe(503);
    expect(readQuota(await getChats(server)).remaining).toBe(1);
    await control(server, "POST", "/faults", { kind: "html" });
    expect(await control(server, "DELETE", "")).toEqual({ status: "OK" });
    expect(server).toMatchObject({ requests: [], chats: sampleChats(5) });
    expect(readQuota(await getChats(server)).remaining).toBe(1);
    server.chats[0]!.status = "FINISHED";
    await control(server, "DELETE", "");
    expect(server.chats).toEqual(sampleChats(5));
  });

  it.each<[number, string, string, Sent?]>([
    [400, "POST", "/faults"],
    [400, "POST", "/faults", { body: "{" }],
    [400, "PUT", "/chats", { body: "{}" }],
    [400, "PUT", "/chats", { body: '{"count":-1}' }],
    [400, "PUT", "/chats", { body: '[{"chatId":1}]' }],
    [401, "GET", "/requests", { headers: { [apiKeyHeader]: null } }],
    [401, "DELETE", "", { headers: { [apiKeyHeader]: "wrong" } }],
    [404, "GET", "/elsewhere"],
    [404, "GET", "/toString"],
    [404, "GET", "/faults"],
  ])("respond with %i to %s /_market%s %j", async (status, method, path, sent) => {
    await using server = await startMarketServer({ control: true });
    const response = await send(server, `/_market${path}`, { method, ...sent });
    expect((await readError(response))[0]).toBe(status);
    expect(server).toMatchObject({ requests: [], chats: sampleChats(50) });
  });
});

describe("Options", () => {
  it.each([
    [{ chat: 3 }, TypeError, "options.chat"],
    [{ quota: { getchat: 3 } }, TypeError, "quota.getchat"],
    [{ chats: -1 }, RangeError, "chats"],
    [{ chats: "many" }, TypeError, "chats"],
    [{ chats: [createChat(1), createChat(1)] }, RangeError, "chats[1].chatId"],
    [{ chats: [createChat(0)] }, RangeError, "chats[0].chatId"],
    [{ chats: [undefined] }, TypeError, "chats[0]"],
    [{ chats: [{ chatId: 1 }] }, TypeError, "chats[0].context"],
    [{ apiKey: "" }, TypeError, "apiKey"],
    [{ apiKey: "a b" }, TypeError, "apiKey"],
    [{ businessId: 0 }, RangeError, "businessId"],
    [{ quota: 5 }, TypeError, "quota"],
    [{ quota: { getChats: -1 } }, RangeError, "quota.getChats"],
    [{ quota: { getChat: Infinity } }, RangeError, "quota.getChat"],
    [{ quotaPeriod: 0 }, RangeError, "quotaPeriod"],
    [{ parallelLimit: 0 }, RangeError, "parallelLimit"],
    [{ latency: -1 }, RangeError, "latency"],
    [{ latency: "1" }, TypeError, "latency"],
    [{ clockOffset: 1e15 }, RangeError, "clockOffset"],
    [{ port: 65_536 }, RangeError, "port"],
    [{ host: "" }, TypeError, "host"],
    [{ control: "yes" }, TypeError, "control"],
    [{ onRequest: true }, TypeError, "onRequest"],
  ])("rejects with an error that names the option when given %j", async (options, type, name) => {
    const started = startMarketServer(options as object);
    await expect(started).rejects.toThrow(type);
    await expect(started).rejects.toThrow(`${name} `);
  });

  it("copies the chats", async () => {
    const chats = [createChat(1), createChat(2)];
    await using server = await startMarketServer({ chats: Object.freeze(chats) });
    server.chats.push(createChat(3));
    server.chats[0]!.status = "FINISHED";
    expect(chats).toEqual([createChat(1), createChat(2)]);
    expect(await listAll(server)).toEqual([createChat(1, { status: "FINISHED" }), createChat(2), createChat(3)]);
  });

  it("listens on the port, or rejects when it is in use", async () => {
    await using first = await startMarketServer();
    const port = Number(new URL(first.baseUrl).port);
    await expect(startMarketServer({ port })).rejects.toThrow("EADDRINUSE");
    await first.close();
    await using second = await startMarketServer({ port });
    expect(second.baseUrl).toBe(first.baseUrl);
  });

  it.each([
    [undefined, "127.0.0.1"],
    ["127.0.0.2", "127.0.0.2"],
    ["localhost", "localhost"],
    ["0.0.0.0", "127.0.0.1"],
    ["::", "[::1]"],
    ["::1", "[::1]"],
  ])("listens on the host %s with a base URL for %s", async (host, hostname) => {
    await using server = await startMarketServer({ host });
    expect(new URL(server.baseUrl).hostname).toBe(hostname);
    expect((await getChats(server)).status).toBe(200);
    if (host === "0.0.0.0") {
      const other = { ...server, baseUrl: server.baseUrl.replace(hostname, "127.0.0.2") };
      expect((await getChats(other)).status).toBe(200);
    }
  });

  it("are provided by the server for a client", async () => {
    await using server = await startMarketServer({ chats: 45 });
    const members = ["baseUrl", "apiKey", "businessId", "chats", "requests", "peakParallel", "queueFault", "close"];
    expect(Object.keys(server)).toEqual(members);
    const market = createChatsClient(server);
    const pages = [];
    for await (const page of market.listChats().pages()) {
      pages.push(page.chats);
    }
    expect(pages.flat()).toEqual(server.chats);
    expect(await market.getChat(server.chats[3]!.chatId)).toEqual(server.chats[3]);
  });
});

describe("close", () => {
  it("ends all connections and requests, and may be called again", async () => {
    const server = await startMarketServer();
    expect((await getChats(server)).headers.has("Keep-Alive")).toBe(false); // idle connections have no timeout
    server.queueFault({ kind: "delay", milliseconds: 60_000, where: "body" });
    server.queueFault({ kind: "delay", milliseconds: 60_000 }, { times: 3 });
    const truncated = expect(getChats(server).then((response) => response.text())).rejects.toThrow("terminated");
    await vi.waitFor(() => expect(server.requests.at(-1)?.status).toBe(200));
    const stalled = expect(getChats(server)).rejects.toThrow("fetch failed");
    await vi.waitFor(() => expect(server.requests.at(-1)?.fault).toBe("delay"));
    const sockets = [
      openSocket(server),
      openSocket(server, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n"),
      openSocket(server, "POST /v2/businesses/123456/chats HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{"),
    ];
    await vi.waitFor(() => expect(server.requests).toHaveLength(6));
    await Promise.all([server.close(), server.close()]);
    await Promise.all([stalled, truncated, ...sockets.map(({ received }) => received)]);
    await server[Symbol.asyncDispose]();
    await expect(getChats(server)).rejects.toThrow("fetch failed");
    expect(outcomes(server)).toEqual(["answered", ...Array<string>(5).fill("abandoned")]);
  });

  const runScript = async (code: string) => {
    const script = `import { startMarketServer } from "./src/testing/index.ts"; ${code}`;
    const args = ["--import", "tsx", "--input-type=module", "--eval", script];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 15_000 });
    return stdout.trim().split("\n").sort();
  };

  it("leaves nothing that keeps the process alive", async () => {
    const stdout = await runScript(`
      const server = await startMarketServer({ latency: 50_000 });
      server.queueFault({ kind: "delay", milliseconds: 50_000 });
      fetch(server.baseUrl).catch(() => undefined);
      while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
      await server.close();
      process.on("exit", () => console.log("exit"));
    `);
    expect(stdout).toEqual(["exit"]);
  }, 20_000);

  it("succeeds after a match callback throws, and the error becomes an unhandled rejection", async () => {
    const stdout = await runScript(`
      process.on("unhandledRejection", (error) => console.log(error.message));
      const server = await startMarketServer();
      server.queueFault({ kind: "html" }, { when: () => { throw new Error("a bug in the test") } });
      await fetch(server.baseUrl).catch((error) => console.log(error.message));
      console.log(server.requests[0].outcome);
      await server.close();
    `);
    expect(stdout).toEqual(["a bug in the test", "abandoned", "fetch failed"]);
  }, 20_000);
});
