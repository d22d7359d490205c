import { connect } from "node:net";
import { inspect } from "node:util";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { apiKeyHeader, chatContextTypes, chatStatuses, chatTypes, endpoints } from "../src/generated/constants.js";
import type { Chat, ChatsFilter } from "../src/generated/types.js";
import { createChatsClient } from "../src/index.js";
import type { Fault, FaultHeaders, FaultMatch, MarketServer, ReceivedRequest } from "../src/testing/index.js";
import { sampleChats, startMarketServer } from "../src/testing/index.js";
import { createPaginator } from "../src/testing/pagination.js";
import { expectDocumented, findErrors, findRequestErrors } from "./conformance.js";
import { getLines, start } from "./support/cli.js";
import { createChat } from "./support/fetch.js";
import { collect } from "./support/promises.js";

afterEach(() => void vi.useRealTimers());

type Query = Record<string, string | number>;

type Sent = { method?: string; query?: Query; body?: string; headers?: FaultHeaders; signal?: AbortSignal };

/** Sends a request with the server's key. A path that begins with a slash is used as is, a header of null omitted. */
function send(server: MarketServer, path: string, { query = {}, headers = {}, body, ...init }: Sent = {}) {
  const method = init.method ?? (path === "chats" ? "POST" : "GET");
  const sent = new Headers();
  const defaults = { [apiKeyHeader]: server.apiKey, ...(method === "POST" && { "Content-Type": "application/json" }) };
  Object.entries({ ...defaults, ...headers }).forEach(([name, value]) => value !== null && sent.set(name, value));
  const url = new URL(path.startsWith("/") ? path : `/v2/businesses/${server.businessId}/${path}`, server.baseUrl);
  Object.entries(query).forEach(([name, value]) => url.searchParams.set(name, String(value)));
  const blob = method === "POST" || body !== undefined ? new Blob([body ?? "{}"]) : null; // no implicit Content-Type
  return fetch(url, { redirect: "manual", ...init, method, headers: sent, body: blob });
}

const getChats = (server: MarketServer, filter: ChatsFilter = {}, query: Query = {}) =>
  send(server, "chats", { body: JSON.stringify(filter), query });
const getChat = (server: MarketServer, chatId = server.chats[0]!.chatId) => send(server, "chat", { query: { chatId } });

/** The status, code and messages of a response in the documented error format. */
async function readError(response: Response): Promise<unknown[]> {
  const body = (await response.json()) as { errors: { code: string; message: string }[]; status: string };
  expect(findErrors("ApiErrorResponse", body)).toEqual([]);
  expect([body.status, response.headers.get("Content-Type")]).toEqual(["ERROR", "application/json"]);
  return [response.status, body.errors[0]?.code, ...body.errors.map(({ message }) => message)];
}

function readQuota({ headers }: Response) {
  const number = (name: string) => Number(headers.get(`X-RateLimit-Resource-${name}`) ?? NaN);
  return { limit: number("Limit"), remaining: number("Remaining"), until: headers.get("X-RateLimit-Resource-Until") };
}

const outcomes = ({ requests }: MarketServer) => requests.map(({ outcome }) => outcome);

/** Opens a connection, sends a text, and returns what is received until the connection ends. */
function exchange({ baseUrl }: MarketServer, text: string): Promise<string> {
  const { hostname, port } = new URL(baseUrl);
  const socket = connect(Number(port), hostname).setEncoding("utf8");
  let received = "";
  socket.on("data", (chunk) => (received += String(chunk))).on("error", () => undefined);
  socket.write(text);
  return new Promise((resolve) => socket.on("close", () => resolve(received)));
}

/** Sends requests that are not answered, and waits until they are in flight. */
async function holdRequests(server: MarketServer, count: number, signal = new AbortController().signal) {
  server.queueFault({ kind: "delay", milliseconds: 2 ** 31 - 1 }, { times: count });
  for (let number = 0; number < count; number += 1) {
    send(server, "chat", { signal }).catch(() => undefined);
  }
  await vi.waitFor(() => expect(server.requests.filter(({ fault }) => fault === "delay")).toHaveLength(count));
}

describe("getChats", () => {
  const type = "ORDER" as const;
  const orders = [300, 57_000_005_030].map((id) => ({ type, id })); // the second one is that of a return
  const contexts = [{ type: "RETURN" as const, id: 71_000_086 }, ...orders];
  const withDeprecatedField = { ...createChat(5), context: { type }, orderId: 300 };
  const otherChats = [withDeprecatedField, { ...createChat(6), context: { type, orderId: 300 } }];
  it.each<[ChatsFilter, (chat: Chat) => boolean]>([
    [{}, () => true],
    [{ statuses: ["NEW", "FINISHED"] }, ({ status }) => status === "NEW" || status === "FINISHED"],
    [{ types: ["ARBITRAGE"] }, ({ type }) => type === "ARBITRAGE"],
    [{ contextTypes: ["DIRECT"] }, ({ context }) => context.type === "DIRECT"],
    [{ orderIds: [300, 57_000_000_669] }, ({ chatId, orderId }) => chatId < 7 || orderId === 57_000_000_669],
    [{ contexts }, ({ chatId, context: { returnId } }) => chatId === 6 || returnId === 71_000_086],
    [{ statuses: ["FINISHED"], types: ["CHAT"] }, ({ status, type }) => status === "FINISHED" && type === "CHAT"],
  ])("lists exactly the chats that match %j, in order and in full pages", async (filter, matches) => {
    await using server = await startMarketServer({ chats: [...sampleChats(120), ...otherChats] });
    const expected = server.chats.filter(matches);
    expect(expected.length).toBeGreaterThan(1);
    const body = await expectDocumented("getChats", await getChats(server, filter));
    expect(body).toMatchObject({ status: "OK", result: { chats: expected.slice(0, 10) } });
    for (const limit of [1, 7, 20]) {
      const pages = await collect(createChatsClient(server).listChats(filter, { limit }).pages());
      expect(pages.flatMap(({ chats }) => chats)).toEqual(expected);
      expect(pages).toHaveLength(Math.ceil(expected.length / limit));
    }
  });

  it("rejects a body if and only if it violates the schema", async () => {
    await using server = await startMarketServer({ quota: { getChats: 1e6 } });
    const item = fc.oneof(
      fc.constantFrom<unknown>(...chatStatuses, ...chatTypes, ...chatContextTypes, "", null, 0, 1, -1, 1.5, true),
      fc.record({ id: fc.constantFrom<unknown>(1, 2, 0, "1", 1.5), type: fc.constantFrom(...chatContextTypes) }),
      fc.record({ id: fc.nat() }),
    );
    const names = [...Object.keys(endpoints.getChats.filterLists), "unknown"];
    const value = fc.oneof(fc.array(item, { maxLength: 3 }), item);
    const body = fc.oneof(fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 2 }), item);
    await fc.assert(
      fc.asyncProperty(body, async (sent) => {
        const text = JSON.stringify(sent);
        const isValid = findRequestErrors("GetChatsRequest", JSON.parse(text)).length === 0;
        expect((await send(server, "chats", { body: text })).status).toBe(isValid ? 200 : 400);
      }),
      { numRuns: 300 },
    );
  }, 30_000);
});

describe("Pagination", () => {
  const all = { filter: "", matches: () => true };

  it("returns every item that exists throughout exactly once, in concurrent listings with random changes", () => {
    const [place, few] = [fc.oneof(fc.constant(0), fc.nat()), fc.nat(6)];
    const step = fc.record({ reader: fc.nat(2), place, removed: few, added: few, isReversed: fc.boolean() });
    fc.assert(
      fc.property(fc.nat(25), fc.array(step, { maxLength: 30 }), (count, steps) => {
        const ids = Array.from({ length: count }, (_, id) => id);
        const existing = new Set(ids);
        const { listPage } = createPaginator(ids, (id) => id);
        function* readPages(limit: number): Generator<number[], undefined> {
          let pageToken: string | undefined;
          do {
            const { items, nextPageToken } = listPage({ ...all, limit, pageToken })!;
            yield items;
            pageToken = nextPageToken;
          } while (pageToken !== undefined);
        }
        const readers = [1, 2, 5].map((limit) => ({ pages: readPages(limit), listed: Array<number>() }));
        readers.forEach(({ pages, listed }) => listed.push(...(pages.next().value ?? [])));
        let nextId = count;
        for (const { reader, place, removed, isReversed, ...step } of steps) {
          const { pages, listed } = readers[reader]!;
          listed.push(...(pages.next().value ?? []));
          const added = Array.from({ length: step.added }, () => nextId++);
          ids.splice(place % (ids.length + 1), removed, ...added).forEach((id) => existing.delete(id));
          if (isReversed) ids.reverse();
        }
        for (const { pages, listed } of readers) {
          listed.push(...[...pages].flat());
          expect(new Set(listed).size).toBe(listed.length);
          expect(listed.filter((id) => existing.has(id))).toEqual([...existing]);
          expect(listed.every((id) => id < count)).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("accepts a page token only for its filter and limit, and more than once", () => {
    const ids = Array.from({ length: 20 }, (_, id) => id);
    const [{ listPage }, other] = [createPaginator(ids, (id) => id), createPaginator(ids, (id) => id)];
    const token = listPage({ ...all, limit: 5, pageToken: undefined })?.nextPageToken ?? "";
    const altered = ["", "eyBuZXh0SWQ6IDIzNDIgfQ==", token.slice(0, -1), `${token} `, `A${token.slice(1)}`];
    altered.push(token.replace("+", " ")); // not encoded in the URL: a client with this bug fails its tests
    for (const pageToken of altered) expect(listPage({ ...all, limit: 5, pageToken }), pageToken).toBeUndefined();
    expect(listPage({ ...all, limit: 6, pageToken: token })).toBeUndefined();
    expect(listPage({ ...all, filter: "other", limit: 5, pageToken: token })).toBeUndefined();
    other.listPage({ ...all, limit: 5, pageToken: undefined });
    expect(other.listPage({ ...all, limit: 5, pageToken: token })).toBeUndefined();
    for (const _ of [1, 2]) expect(listPage({ ...all, limit: 5, pageToken: token })?.items).toEqual([5, 6, 7, 8, 9]);
  });

  it("keeps the page tokens of the 100 listings that received one last", () => {
    const { listPage } = createPaginator([1, 2, 3], (id) => id);
    const list = (pageToken?: string) => listPage({ ...all, limit: 1, pageToken });
    const [first, second] = [list()!.nextPageToken, list()!.nextPageToken];
    for (let listing = 3; listing <= 100; listing += 1) list();
    listPage({ ...all, limit: 3, pageToken: undefined }); // has a single page
    expect([list(first)?.items, list(first)?.items]).toEqual([[2], [2]]);
    list();
    expect([list(second), list(first)?.items]).toEqual([undefined, [2]]);
  });
});

it("getChat returns every chat in its current state; changes leave the chats of the option unchanged", async () => {
  const chats = Object.freeze(sampleChats(15));
  await using server = await startMarketServer({ chats });
  server.chats.unshift(...sampleChats(3, { skip: 15 }));
  Object.assign(server.chats[7]!, { status: "WAITING_FOR_ARBITER" });
  const [removed] = server.chats.splice(4, 1);
  for (const chat of server.chats) {
    const body = await expectDocumented("getChat", await getChat(server, chat.chatId));
    expect(body).toEqual({ status: "OK", result: chat });
  }
  expect((await getChat(server, removed!.chatId)).status).toBe(404);
  expect(chats).toEqual(sampleChats(15));
});

describe("Rejected requests", () => {
  const id = "must be an integer, greater than or equal to 1";
  const object = "JSON: an object is expected";
  const deep = `{"orderIds":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
  const large = `{"statuses":["NEW"]${" ".repeat(512 * 1024)}}`;
  const lists = { body: '{"statuses":[],"types":null}' };
  const values = { body: '{"types":["chat","CHAT","CHAT"]}' };
  const type = (value: string | null): Sent => ({ headers: { "Content-Type": value } });
  const key = (value: string | null): Sent => ({ headers: { [apiKeyHeader]: value } });
  type Row = [status: number, message: string, path: string, sent?: Sent];

  const paths = ["/", "/_market", "/v2/businesses/1/chats/", "/v2/businesses/1/1/chat", "/api/v2/businesses/1/chat"];
  it.each<Row>([
    ...["0", "-1", "21", "1.5", "1e1", "ten", ""].map((limit): Row => {
      return [400, "Value of limit must be an integer between 1 and 20", "chats", { query: { limit } }];
    }),
    ...['{"statuses":[', "[]", deep].map((body): Row => [400, object, "chats", { body }]),
    [400, "Collection of statuses must not be empty; Value of types must be a list", "chats", lists],
    [400, "Value of types[0] must be one of CHAT, ARBITRAGE; Values of types must be unique", "chats", values],
    ...["page_token", "pageToken"].map((name): Row => [400, "Bad page token", "chats", { query: { [name]: "x" } }]),
    [400, "Unexpected end of content", "chats", { body: "" }],
    [400, "The request is too big: 524308 bytes, the maximum is 524288", "chats", { body: large }],
    [401, "Credentials are not specified", "chats", key(null)],
    [401, "Credentials are not specified", "chats", key("")],
    [401, "Api-Key token is invalid", "chats", key("Bearer ACMA:own")],
    [415, "Missing Content-Type", "chats", type(null)],
    [415, "Content type 'application/json-patch' not supported", "chats", type("application/json-patch")],
    ...["0", "-5", "1.5", "abc", "", "9223372036854775808", "99999999999999999999"].flatMap((text): Row[] => [
      [400, `Value of chatId ${id}`, "chat", { query: { chatId: text } }],
      [400, `Value of businessId ${id}`, `/v2/businesses/${text}/chat`],
    ]),
    [404, "Chat not found: '9223372036854775807'", "chat", { query: { chatId: "9223372036854775807" } }],
    ...paths.map((path): Row => [404, `Resource not found: '${path}'`, path]),
    [400, "Missing field chatId", "chat"],
    [403, "Access denied", "/v2/businesses/78/chat"],
    [405, "Request method 'GET' not supported", "chats", { method: "GET" }],
    [405, "Request method 'POST' not supported", "chat", { method: "POST" }],
  ])("receive a %i with the message '%s'", async (status, message, path, sent) => {
    await using server = await startMarketServer({ apiKey: "ACMA:own" });
    const response = await send(server, path, sent);
    expect(response.headers.get("Allow")).toBe(status === 405 ? (path === "chats" ? "POST" : "GET") : null);
    const operation = path === "chat" ? "getChat" : "getChats";
    if (!path.includes("/") && ![405, 415].includes(status)) await expectDocumented(operation, response.clone());
    expect(await readError(response)).toEqual([status, expect.any(String), ...message.split("; ")]);
  });
});

describe("Quota", () => {
  it("rejects requests with 420 when it is exhausted, in a window of an hour by default", async () => {
    await using server = await startMarketServer({ quota: { getChats: 1, getChat: 1 } });
    expect(readQuota(await getChats(server)).remaining).toBe(0);
    const rejected = await getChats(server);
    expect(readQuota(rejected)).toMatchObject({ limit: 1, remaining: 0 });
    expect(rejected.statusText).toBe("Enhance Your Calm");
    const message = "Hit rate limit of 1 requests per '1 hours' for resource 'POST /v2/businesses/{businessId}/chats'";
    expect(await readError(rejected)).toEqual([420, "METHOD_FAILURE", message]);
    expect((await getChat(server)).status).toBe(200);
  });

  it("is the documented one by default, and counts 2xx and 4xx, but neither 5xx nor 420", async () => {
    await using server = await startMarketServer();
    for (const status of [500, 420]) {
      server.queueFault({ kind: "status", status }, { when: ({ query }) => query["fault"] === String(status) });
    }
    const rows: [Sent, status: number, remaining: number][] = [
      [{ headers: { "Content-Type": "Application/JSON ; charset=UTF-8" } }, 200, 9999],
      [{ headers: { [apiKeyHeader]: null } }, 401, 9998],
      [{ headers: { "Content-Type": null } }, 415, 9997],
      [{ body: "[" }, 400, 9996],
      [{ method: "PUT" }, 405, 9995],
      [{ query: { fault: 500 } }, 500, 9995],
      [{ query: { fault: 420 } }, 420, 9995],
    ];
    for (const [sent, status, remaining] of rows) {
      const response = await send(server, "chats", sent);
      expect([response.status, readQuota(response).remaining]).toEqual([status, remaining]);
      expect(server.requests.at(-1)?.remaining).toBe(remaining);
    }
    expect(readQuota(await getChats(server)).limit).toBe(10_000);
    expect(readQuota(await getChat(server, 1))).toMatchObject({ limit: 1000, remaining: 999 });
  });

  it("resets at the end of a window, which starts with its first request, by a clock with an offset", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-01-01T12:00:00.750Z") });
    const options = { quota: { getChats: 1 }, quotaPeriod: 9_000, clockOffset: 86_400_000 - 500 };
    await using server = await startMarketServer(options);
    const request = async (time: string) => {
      vi.setSystemTime(new Date(`2026-01-01T12:00:${time}Z`));
      const response = await getChats(server);
      const period = /per '(.*?)'/.exec(await response.text())?.[1];
      return [response.status, response.headers.get("Date"), readQuota(response).until, period];
    };
    // The end of the window is rounded up to a second.
    const end = "Fri, 02 Jan 2026 12:00:17 GMT";
    expect(await request("07.750")).toEqual([200, "Fri, 02 Jan 2026 12:00:07 GMT", end, undefined]);
    expect(await request("16.749")).toEqual([420, "Fri, 02 Jan 2026 12:00:16 GMT", end, "0.0025 hours"]);
    expect(await request("16.750")).toEqual([200, expect.any(String), "Fri, 02 Jan 2026 12:00:26 GMT", undefined]);
  });
});

describe("Concurrency limit", () => {
  it.each([1, undefined])("with parallelLimit %s responds with 420 to further requests, uncounted", async (option) => {
    await using server = await startMarketServer({ parallelLimit: option, latency: 1 });
    const parallelLimit = option ?? 4;
    const controller = new AbortController();
    await holdRequests(server, parallelLimit, controller.signal);
    const message = `Hit rate limit of ${parallelLimit} parallel requests for businessId 123456`;
    for (const _ of [1, 2]) {
      const rejected = await getChats(server);
      expect(readQuota(rejected).remaining).toBe(10_000);
      expect(await readError(rejected)).toEqual([420, "METHOD_FAILURE", message]);
    }
    expect(server.peakParallel).toBe(parallelLimit + 1);
    controller.abort();
    await vi.waitFor(() => expect(outcomes(server)).toContain("abandoned"));
    expect((await getChats(server)).status).toBe(200);
  });

  it.each([1, Infinity])("%s admits the next request as soon as the last one was answered", async (parallelLimit) => {
    await using server = await startMarketServer({ parallelLimit });
    for (let request = 0; request < 50; request += 1) {
      expect((await getChats(server)).status).toBe(200);
    }
    expect(server.peakParallel).toBe(1);
    await holdRequests(server, 30);
    expect((await getChats(server)).status).toBe(parallelLimit === 1 ? 420 : 200);
  });
});

describe("Recorded requests", () => {
  it("contain the request and its result, and are passed to onRequest when they are finished", async () => {
    const finished: ReceivedRequest[] = [];
    await using server = await startMarketServer({ latency: 5, onRequest: (request) => finished.push({ ...request }) });
    const before = Date.now();
    await getChats(server, { statuses: ["NEW"] }, { limit: 5 });
    await send(server, "chats", { body: "[", headers: { "X-Market-Integration": "my-helpdesk/1.4.0" } });
    await getChat(server, 42);
    await send(server, "/other", { method: "POST", body: " ".repeat(512 * 1024 + 1) });
    await vi.waitFor(() => expect(finished).toHaveLength(4));
    const { receivedAt, durationMs, ...recorded } = server.requests[0]!;
    const sent = { operation: "getChats", method: "POST", path: "/v2/businesses/123456/chats", query: { limit: "5" } };
    const headers: unknown = expect.objectContaining({ "content-type": "application/json", "content-length": "20" });
    const body = { headers, key: "right", bodySize: 20, body: { statuses: ["NEW"] } };
    expect(recorded).toEqual({ ...sent, ...body, fault: undefined, status: 200, outcome: "answered", remaining: 9999 });
    expect([receivedAt >= before, receivedAt <= Date.now(), durationMs! > 3]).toEqual([true, true, true]);
    expect(server.requests.slice(1)).toMatchObject([
      { body: "[", status: 400, headers: { "x-market-integration": "my-helpdesk/1.4.0" } },
      { operation: "getChat", query: { chatId: "42" }, body: undefined, status: 404 },
      { operation: undefined, path: "/other", bodySize: 524_289, body: undefined, status: 404, remaining: undefined },
    ]);
    expect(finished).toEqual(server.requests);
  });

  it("contain no header that carries credentials", async () => {
    await using server = await startMarketServer();
    for (const key of [server.apiKey, "ACMA:token-of-another-cabinet:00ff00ff", null]) {
      const headers = { Authorization: `Bearer ${key}`, "Proxy-Authorization": key, Cookie: key, "X-Debug": "on" };
      await send(server, "chats", { headers: { ...headers, [apiKeyHeader]: key } });
      expect(inspect(server.requests, { depth: Infinity, showHidden: true })).not.toContain(key ?? "Bearer");
    }
    expect(server.requests.map(({ key }) => key)).toEqual(["right", "wrong", "missing"]);
    expect(server.requests[0]?.headers["x-debug"]).toBe("on");
  });
});

describe("Faults", () => {
  const json = "application/json";
  const errors = [{ code: "LOCKED", message: "Business is in migration" }, { code: "OTHER" }];
  const headers = { "content-type": "text/plain", ETag: "1", "X-RateLimit-Resource-Limit": null, date: null };
  const internal = '{"status":"ERROR","errors":[{"code":"INTERNAL_SERVER_ERROR","message":"Internal Server Error"}]}';
  const calm = '{"status":"ERROR","errors":[{"code":"METHOD_FAILURE","message":"Enhance Your Calm"}]}';

  it.each<[Fault, status: number, body: string | RegExp, contentType: string | null, remaining: number]>([
    [{ kind: "status", status: 500 }, 500, internal, json, 1000],
    [{ kind: "status", status: 420 }, 420, calm, json, 1000],
    [{ kind: "status", status: 423, errors }, 423, JSON.stringify({ status: "ERROR", errors }), json, 999],
    [{ kind: "status", status: 200, errors: null }, 200, '{"status":"ERROR","errors":null}', json, 999],
    [{ kind: "status", status: 503, body: "Перегрузка", headers }, 503, "Перегрузка", "text/plain", 1000],
    [{ kind: "status", status: 204 }, 204, "", json, 999],
    [{ kind: "status", status: 799 }, 799, /ERROR/, json, 1000],
    [{ kind: "html" }, 200, /^<!DOCTYPE html>[^]*робот[^]*<\/html>\n$/, "text/html; charset=utf-8", NaN],
    [{ kind: "redirect", location: "https://passport.yandex.ru/" }, 302, "", null, NaN],
    [{ kind: "redirect", location: "/elsewhere", status: 307 }, 307, "", null, NaN],
    [{ kind: "body", body: "" }, 200, "", json, 999],
    [{ kind: "body", body: "<xml/>", headers }, 200, "<xml/>", "text/plain", 999],
    [{ kind: "unsafeInteger" }, 200, /"chatId":9007199254740993,/, json, 999],
    [{ kind: "delay", milliseconds: 0.5 }, 200, /"OK"/, json, 999],
    [{ kind: "delay", milliseconds: 1, where: "body" }, 200, /"OK"/, json, 999],
  ])("respond as described by %j", async (fault, status, body, contentType, remaining) => {
    await using server = await startMarketServer();
    server.queueFault(fault);
    const response = await getChat(server);
    expect([response.status, response.headers.get("Content-Type")]).toEqual([status, contentType]);
    expect(await response.text()).toEqual(typeof body === "string" ? body : expect.stringMatching(body));
    expect(response.headers.get("Location")).toBe(fault.kind === "redirect" ? fault.location : null);
    if ("headers" in fault) expect([response.headers.get("ETag"), response.headers.has("Date")]).toEqual(["1", false]);
    const limit = "headers" in fault || Number.isNaN(remaining) ? NaN : 1000;
    expect(readQuota(response)).toMatchObject({ limit, remaining });
    expect(server.requests).toMatchObject([{ fault: fault.kind, status, outcome: "answered" }]);
    expect((await getChat(server)).status).toBe(200);
  });

  it("delay the response by the clock of the test, if that is fake", async () => {
    await using server = await startMarketServer({ latency: 10_000 });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const response = getChat(server);
    for (let step = 0; step < 5000 && server.requests[0]?.outcome !== "answered"; step += 1) {
      await new Promise(setImmediate);
      vi.advanceTimersByTime(10);
    }
    expect(outcomes(server)).toEqual(["answered"]);
    expect((await response).status).toBe(200);
  });

  const truncated = { kind: "body", body: '{"status":"OK","res', headers: { "Content-Length": null } } as const;
  it.each([
    [{ kind: "cut", where: "before" }, /^$/, 999],
    [{ kind: "cut", where: "head" }, /^HTTP\/1.1 200 OK\r\nContent-Type: appli$/, 998],
    [{ kind: "cut", where: "body" }, /Length: [^]*\r\n\r\n\{"status":"OK","result":\{"chatId"[^}]{20,}$/, 998],
    [truncated, /^(?![^]*Length)[^]*Connection: close\r\n\r\n\{"status":"OK","res$/, 998],
  ] as const)("close the connection as described by %j", async (fault, received, remaining) => {
    await using server = await startMarketServer({ parallelLimit: 1 });
    server.queueFault(fault);
    const request = `GET /v2/businesses/123456/chat?chatId=${server.chats[0]!.chatId} HTTP/1.1\r\nHost: a\r\n`;
    expect(await exchange(server, `${request}${apiKeyHeader}: ${server.apiKey}\r\n\r\n`)).toMatch(received);
    expect(server.requests).toMatchObject([{ fault: fault.kind, outcome: fault.kind === "cut" ? "cut" : "answered" }]);
    expect(readQuota(await getChat(server)).remaining).toBe(remaining);
  });

  it("return the page token of the request again with repeatToken, also on the last page", async () => {
    await using server = await startMarketServer({ chats: 30 });
    server.queueFault({ kind: "repeatToken" });
    const market = createChatsClient(server);
    const { paging } = await market.getChats();
    const options = { pageToken: paging?.nextPageToken };
    expect(await market.getChats({}, options)).toEqual({ chats: server.chats.slice(20), paging });
    expect(server.requests.map(({ fault }) => fault)).toEqual([undefined, "repeatToken"]);
    expect(await market.getChats({}, options)).not.toHaveProperty("paging");
  });

  it("are applied to matching requests in the order in which they were queued, until they are removed", async () => {
    await using server = await startMarketServer();
    const isLimited: FaultMatch["when"] = ({ query }) => query["limit"] === "3";
    server.queueFault({ kind: "status", status: 501 }, { operation: "getChat" });
    server.queueFault({ kind: "status", status: 502 }, { when: ({ body }) => JSON.stringify(body) === "{}", times: 2 });
    const remove = server.queueFault({ kind: "status", status: 503 }, { when: isLimited, times: Infinity });
    const statuses: number[] = [];
    for (let request = 0; request < 4; request += 1) {
      statuses.push((await getChats(server)).status, (await getChats(server, {}, { limit: 3 })).status);
    }
    expect(statuses).toEqual([502, 502, 200, 503, 200, 503, 200, 503]);
    remove();
    remove(); // does not remove the other fault
    expect((await getChats(server, {}, { limit: 3 })).status).toBe(200);
    expect([(await getChat(server, 1)).status, (await getChat(server, 1)).status]).toEqual([501, 404]);
  });

  it("are applied before all checks, but not to OPTIONS requests", async () => {
    await using server = await startMarketServer({ quota: { getChats: 0 } });
    server.queueFault({ kind: "status", status: 502 }, { times: 3 });
    expect((await send(server, "chats", { method: "OPTIONS" })).status).toBe(405);
    expect((await send(server, "/elsewhere")).status).toBe(502);
    expect((await send(server, "chats", { body: "[", headers: { [apiKeyHeader]: "wrong" } })).status).toBe(502);
    expect([(await getChats(server)).status, (await getChats(server)).status]).toEqual([502, 420]);
  });

  const status = (fields: object) => ({ kind: "status", status: 500, ...fields });
  it.each<[message: string, fault: unknown, match?: unknown]>([
    ["fault.kind must be one of status, delay, cut, html, redirect, body,", { kind: "toString" }],
    ["fault.status is unknown", { kind: "html", status: 500 }],
    ["fault.status must be an integer from 200 to 999, not 199", status({ status: 199 })],
    ["fault.body must be a string", status({ body: {} })],
    ["fault must be an object, not null", null],
    ["fault.milliseconds must be an integer from 0", { kind: "delay", milliseconds: -1 }],
    ["match must be an object, not null", { kind: "html" }, null],
    ["fault.errors must be an array or null", status({ errors: "LOCKED" })],
    ["fault.errors[0] must be an object", status({ errors: ["LOCKED"] })],
    ["fault.errors[0].code must be a string", status({ errors: [{ message: "x" }] })],
    ["fault.errors[0].message must be a string", status({ errors: [{ code: "A", message: 5 }] })],
    ['"Bad name"', status({ headers: { "Bad name": "" } })],
    ["fault.headers.Name must be a string", { kind: "body", body: "", headers: { Name: 5 } }],
    ['"fault.location"', { kind: "redirect", location: "\n" }],
    ["fault.status must be one of 301, 302, 303, 307, 308", { kind: "redirect", location: "/", status: 200 }],
    ["fault.where must be one of head, body", { kind: "delay", milliseconds: 1, where: "tail" }],
    ["fault.where must be one of before, head, body", { kind: "cut" }],
    ["match.op is unknown", { kind: "html" }, { op: "getChat" }],
    ["match.operation must be one of getChats, getChat", { kind: "html" }, { operation: "listChats" }],
    ["match.times must be an integer from 1", { kind: "html" }, { times: 0 }],
    ["match.when must be a function", { kind: "html" }, { when: true }],
  ])("are rejected by queueFault and by the control endpoint: %s", async (message, fault, match) => {
    await using server = await startMarketServer({ control: true });
    expect(() => server.queueFault(fault as Fault, match as FaultMatch)).toThrow(message);
    const body = JSON.stringify(fault && { ...fault, match });
    const error = await readError(await send(server, "/_market/faults", { method: "POST", body }));
    expect(error).toEqual([400, "BAD_REQUEST", expect.stringContaining(fault === null ? "body" : message)]);
    expect((await getChats(server)).status).toBe(200);
  });
});

describe("Control endpoints", () => {
  const control = async (server: MarketServer, method: string, path: string, body?: unknown) => {
    const sent = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await send(server, `/_market${path}`, sent);
    return (await response.json()) as { status: string; result?: { requests: ReceivedRequest[] } };
  };

  it("queue faults, return requests, replace chats and reset the server, unrecorded and without limits", async () => {
    await using server = await startMarketServer({ control: true, chats: 5, quota: { getChats: 2 }, parallelLimit: 1 });
    const match = { operation: "getChats", times: 2 };
    expect(await control(server, "POST", "/faults", { kind: "status", status: 503, match })).toEqual({ status: "OK" });
    expect([(await getChat(server, 1)).status, (await getChats(server)).status]).toEqual([404, 503]);
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    await send(server, "chat", { method: "POST", body: deep });
    const { result } = await control(server, "GET", "/requests");
    const recorded = [{ operation: "getChat" }, { operation: "getChats", fault: "status" }, { body: deep }];
    expect(result?.requests).toMatchObject(recorded);

    await control(server, "PUT", "/chats", { count: 200_000 });
    expect(server.chats).toHaveLength(200_000);
    await control(server, "PUT", "/chats", sampleChats(3000)); // more than the API accepts in one request
    expect(server.chats).toEqual(sampleChats(3000));

    expect((await getChats(server)).status).toBe(503);
    const market = createChatsClient(server);
    const { paging } = await market.getChats();
    await control(server, "POST", "/faults", { kind: "html" });
    for (const _ of [1, 2]) {
      expect(await control(server, "DELETE", "")).toEqual({ status: "OK" });
      expect(server).toMatchObject({ requests: [], chats: sampleChats(5) });
      expect(readQuota(await getChats(server)).remaining).toBe(1);
      server.chats[0]!.status = "FINISHED";
    }
    await expect(market.getChats({}, { pageToken: paging?.nextPageToken })).rejects.toThrow("Bad page token");
  }, 30_000);

  it.each<[number, string, string, Sent?]>([
    [400, "POST", "/faults", { body: "" }],
    [400, "POST", "/faults", { body: "{" }],
    [400, "PUT", "/chats", { body: "{}" }],
    [400, "PUT", "/chats", { body: '[{"chatId":1}]' }],
    [401, "GET", "/requests", { headers: { [apiKeyHeader]: null } }],
    [401, "DELETE", "", { headers: { [apiKeyHeader]: "wrong" } }],
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
  const chat = createChat(1);
  const wrongTypes = { chats: "many", apiKey: 1, quota: 5, latency: "1", host: 1, control: "yes", onRequest: true };
  const tooSmall = { chats: -1, businessId: 0, quotaPeriod: 0, parallelLimit: 0, latency: -1, port: -1 };
  const tooLarge = { clockOffset: 1e15, port: 65_536 };
  type Row = [typeof TypeError | typeof RangeError, invalid: Record<string, unknown>, message?: string];
  it.each<Row>([
    [TypeError, wrongTypes],
    [TypeError, { chat: 3, host: "" }],
    [TypeError, { apiKey: "a b" }],
    [RangeError, { ...tooSmall, ...tooLarge }],
    [RangeError, { chats: [chat, chat] }, "chats[1].chatId must be unique, not 1"],
    [RangeError, { chats: [createChat(0)] }, "chats[0].chatId"],
    ...[undefined, []].map((item): Row => [TypeError, { chats: [item] }, "chats[0] must be an object, not "]),
    ...[undefined, null, [1]].map((context): Row => {
      return [TypeError, { chats: [{ ...chat, context }] }, "chats[0].context must be an object, not "];
    }),
    [TypeError, { quota: [] }, "quota must be an object, not an empty array"],
    [TypeError, { quota: { getchat: 3 } }, "quota.getchat"],
    [RangeError, { quota: { getChats: -1 } }, "quota.getChats"],
    [RangeError, { quota: { getChat: Infinity } }, "quota.getChat"],
  ])("are rejected with a %o that names the invalid one of %j", async (type, invalid, message) => {
    for (const [name, value] of Object.entries(invalid)) {
      const started = startMarketServer({ [name]: value });
      await expect(started, name).rejects.toThrow(type);
      await expect(started, name).rejects.toThrow(message ?? `${name} `);
    }
  });

  const hosts = { localhost: "localhost", "0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]" };
  it.each(Object.entries(hosts))("contain the host %s, which results in a base URL for %s", async (host, hostname) => {
    await using server = await startMarketServer({ host });
    expect(new URL(server.baseUrl).hostname).toBe(hostname);
    const baseUrl = host === "0.0.0.0" ? server.baseUrl.replace(hostname, "127.0.0.2") : server.baseUrl;
    expect((await getChats({ ...server, baseUrl })).status).toBe(200);
  });
});

describe("close", () => {
  it("ends all connections and requests, and may be called again", async () => {
    const server = await startMarketServer();
    expect((await getChats(server)).headers.has("Keep-Alive")).toBe(false); // idle connections have no timeout
    server.queueFault({ kind: "delay", milliseconds: 60_000, where: "body" });
    const truncated = expect(getChats(server).then((response) => response.text())).rejects.toThrow("terminated");
    await vi.waitFor(() => expect(server.requests.at(-1)?.status).toBe(200));
    server.queueFault({ kind: "delay", milliseconds: 60_000 }, { times: 3 });
    const stalled = expect(getChats(server)).rejects.toThrow("fetch failed");
    await vi.waitFor(() => expect(server.requests.at(-1)?.fault).toBe("delay"));
    const sockets = [
      exchange(server, ""),
      exchange(server, "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n"),
      exchange(server, "POST /v2/businesses/123456/chats HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{"),
    ];
    await vi.waitFor(() => expect(outcomes(server)).toEqual(["answered", ...Array<string>(5).fill("pending")]));
    await Promise.all([server.close(), server.close()]);
    await Promise.all([truncated, stalled, ...sockets]);
    await server[Symbol.asyncDispose]();
    await expect(getChats(server)).rejects.toThrow("fetch failed");
    expect(outcomes(server)).toEqual(["answered", ...Array<string>(5).fill("abandoned")]);
  });

  it("leaves nothing that keeps the process alive, also after a match callback throws", async () => {
    const script = `
      import { startMarketServer } from "./src/testing/index.ts";
      process.on("unhandledRejection", (error) => console.log(error.message));
      process.on("exit", () => console.log("exit"));
      const server = await startMarketServer({ latency: 50_000 });
      const remove = server.queueFault({ kind: "html" }, { when: () => { throw new Error("a bug in the test") } });
      await fetch(server.baseUrl).catch((error) => console.log(error.message));
      console.log(server.requests[0].outcome);
      remove();
      server.queueFault({ kind: "delay", milliseconds: 50_000 });
      fetch(server.baseUrl).catch(() => undefined);
      while (server.requests.length === 1) await new Promise((resolve) => setTimeout(resolve, 10));
      await server.close();`;
    const args = ["--import", "tsx", "--input-type=module", "--eval", script];
    const { stdout } = await start([process.execPath, ...args], {}, { timeout: 15_000 }).end();
    expect(getLines(stdout).sort()).toEqual(["a bug in the test", "abandoned", "exit", "fetch failed"]);
  }, 20_000);
});
