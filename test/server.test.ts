import { execFile } from "node:child_process";
import { connect } from "node:net";
import { inspect, promisify } from "node:util";
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { apiKeyHeader, chatContextTypes, chatStatuses, chatTypes, endpoints } from "../src/generated/constants.js";
import type { Chat, ChatsFilter, ChatsPage } from "../src/generated/types.js";
import { createChatsClient } from "../src/index.js";
import { createListing, findItem, listPage } from "../src/testing/pagination.js";
import { type Fault, type MarketServer, sampleChats, startMarketServer } from "../src/testing/index.js";
import { expectDocumented, findErrors, findRequestErrors } from "./conformance.js";

afterEach(() => {
  vi.useRealTimers();
});

/** A request of getChats, with nothing unusual about it. */
function getChats(
  server: MarketServer,
  filter: ChatsFilter = {},
  query: Record<string, string | number> = {},
): Promise<Response> {
  return post(server, JSON.stringify(filter), {}, query);
}

/** The same with any body and headers. A header is left out with null. */
function post(
  server: MarketServer,
  body: string | null,
  headers: Record<string, string | null> = {},
  query: Record<string, string | number> = {},
): Promise<Response> {
  const sent = new Headers({ "Content-Type": "application/json", [apiKeyHeader]: server.apiKey });
  for (const [name, value] of Object.entries(headers)) {
    if (value === null) {
      sent.delete(name);
    } else {
      sent.set(name, value);
    }
  }
  return fetch(urlOf(server, "chats", query), {
    method: "POST",
    headers: sent,
    body: body === null ? null : new TextEncoder().encode(body),
    redirect: "manual",
  });
}

function getChat(server: MarketServer, chatId: string | number): Promise<Response> {
  return get(server, urlOf(server, "chat", { chatId }));
}

function get(server: MarketServer, url: string, init: RequestInit = {}): Promise<Response> {
  return fetch(url, { headers: { [apiKeyHeader]: server.apiKey }, ...init });
}

function urlOf(
  { baseUrl, businessId }: MarketServer,
  resource: "chats" | "chat",
  query: Record<string, string | number> = {},
): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    parameters.set(name, String(value));
  }
  return `${baseUrl}/v2/businesses/${businessId}/${resource}?${parameters}`;
}

/** The `result` of an answer of getChats. */
async function pageOf(response: Promise<Response>): Promise<ChatsPage> {
  const body = await expectDocumented("getChats", await response);
  expect(body).toMatchObject({ status: "OK", result: {} });
  return (body as { result: ChatsPage }).result;
}

/** Goes from page to page. */
async function* pagesOf(server: MarketServer, filter: ChatsFilter = {}, limit = 20): AsyncGenerator<Chat[]> {
  let pageToken: string | undefined;
  do {
    const page = await pageOf(getChats(server, filter, { limit, ...(pageToken && { page_token: pageToken }) }));
    pageToken = page.paging?.nextPageToken;
    yield page.chats;
  } while (pageToken !== undefined);
}

async function listAll(server: MarketServer, filter: ChatsFilter = {}, limit = 20): Promise<Chat[]> {
  const chats: Chat[] = [];
  for await (const page of pagesOf(server, filter, limit)) {
    chats.push(...page);
  }
  return chats;
}

/** Status, code and message of an answer with one error, which is just as it is documented. */
async function errorOf(response: Response, operation: "getChats" | "getChat" = "getChats") {
  const body = await expectDocumented(operation, response);
  const { errors, status } = body as { errors: { code: string; message: string }[]; status: string };
  expect(status).toBe("ERROR");
  expect(errors).toHaveLength(1);
  return [response.status, errors[0]?.code, errors[0]?.message];
}

/** What an answer says of the quota. */
function quotaOf({ headers }: Response) {
  return {
    limit: Number(headers.get("X-RateLimit-Resource-Limit") ?? NaN),
    remaining: Number(headers.get("X-RateLimit-Resource-Remaining") ?? NaN),
    until: headers.get("X-RateLimit-Resource-Until"),
    date: headers.get("Date"),
  };
}

/** Sends a GET for the chat over a bare socket, and gives all that comes back until the connection ends. */
function rawAnswer(server: MarketServer, chatId: number): Promise<string> {
  const { hostname, port, pathname, search } = new URL(urlOf(server, "chat", { chatId }));
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let text = "";
    socket.setEncoding("utf8");
    socket.on("data", (chunk) => (text += String(chunk)));
    socket.on("close", () => resolve(text));
    socket.on("error", reject);
    socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}\r\n${apiKeyHeader}: ${server.apiKey}\r\n\r\n`);
  });
}

function chatOf(chatId: number, rest: Partial<Chat> = {}): Chat {
  return {
    chatId,
    context: { type: "DIRECT" },
    createdAt: "2025-09-17T10:00:00+03:00",
    status: "NEW",
    type: "CHAT",
    updatedAt: "2025-09-17T10:00:00+03:00",
    ...rest,
  };
}

describe("getChats", () => {
  it("lists every chat once, in the order of server.chats", async () => {
    await using server = await startMarketServer({ chats: 45 });
    const pages: Chat[][] = [];
    for await (const page of pagesOf(server)) {
      pages.push(page);
    }
    expect(pages.map((page) => page.length)).toEqual([20, 20, 5]);
    expect(pages.flat()).toEqual(server.chats);
    expect(server.chats).toEqual(sampleChats(45));
  });

  it("has 50 sample chats unless told otherwise, or none, or those that it is given", async () => {
    await using fifty = await startMarketServer();
    expect(await listAll(fifty)).toEqual(sampleChats(50));
    await using none = await startMarketServer({ chats: 0 });
    expect(await pageOf(getChats(none))).toEqual({ chats: [] });
    await using given = await startMarketServer({ chats: [chatOf(7), chatOf(3), chatOf(5)] });
    expect((await listAll(given)).map(({ chatId }) => chatId)).toEqual([7, 3, 5]);
  });

  it("puts 10 chats on a page unless told otherwise", async () => {
    await using server = await startMarketServer({ chats: 30 });
    const first = await pageOf(getChats(server));
    expect(first.chats).toEqual(server.chats.slice(0, endpoints.getChats.limit.default));
    const second = await pageOf(getChats(server, {}, { page_token: first.paging?.nextPageToken ?? "" }));
    expect(second.chats).toEqual(
      server.chats.slice(endpoints.getChats.limit.default, 2 * endpoints.getChats.limit.default),
    );
  });

  it.each([1, 7, endpoints.getChats.limit.maximum])("puts %i chats on a page", async (limit) => {
    await using server = await startMarketServer({ chats: 41 });
    const { chats } = await pageOf(getChats(server, {}, { limit }));
    expect(chats).toEqual(server.chats.slice(0, limit));
    expect(await listAll(server, {}, limit)).toEqual(server.chats);
  });

  it("names no next page when the chats end with the page", async () => {
    await using server = await startMarketServer({ chats: 40 });
    const first = await pageOf(getChats(server, {}, { limit: 20 }));
    const second = await pageOf(getChats(server, {}, { limit: 20, page_token: first.paging?.nextPageToken ?? "" }));
    expect(second.chats).toHaveLength(20);
    expect(second).not.toHaveProperty("paging");
  });

  it.each(["0", "-1", "21", "1.5", "1e1", "ten", ""])("refuses the limit %j", async (limit) => {
    await using server = await startMarketServer();
    const response = await getChats(server, {}, { limit });
    expect(await errorOf(response)).toEqual([400, "BAD_REQUEST", "Value of limit must be an integer between 1 and 20"]);
  });

  it("takes the token as page_token, or as pageToken, as the Market's OpenAPI files have it", async () => {
    await using server = await startMarketServer({ chats: 15 });
    const { paging } = await pageOf(getChats(server));
    const pageToken = paging?.nextPageToken ?? "";
    for (const name of ["page_token", "pageToken"]) {
      expect(await pageOf(getChats(server, {}, { [name]: pageToken }))).toEqual({ chats: server.chats.slice(10) });
    }
  });

  it("gives tokens that a URL must encode, so that a client that does not is found out", async () => {
    await using server = await startMarketServer();
    const { paging } = await pageOf(getChats(server));
    const bare = await fetch(`${urlOf(server, "chats")}page_token=${paging?.nextPageToken}`, {
      method: "POST",
      headers: { [apiKeyHeader]: server.apiKey, "Content-Type": "application/json" },
      body: "{}",
    });
    expect(await errorOf(bare)).toEqual([400, "BAD_REQUEST", "Bad page token"]);
  });

  it("refuses a token that it has not given, or for another filter or limit", async () => {
    await using server = await startMarketServer();
    const statuses: ChatsFilter["statuses"] = ["NEW", "FINISHED"];
    const { paging } = await pageOf(getChats(server, { statuses }, { limit: 5 }));
    const token = paging?.nextPageToken ?? "";
    const [first = ""] = token;
    const bad: [ChatsFilter, Record<string, string | number>][] = [
      [{ statuses }, { limit: 5, page_token: "" }],
      [{ statuses }, { limit: 5, page_token: "eyBuZXh0SWQ6IDIzNDIgfQ==" }],
      [{ statuses }, { limit: 5, page_token: token.slice(0, -1) }],
      [{ statuses }, { limit: 5, page_token: `${token} ` }],
      [{ statuses }, { limit: 5, page_token: token.replace(first, first === "N" ? "M" : "N") }],
      [{ statuses }, { limit: 6, page_token: token }],
      [{ statuses }, { page_token: token }],
      [{ statuses: ["NEW"] }, { limit: 5, page_token: token }],
      [{}, { limit: 5, page_token: token }],
    ];
    for (const [filter, query] of bad) {
      const error = await errorOf(await getChats(server, filter, query));
      expect(error, JSON.stringify([filter, query])).toEqual([400, "BAD_REQUEST", "Bad page token"]);
    }
    // The same filter in other words is the same filter.
    await pageOf(getChats(server, { statuses: ["FINISHED", "NEW"] }, { limit: 5, page_token: token }));
  });
});

describe("The filters of getChats", () => {
  const order = chatOf(1, { context: { type: "ORDER", orderId: 100 }, orderId: 100, status: "FINISHED" });
  const otherOrder = chatOf(2, { context: { type: "ORDER", orderId: 200 }, orderId: 200, type: "ARBITRAGE" });
  const aReturn = chatOf(3, { context: { type: "RETURN", orderId: 100, returnId: 200 }, status: "FINISHED" });
  const direct = chatOf(4, { context: { type: "DIRECT" }, status: "WAITING_FOR_PARTNER" });
  const onlyOld = chatOf(5, { context: { type: "ORDER" }, orderId: 300 });

  it.each<[ChatsFilter, Chat[]]>([
    [{}, [order, otherOrder, aReturn, direct, onlyOld]],
    [{ statuses: ["FINISHED"] }, [order, aReturn]],
    [{ statuses: ["FINISHED", "WAITING_FOR_PARTNER"] }, [order, aReturn, direct]],
    [{ types: ["ARBITRAGE"] }, [otherOrder]],
    [{ types: ["ARBITRAGE", "CHAT"] }, [order, otherOrder, aReturn, direct, onlyOld]],
    [{ contextTypes: ["DIRECT"] }, [direct]],
    [{ contextTypes: ["DIRECT", "RETURN"] }, [aReturn, direct]],
    [{ contexts: [{ type: "ORDER", id: 100 }] }, [order]],
    [{ contexts: [{ type: "RETURN", id: 200 }] }, [aReturn]],
    [{ contexts: [{ type: "RETURN", id: 100 }] }, []],
    [{ contexts: [{ type: "ORDER", id: 200 }, { type: "RETURN", id: 200 }] }, [otherOrder, aReturn]], // prettier-ignore
    [{ orderIds: [100] }, [order, aReturn]],
    [{ orderIds: [300, 200] }, [otherOrder, onlyOld]],
    [{ statuses: ["FINISHED"], contextTypes: ["ORDER"] }, [order]],
    [{ statuses: ["FINISHED"], types: ["ARBITRAGE"] }, []],
    [{ orderIds: [100], contextTypes: ["RETURN"], types: ["CHAT"], statuses: ["FINISHED"] }, [aReturn]],
  ])("%j", async (filter, chats) => {
    await using server = await startMarketServer({ chats: [order, otherOrder, aReturn, direct, onlyOld] });
    expect(await listAll(server, filter)).toEqual(chats);
    expect(await listAll(server, filter, 1)).toEqual(chats);
  });

  it("skips fields that it does not know, as the Market does", async () => {
    await using server = await startMarketServer({ chats: 3 });
    const page = await pageOf(post(server, '{"colour":["red"],"statuses":["NEW"]}'));
    expect(page.chats).toEqual(server.chats.filter(({ status }) => status === "NEW"));
  });

  it.each([
    ['{"statuses":[', "JSON: an object is expected"],
    ['"NEW"', "JSON: an object is expected"],
    ["null", "JSON: an object is expected"],
    ["[]", "JSON: an object is expected"],
    ['{"statuses":"NEW"}', "Value of statuses must be a list"],
    ['{"statuses":null}', "Value of statuses must be a list"],
    ['{"statuses":[]}', "Collection of statuses must not be empty"],
    ['{"types":["CHAT","CHAT"]}', "Values of types must be unique"],
    ['{"types":["CHAT","chat"]}', "Value of types[1] must be one of CHAT, ARBITRAGE"],
    ['{"contextTypes":["OTHER"]}', "Value of contextTypes[0] must be one of ORDER, RETURN, DIRECT"],
    ['{"orderIds":[1,1]}', "Values of orderIds must be unique"],
    ['{"orderIds":["1"]}', "Value of orderIds[0] must be an integer"],
    ['{"orderIds":[1.5]}', "Value of orderIds[0] must be an integer"],
    ['{"contexts":[5]}', "Value of contexts[0] must be an object"],
    ['{"contexts":[{"type":"ORDER"}]}', "Value of contexts[0].id must be an integer, greater than or equal to 1"],
    [
      '{"contexts":[{"id":0,"type":"ORDER"}]}',
      "Value of contexts[0].id must be an integer, greater than or equal to 1",
    ],
    ['{"contexts":[{"id":1}]}', "Value of contexts[0].type must be one of ORDER, RETURN"],
    ['{"contexts":[{"id":1,"type":"DIRECT"}]}', "Value of contexts[0].type must be one of ORDER, RETURN"],
    ['{"contexts":[{"id":1,"type":"ORDER"},{"type":"ORDER","id":1}]}', "Values of contexts must be unique"],
    [`{"orderIds":${"[".repeat(100_000)}${"]".repeat(100_000)}}`, "JSON: an object is expected"],
    ["", "Unexpected end of content"],
    [`{"statuses":["NEW"]${" ".repeat(512 * 1024)}}`, "The request is too big: 524308 bytes, the maximum is 524288"],
  ])("refuses %.60s", async (body, message) => {
    await using server = await startMarketServer();
    expect(await errorOf(await post(server, body))).toEqual([400, "BAD_REQUEST", message]);
  });

  it("names everything that is wrong at once", async () => {
    await using server = await startMarketServer();
    const response = await post(server, '{"statuses":["OLD","OLD"],"types":[]}');
    const body = await expectDocumented("getChats", response);
    expect((body as { errors: { message: string }[] }).errors.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^Value of statuses\[0\] must be one of NEW, /),
      expect.stringMatching(/^Value of statuses\[1\] must be one of NEW, /),
      "Values of statuses must be unique",
      "Collection of types must not be empty",
    ]);
  });

  it("refuses what the schema refuses, and nothing else", async () => {
    await using server = await startMarketServer({ quota: { getChats: 1e6 } });
    const item = fc.oneof(
      fc.constantFrom<unknown>(...chatStatuses, ...chatTypes, ...chatContextTypes, "", null, 0, 1, -1, 1.5, true),
      fc.record({ id: fc.constantFrom<unknown>(1, 2, 0, "1", 1.5), type: fc.constantFrom(...chatContextTypes) }),
      fc.record({ id: fc.nat() }),
    );
    const right: fc.Arbitrary<object> = filterArbitrary();
    const lists = fc.dictionary(
      fc.constantFrom("contexts", "contextTypes", "orderIds", "statuses", "types"),
      fc.oneof(fc.array(item, { maxLength: 3 }), item),
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(lists, right, item), async (body) => {
        const text = JSON.stringify(body);
        const { status } = await post(server, text);
        expect(status).toBe(findRequestErrors("GetChatsRequest", JSON.parse(text)).length === 0 ? 200 : 400);
      }),
      { numRuns: 300 },
    );
  }, 30_000);

  it("return what a look at each chat returns", async () => {
    await using server = await startMarketServer({ chats: 120, quota: { getChats: 1e6 } });
    await fc.assert(
      fc.asyncProperty(filterArbitrary(), fc.integer({ min: 1, max: 20 }), async (filter, limit) => {
        const { statuses, types, contextTypes, orderIds, contexts } = filter;
        const expected = server.chats
          .filter(({ status }) => statuses === undefined || statuses.includes(status))
          .filter(({ type }) => types === undefined || types.includes(type))
          .filter(({ context }) => contextTypes === undefined || contextTypes.includes(context.type))
          .filter(({ orderId }) => orderIds === undefined || (orderId !== undefined && orderIds.includes(orderId)))
          .filter(
            ({ context: { type, orderId, returnId } }) =>
              contexts === undefined ||
              contexts.some((one) => one.type === type && one.id === (type === "ORDER" ? orderId : returnId)),
          );
        expect(await listAll(server, filter, limit)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  }, 30_000);
});

/** Filters that find something among the sample chats, more often than not. */
function filterArbitrary(): fc.Arbitrary<ChatsFilter> {
  const contexts = sampleChats(120).map(({ context }) => context);
  const orderIds = contexts.flatMap(({ orderId }) => orderId ?? []);
  const returnIds = contexts.flatMap(({ returnId }) => returnId ?? []);
  const some = <Item>(items: readonly Item[]) => fc.uniqueArray(fc.constantFrom(...items), { minLength: 1 });
  const context = fc.oneof(
    fc.record({ type: fc.constantFrom("ORDER" as const), id: fc.constantFrom(...orderIds) }),
    fc.record({ type: fc.constantFrom("RETURN" as const), id: fc.constantFrom(...returnIds) }),
  );
  return fc.record(
    {
      statuses: some(chatStatuses),
      types: some(chatTypes),
      contextTypes: some(chatContextTypes),
      orderIds: some(orderIds),
      contexts: fc.uniqueArray(context, { minLength: 1, selector: ({ type, id }) => `${type} ${id}` }),
    },
    { requiredKeys: [] },
  );
}

describe("A listing under way", () => {
  it("sees new chats, and changed ones as they are now", async () => {
    await using server = await startMarketServer({ chats: 30 });
    const pages = pagesOf(server);
    await pages.next();
    server.chats.push(...sampleChats(2, { skip: 30 }));
    Object.assign(server.chats[25] ?? {}, { status: "FINISHED", updatedAt: "2026-01-01T00:00:00+03:00" });
    const { value } = await pages.next();
    expect(value).toEqual(server.chats.slice(20));
    expect(value[5]).toMatchObject({ status: "FINISHED", updatedAt: "2026-01-01T00:00:00+03:00" });
    expect(value).toHaveLength(12);
  });

  it("goes on where it was when chats come in before it, or are taken away", async () => {
    await using server = await startMarketServer({ chats: 40 });
    const before = [...server.chats];
    const pages = pagesOf(server, {}, 10);
    await pages.next();
    server.chats.unshift(...sampleChats(15, { skip: 40 }));
    expect((await pages.next()).value).toEqual(before.slice(10, 20));
    server.chats.splice(
      server.chats.findIndex(({ chatId }) => chatId === before[19]?.chatId),
      1,
    );
    expect((await pages.next()).value).toEqual(before.slice(20, 30));
    server.chats.splice(0);
    expect((await pages.next()).value).toEqual([]);
  });

  it("neither skips nor repeats a chat that was there, whatever happens to the others", async () => {
    const change = fc.record({
      kind: fc.constantFrom("push" as const, "unshift" as const, "insert" as const, "replace" as const),
      place: fc.nat(),
    });
    const round = fc.array(change, { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.nat(15), fc.integer({ min: 1, max: 5 }), fc.array(round), async (count, limit, rounds) => {
        await using server = await startMarketServer({ chats: count });
        const before = server.chats.map(({ chatId }) => chatId);
        const listed: number[] = [];
        let added = 0;
        for await (const page of pagesOf(server, {}, limit)) {
          listed.push(...page.map(({ chatId }) => chatId));
          for (const { kind, place } of rounds.shift() ?? []) {
            const index = place % (server.chats.length + 1);
            const chat = server.chats[index];
            if (kind === "replace") {
              server.chats.splice(index, 1, ...(chat === undefined ? [] : [{ ...chat, status: "FINISHED" as const }]));
            } else {
              added += 1;
              const at = { push: server.chats.length, unshift: 0, insert: index }[kind];
              server.chats.splice(at, 0, ...sampleChats(1, { skip: count + added }));
            }
          }
        }
        expect(listed.filter((chatId) => before.includes(chatId))).toEqual(before);
        expect(new Set(listed).size).toBe(listed.length);
      }),
      { numRuns: 40 },
    );
  }, 30_000);
});

describe("getChat", () => {
  it("gives every chat by its ID, as it is now", async () => {
    await using server = await startMarketServer({ chats: 25 });
    for (const chat of server.chats) {
      const body = await expectDocumented("getChat", await getChat(server, chat.chatId));
      expect(body).toEqual({ status: "OK", result: chat });
    }
    server.chats.unshift(...sampleChats(3, { skip: 25 }));
    server.chats.push(...sampleChats(3, { skip: 28 }));
    Object.assign(server.chats[7] ?? {}, { status: "WAITING_FOR_ARBITER" });
    server.chats.sort((a, b) => b.chatId - a.chatId);
    for (const chat of server.chats) {
      expect(await (await getChat(server, chat.chatId)).json()).toEqual({ status: "OK", result: chat });
    }
  });

  it("knows a chat no more once it has been taken away, and one that came in its stead", async () => {
    await using server = await startMarketServer({ chats: [chatOf(1), chatOf(2)] });
    expect((await getChat(server, 2)).status).toBe(200);
    server.chats.splice(0);
    expect((await getChat(server, 2)).status).toBe(404);
    server.chats.push(chatOf(3));
    expect((await getChat(server, 3)).status).toBe(200);
  });

  it("answers 404 for a chat that there is not", async () => {
    await using server = await startMarketServer();
    for (const chatId of ["42", "9007199254740993", "9223372036854775807"]) {
      const error = await errorOf(await getChat(server, chatId), "getChat");
      expect(error).toEqual([404, "NOT_FOUND", `Chat not found: '${chatId}'`]);
    }
  });

  it.each(["0", "-5", "1.5", "abc", "", "9223372036854775808", "99999999999999999999"])(
    "refuses the chatId %j",
    async (chatId) => {
      await using server = await startMarketServer();
      const error = await errorOf(await getChat(server, chatId), "getChat");
      expect(error).toEqual([400, "BAD_REQUEST", "Value of chatId must be an integer, greater than or equal to 1"]);
    },
  );

  it("refuses a request without chatId", async () => {
    await using server = await startMarketServer();
    const error = await errorOf(await get(server, urlOf(server, "chat")), "getChat");
    expect(error).toEqual([400, "BAD_REQUEST", "Missing field chatId"]);
  });
});

describe("Key and cabinet", () => {
  it("asks for a key", async () => {
    await using server = await startMarketServer();
    for (const key of [null, ""]) {
      const response = await post(server, "{}", { [apiKeyHeader]: key });
      expect(await errorOf(response)).toEqual([401, "UNAUTHORIZED", "Credentials are not specified"]);
    }
    const chat = await fetch(urlOf(server, "chat", { chatId: 1 }));
    expect(await errorOf(chat, "getChat")).toEqual([401, "UNAUTHORIZED", "Credentials are not specified"]);
  });

  it("accepts no other key than its own", async () => {
    await using server = await startMarketServer({ apiKey: "ACMA:own" });
    expect(server.apiKey).toBe("ACMA:own");
    expect((await getChats(server)).status).toBe(200);
    for (const key of ["ACMA:other", "Bearer ACMA:own", "ACMA:own, ACMA:own"]) {
      const response = await post(server, "{}", { [apiKeyHeader]: key });
      expect(await errorOf(response)).toEqual([401, "UNAUTHORIZED", "Api-Key token is invalid"]);
    }
  });

  it("answers for its own cabinet only", async () => {
    await using server = await startMarketServer({ businessId: 77 });
    expect(server.businessId).toBe(77);
    expect((await getChats(server)).status).toBe(200);
    const foreign = urlOf({ ...server, businessId: 78 }, "chat", { chatId: 1 });
    expect(await errorOf(await get(server, foreign), "getChat")).toEqual([403, "FORBIDDEN", "Access denied"]);
    for (const businessId of ["0", "x", "7.7"]) {
      const url = foreign.replace("/78/", `/${businessId}/`);
      const message = "Value of businessId must be an integer, greater than or equal to 1";
      expect(await errorOf(await get(server, url), "getChat")).toEqual([400, "BAD_REQUEST", message]);
    }
  });
});

describe("What lies beside the two operations", () => {
  async function errorBodyOf(response: Response) {
    const body: unknown = await response.json();
    expect(findErrors("ApiErrorResponse", body)).toEqual([]);
    expect(response.headers.get("Content-Type")).toBe("application/json");
    return [response.status, body];
  }

  it.each([
    "/",
    "/v2/businesses/123456",
    "/v2/businesses/123456/chats/",
    "/v2/businesses/123456/chats/1",
    "/v2/businesses/123456/1/chat",
    "/api/v2/businesses/123456/chat",
  ])("answers 404 to %s", async (path) => {
    await using server = await startMarketServer();
    const errors = [{ code: "NOT_FOUND", message: `Resource not found: '${path}'` }];
    expect(await errorBodyOf(await get(server, server.baseUrl + path))).toEqual([404, { status: "ERROR", errors }]);
  });

  it("answers 405 to another method, and names the right one", async () => {
    await using server = await startMarketServer();
    for (const [method, resource, allowed] of [
      ["GET", "chats", "POST"],
      ["DELETE", "chats", "POST"],
      ["POST", "chat", "GET"],
    ] as const) {
      const response = await get(server, urlOf(server, resource), { method });
      expect(response.headers.get("Allow")).toBe(allowed);
      expect(quotaOf(response).remaining).toBeLessThan(10_000);
      const errors = [{ code: "METHOD_NOT_ALLOWED", message: `Request method '${method}' not supported` }];
      expect(await errorBodyOf(response)).toEqual([405, { status: "ERROR", errors }]);
    }
    expect((await get(server, urlOf(server, "chat"), { method: "HEAD" })).status).toBe(405);
  });

  it("answers 415 to anything but JSON", async () => {
    await using server = await startMarketServer();
    for (const [contentType, message] of [
      [null, "Missing Content-Type"],
      ["text/plain", "Content type 'text/plain' not supported"],
      ["application/json-patch+json", "Content type 'application/json-patch+json' not supported"],
    ] as const) {
      const response = await post(server, "{}", { "Content-Type": contentType });
      expect(quotaOf(response).limit).toBe(10_000);
      const errors = [{ code: "UNSUPPORTED_MEDIA_TYPE", message }];
      expect(await errorBodyOf(response)).toEqual([415, { status: "ERROR", errors }]);
    }
    for (const contentType of ["application/json;charset=UTF-8", "Application/JSON ; charset=utf-8"]) {
      expect((await post(server, "{}", { "Content-Type": contentType })).status).toBe(200);
    }
  });
});

describe("The quota", () => {
  it("is the documented one unless told otherwise, and each operation has its own", async () => {
    await using server = await startMarketServer();
    const { requestsPerHour } = endpoints.getChats;
    expect(quotaOf(await getChats(server))).toMatchObject({ limit: requestsPerHour, remaining: requestsPerHour - 1 });
    expect(quotaOf(await getChats(server))).toMatchObject({ limit: requestsPerHour, remaining: requestsPerHour - 2 });
    const ofOne = endpoints.getChat.requestsPerHour;
    expect(quotaOf(await getChat(server, 1))).toMatchObject({ limit: ofOne, remaining: ofOne - 1 });
  });

  it("ends with a 420 that says until when, and does not count itself", async () => {
    await using server = await startMarketServer({ quota: { getChats: 2, getChat: 1 }, quotaPeriod: 60_000 });
    expect(quotaOf(await getChats(server)).remaining).toBe(1);
    expect(quotaOf(await getChats(server)).remaining).toBe(0);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const refused = await getChats(server);
      expect(quotaOf(refused)).toMatchObject({ limit: 2, remaining: 0 });
      expect(refused.statusText).toBe("Enhance Your Calm");
      expect(await errorOf(refused)).toEqual([
        420,
        "METHOD_FAILURE",
        "Hit rate limit of 2 requests per '1 minutes' for resource 'POST /v2/businesses/{businessId}/chats'",
      ]);
    }
    expect((await getChat(server, server.chats[0]?.chatId ?? 0)).status).toBe(200);
    expect(await errorOf(await getChat(server, 1), "getChat")).toEqual([
      420,
      "METHOD_FAILURE",
      "Hit rate limit of 1 requests per '1 minutes' for resource 'GET /v2/businesses/{businessId}/chat'",
    ]);
  });

  it("is used up by every 2xx and 4xx, but by no 5xx", async () => {
    await using server = await startMarketServer({ quota: { getChats: 100 } });
    const answers = [
      await getChats(server),
      await post(server, "{}", { [apiKeyHeader]: null }),
      await post(server, "{}", { "Content-Type": null }),
      await post(server, "["),
      await get(server, urlOf(server, "chats")),
      await get(server, urlOf({ ...server, businessId: 1 }, "chats"), { method: "POST" }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 415, 400, 405, 403]);
    expect(answers.map((response) => quotaOf(response).remaining)).toEqual([99, 98, 97, 96, 95, 94]);
    server.queueFault({ kind: "status", status: 500 });
    server.queueFault({ kind: "status", status: 420 });
    expect(quotaOf(await getChats(server))).toMatchObject({ limit: 100, remaining: 94 });
    expect(quotaOf(await getChats(server))).toMatchObject({ limit: 100, remaining: 94 });
  });

  it("is there again after the period, which begins with its first request", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-01-01T12:00:00.250Z") });
    await using server = await startMarketServer({ quota: { getChats: 1 }, quotaPeriod: 10_000 });
    vi.setSystemTime(new Date("2026-01-01T12:00:07.250Z"));
    expect(quotaOf(await getChats(server))).toEqual({
      limit: 1,
      remaining: 0,
      date: "Thu, 01 Jan 2026 12:00:07 GMT",
      // Not 12:00:17, as the period ends a quarter of a second later.
      until: "Thu, 01 Jan 2026 12:00:18 GMT",
    });
    vi.setSystemTime(new Date("2026-01-01T12:00:17.249Z"));
    expect((await getChats(server)).status).toBe(420);
    vi.setSystemTime(new Date("2026-01-01T12:00:17.250Z"));
    const renewed = await getChats(server);
    expect(renewed.status).toBe(200);
    expect(quotaOf(renewed)).toMatchObject({ remaining: 0, until: "Thu, 01 Jan 2026 12:00:28 GMT" });
  });

  it("goes by the server's clock, be it fast or slow", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-01-01T12:00:00.000Z") });
    await using fast = await startMarketServer({ clockOffset: 86_400_000, quotaPeriod: 3_600_000 });
    expect(quotaOf(await getChats(fast))).toMatchObject({
      date: "Fri, 02 Jan 2026 12:00:00 GMT",
      until: "Fri, 02 Jan 2026 13:00:00 GMT",
    });
    await using slow = await startMarketServer({ clockOffset: -500, quotaPeriod: 1000 });
    expect(quotaOf(await getChats(slow))).toMatchObject({
      date: "Thu, 01 Jan 2026 11:59:59 GMT",
      until: "Thu, 01 Jan 2026 12:00:01 GMT",
    });
  });

  it.each([
    [3_600_000, "1 hours"],
    [7_200_000, "2 hours"],
    [90_000, "90 seconds"],
    [1234, "1234 milliseconds"],
  ])("calls a period of %i ms '%s'", async (quotaPeriod, words) => {
    await using server = await startMarketServer({ quota: { getChats: 0 }, quotaPeriod });
    const [, , message] = await errorOf(await getChats(server));
    expect(message).toContain(`Hit rate limit of 0 requests per '${words}' for resource`);
  });
});

describe("The parallel limit", () => {
  /** Sends requests that are not answered, and waits until they are in flight. */
  async function hold(server: MarketServer, count: number, signal?: AbortSignal) {
    server.queueFault({ kind: "delay", milliseconds: 60_000 }, { times: count });
    for (let number = 0; number < count; number += 1) {
      get(server, urlOf(server, "chat"), signal && { signal }).catch(() => undefined);
    }
    await vi.waitFor(() => expect(server.requests.filter(({ fault }) => fault === "delay")).toHaveLength(count));
  }

  it("is 4 requests in flight; the fifth gets 420, and costs no quota", async () => {
    await using server = await startMarketServer();
    await hold(server, 4);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const refused = await getChats(server);
      expect(quotaOf(refused)).toMatchObject({ limit: 10_000, remaining: 10_000 });
      expect(await errorOf(refused)).toEqual([
        420,
        "METHOD_FAILURE",
        "Hit rate limit of 4 parallel requests for businessId 123456",
      ]);
    }
    expect(server.peakParallel).toBe(5);
  });

  it("has its places free again when the answers are out", async () => {
    await using server = await startMarketServer({ parallelLimit: 1 });
    server.queueFault({ kind: "cut", where: "body" });
    server.queueFault({ kind: "cut", where: "before" });
    await expect(getChats(server).then((response) => response.text())).rejects.toThrow("terminated");
    await expect(getChats(server)).rejects.toThrow("fetch failed");
    for (let turn = 0; turn < 50; turn += 1) {
      expect((await getChats(server)).status).toBe(200);
    }
    expect(server.peakParallel).toBe(1);
    // And no more of them than there were.
    await hold(server, 1);
    expect((await getChats(server)).status).toBe(420);
    expect(server.peakParallel).toBe(2);
  });

  it("has its places free again when the clients are gone", async () => {
    await using server = await startMarketServer({ parallelLimit: 2 });
    const controller = new AbortController();
    await hold(server, 2, controller.signal);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect((await getChats(server)).status).toBe(420);
    }
    controller.abort();
    await vi.waitFor(() => expect(server.requests.filter(({ outcome }) => outcome === "abandoned")).toHaveLength(2));
    expect((await getChats(server)).status).toBe(200);
  });

  it("can be another, or none", async () => {
    await using one = await startMarketServer({ parallelLimit: 1 });
    await hold(one, 1);
    expect((await getChats(one)).status).toBe(420);
    await using none = await startMarketServer({ parallelLimit: Infinity });
    await hold(none, 30);
    expect((await getChats(none)).status).toBe(200);
    expect(none.peakParallel).toBe(31);
  });
});

describe("The log of requests", () => {
  it("tells what came, and what was answered", async () => {
    await using server = await startMarketServer();
    const before = Date.now();
    await getChats(server, { statuses: ["NEW"] }, { limit: 5 });
    await post(server, "[", { "X-Market-Integration": "my-helpdesk/1.4.0" });
    await getChat(server, 42);
    await get(server, `${server.baseUrl}/elsewhere`);
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
      expect.objectContaining({ operation: undefined, path: "/elsewhere", status: 404 }),
    ]);
    for (const { receivedAt } of server.requests) {
      expect(receivedAt).toBeGreaterThanOrEqual(before);
      expect(receivedAt).toBeLessThanOrEqual(Date.now());
    }
  });

  it("never has a key in it, neither the right one nor a wrong one", async () => {
    await using server = await startMarketServer();
    const wrong = "ACMA:somebodys-real-token-from-elsewhere:00ff00ff";
    for (const key of [server.apiKey, wrong]) {
      const headers = { [apiKeyHeader]: key, Authorization: `Bearer ${key}`, "X-Debug": `key=${key}`, Cookie: key };
      await post(server, JSON.stringify({ note: key }), headers, { apiKey: key, other: key });
      await post(server, `not JSON: ${key}`, headers);
      await get(server, `${server.baseUrl}/${key}?${key}`, { headers });
    }
    await post(server, "{}", { [apiKeyHeader]: null, "X-Debug": server.apiKey }, { key: server.apiKey });
    // However it is written.
    const percent = [...server.apiKey].map((sign) => `%${sign.charCodeAt(0).toString(16)}`).join("");
    const escaped = [...server.apiKey].map((sign) => `\\u00${sign.charCodeAt(0).toString(16)}`).join("");
    await get(server, `${server.baseUrl}/${percent}?${percent}=${percent}`, { headers: { "X-Debug": percent } });
    await post(server, `{"${escaped}":["${escaped}"]}`, { [apiKeyHeader]: null });
    expect(server.requests.map(({ key }) => key)).toEqual([
      ...["right", "right", "right"],
      ...["wrong", "wrong", "wrong"],
      ...["missing", "missing", "missing"],
    ]);
    const text = inspect(server.requests, { depth: Infinity, showHidden: true }) + JSON.stringify(server.requests);
    for (const key of [server.apiKey, wrong]) {
      expect(text).not.toContain(key);
      expect(text).not.toContain(encodeURIComponent(key));
    }
    expect(text).not.toContain(percent);
    for (const { headers } of server.requests) {
      expect(Object.keys(headers)).not.toContain(apiKeyHeader.toLowerCase());
      expect(Object.keys(headers)).not.toContain("authorization");
      expect(Object.keys(headers)).not.toContain("cookie");
    }
    expect(server.requests[0]?.headers["x-debug"]).toBe("key=[Api-Key]");
  });

  it("shows requests that nobody waited for", async () => {
    await using server = await startMarketServer({ latency: 60_000 });
    const controller = new AbortController();
    const aborted = getChats({ ...server }, {}, {}).catch(() => "closed");
    const abortedToo = get(server, urlOf(server, "chat"), { signal: controller.signal }).catch(() => "aborted");
    await vi.waitFor(() => expect(server.requests).toHaveLength(2));
    expect(server.requests.map(({ outcome, status }) => [outcome, status])).toEqual([
      ["pending", undefined],
      ["pending", undefined],
    ]);
    controller.abort();
    expect(await abortedToo).toBe("aborted");
    await vi.waitFor(() => expect(server.requests.map(({ outcome }) => outcome)).toContain("abandoned"));
    await server.close();
    expect(await aborted).toBe("closed");
    expect(server.requests.map(({ outcome }) => outcome)).toEqual(["abandoned", "abandoned"]);
  });

  it("can be emptied", async () => {
    await using server = await startMarketServer();
    await getChats(server);
    server.requests.length = 0;
    await getChat(server, 1);
    expect(server.requests.map(({ operation }) => operation)).toEqual(["getChat"]);
  });
});

describe("An idle connection", () => {
  it("is not ended by the server, in the face of the next request", async () => {
    await using server = await startMarketServer();
    // Node would say here after how many seconds it does.
    expect((await getChats(server)).headers.has("Keep-Alive")).toBe(false);
  });
});

describe("Latency", () => {
  it("comes before each answer", async () => {
    await using server = await startMarketServer({ latency: 120 });
    const sentAt = performance.now();
    await getChats(server);
    expect(performance.now() - sentAt).toBeGreaterThan(110);
  });
});

describe("Faults", () => {
  it("status: an error as it is documented", async () => {
    await using server = await startMarketServer();
    server.queueFault({ kind: "status", status: 500 });
    expect(await errorOf(await getChats(server))).toEqual([500, "INTERNAL_SERVER_ERROR", "Internal Server Error"]);
    expect(server.requests).toMatchObject([{ fault: "status", status: 500, outcome: "answered" }]);
    server.queueFault({ kind: "status", status: 420 });
    expect(await errorOf(await getChats(server))).toEqual([420, "METHOD_FAILURE", "Enhance Your Calm"]);
  });

  it("status: with errors, or without", async () => {
    await using server = await startMarketServer();
    const errors = [{ code: "LOCKED", message: "Business is in migration" }, { code: "OTHER" }];
    server.queueFault({ kind: "status", status: 423, errors });
    server.queueFault({ kind: "status", status: 400, errors: null });
    server.queueFault({ kind: "status", status: 200, errors: [{ code: "ODD" }] });
    const locked = await getChats(server);
    expect([locked.status, await locked.json()]).toEqual([423, { status: "ERROR", errors }]);
    expect(await expectDocumented("getChats", await getChats(server))).toEqual({ status: "ERROR", errors: null });
    const odd = await getChats(server);
    expect([odd.status, await odd.json()]).toEqual([200, { status: "ERROR", errors: [{ code: "ODD" }] }]);
  });

  it("status: with any body and headers", async () => {
    await using server = await startMarketServer();
    const headers = {
      "content-type": "text/plain",
      "Retry-After": "5",
      "x-ratelimit-resource-remaining": "0",
      "X-RateLimit-Resource-Limit": null,
      date: null,
    };
    server.queueFault({ kind: "status", status: 503, body: "Перегрузка", headers });
    const response = await getChats(server);
    expect([response.status, await response.text()]).toEqual([503, "Перегрузка"]);
    expect(response.headers.get("Content-Type")).toBe("text/plain");
    expect(response.headers.get("Retry-After")).toBe("5");
    expect(response.headers.get("X-RateLimit-Resource-Remaining")).toBe("0");
    expect(response.headers.has("X-RateLimit-Resource-Limit")).toBe(false);
    expect(response.headers.has("X-RateLimit-Resource-Until")).toBe(true);
    expect(response.headers.has("Date")).toBe(false);
  });

  it.each([204, 304, 599, 799])("status: even %i", async (status) => {
    await using server = await startMarketServer();
    server.queueFault({ kind: "status", status });
    expect((await getChats(server)).status).toBe(status);
    expect((await getChats(server)).status).toBe(200);
  });

  it("delay: before the head", async () => {
    await using server = await startMarketServer();
    server.queueFault({ kind: "delay", milliseconds: 150 });
    const sentAt = performance.now();
    const response = await getChats(server);
    expect(performance.now() - sentAt).toBeGreaterThan(140);
    expect((await pageOf(Promise.resolve(response))).chats).toEqual(server.chats.slice(0, 10));
    expect(server.requests).toMatchObject([{ fault: "delay", status: 200, outcome: "answered" }]);
  });

  it("delay: in the middle of the body", async () => {
    await using server = await startMarketServer();
    server.queueFault({ kind: "delay", milliseconds: 500, where: "body" });
    const sentAt = performance.now();
    const response = await getChats(server);
    expect(server.requests).toMatchObject([{ status: 200, outcome: "pending" }]);
    expect((await pageOf(Promise.resolve(response))).chats).toEqual(server.chats.slice(0, 10));
    expect(performance.now() - sentAt).toBeGreaterThan(490);
    expect(server.requests).toMatchObject([{ fault: "delay", outcome: "answered" }]);
  });

  it("cut: without a word", async () => {
    await using server = await startMarketServer();
    server.queueFault({ kind: "cut", where: "before" }, { times: 2 });
    expect(await rawAnswer(server, 1)).toBe("");
    await expect(getChats(server)).rejects.toThrow("fetch failed");
    expect(server.requests).toMatchObject([
      { fault: "cut", status: undefined, outcome: "cut" },
      { fault: "cut", status: undefined, outcome: "cut" },
    ]);
    expect(quotaOf(await getChats(server)).remaining).toBe(9999);
  });

  it("cut: within the head", async () => {
    await using server = await startMarketServer();
    server.queueFault({ kind: "cut", where: "head" }, { times: 2 });
    expect(await rawAnswer(server, 1)).toBe("HTTP/1.1 404 Not Found\r\nContent-Type: appli");
    await expect(getChats(server)).rejects.toThrow("fetch failed");
    expect(server.requests).toMatchObject([
      { fault: "cut", status: 404, outcome: "cut" },
      { fault: "cut", status: 200, outcome: "cut" },
    ]);
    expect(quotaOf(await getChats(server)).remaining).toBe(9998);
  });

  it("cut: within the body", async () => {
    await using server = await startMarketServer();
    const [chat = chatOf(1)] = server.chats;
    server.queueFault({ kind: "cut", where: "body" }, { times: 2 });
    const whole = JSON.stringify({ status: "OK", result: chat });
    const [head, body = ""] = (await rawAnswer(server, chat.chatId)).split("\r\n\r\n");
    expect(head).toContain(`Content-Length: ${Buffer.byteLength(whole)}`);
    expect(body.length).toBeGreaterThan(10);
    expect(body.length).toBeLessThan(whole.length);
    expect(whole.startsWith(body.replace(/\ufffd$/, ""))).toBe(true);
    const response = await getChats(server);
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow("terminated");
    expect(server.requests).toMatchObject([
      { fault: "cut", status: 200, outcome: "cut" },
      { fault: "cut", status: 200, outcome: "cut" },
    ]);
    expect(quotaOf(await getChats(server)).remaining).toBe(9998);
  });

  it("html: a robot check, with status 200", async () => {
    await using server = await startMarketServer();
    server.queueFault({ kind: "html" });
    const response = await getChats(server);
    expect(response.status).toBe(200);
    expect(response.headers.get("Content-Type")).toBe("text/html; charset=utf-8");
    expect(await response.text()).toMatch(/^<!DOCTYPE html>[^]*робот[^]*<\/html>\n$/);
    expect(response.headers.has("X-RateLimit-Resource-Limit")).toBe(false);
    expect(quotaOf(await getChats(server)).remaining).toBe(9999);
    expect(server.requests[0]).toMatchObject({ fault: "html", status: 200 });
  });

  it("redirect: to anywhere", async () => {
    await using server = await startMarketServer();
    await using elsewhere = await startMarketServer();
    server.queueFault({ kind: "redirect", location: urlOf(elsewhere, "chats"), status: 307 });
    server.queueFault({ kind: "redirect", location: "https://passport.yandex.ru/" });
    const followed = await fetch(urlOf(server, "chats"), {
      method: "POST",
      headers: { [apiKeyHeader]: server.apiKey, "Content-Type": "application/json" },
      body: "{}",
    });
    // That is what the fault is for: fetch hands the key on.
    expect(followed.status).toBe(200);
    expect(elsewhere.requests).toMatchObject([{ key: "right", method: "POST" }]);
    const seen = await getChats(server);
    expect([seen.status, seen.headers.get("Location")]).toEqual([302, "https://passport.yandex.ru/"]);
    expect(server.requests).toMatchObject([
      { fault: "redirect", status: 307 },
      { fault: "redirect", status: 302 },
    ]);
  });

  it.each(["", "{", "null", '{"status":"OK"}'])("body: %j, with status 200", async (body) => {
    await using server = await startMarketServer();
    server.queueFault({ kind: "body", body });
    const response = await getChats(server);
    expect([response.status, await response.text()]).toEqual([200, body]);
    expect(response.headers.get("Content-Type")).toBe("application/json");
    expect(quotaOf(response).remaining).toBe(9999);
  });

  it("body: with headers", async () => {
    await using server = await startMarketServer();
    server.queueFault({ kind: "body", body: "<xml/>", headers: { "Content-Type": "text/xml", ETag: "1" } });
    const response = await getChats(server);
    expect(response.headers.get("Content-Type")).toBe("text/xml");
    expect(response.headers.get("ETag")).toBe("1");
  });

  it("unsafeInteger: a chat ID that JavaScript rounds", async () => {
    await using server = await startMarketServer();
    server.queueFault({ kind: "unsafeInteger" }, { times: 2 });
    for (const response of [await getChats(server), await getChat(server, server.chats[1]?.chatId ?? 0)]) {
      const text = await response.text();
      expect(text.match(/9007199254740993/g)).toHaveLength(1);
      expect(JSON.stringify(JSON.parse(text))).toContain('"chatId":9007199254740992');
    }
  });

  it("repeatToken: a page that leads back to itself", async () => {
    await using server = await startMarketServer({ chats: 30 });
    server.queueFault({ kind: "repeatToken" });
    const first = await pageOf(getChats(server));
    const token = first.paging?.nextPageToken ?? "";
    const second = await pageOf(getChats(server, {}, { page_token: token }));
    expect(second).toEqual({ chats: server.chats.slice(10, 20), paging: { nextPageToken: token } });
    expect(server.requests.map(({ fault }) => fault)).toEqual([undefined, "repeatToken"]);
    const again = await pageOf(getChats(server, {}, { page_token: token }));
    expect(again.paging?.nextPageToken).not.toBe(token);
    // The last page has none of its own.
    server.queueFault({ kind: "repeatToken" });
    const last = await pageOf(getChats(server, {}, { page_token: again.paging?.nextPageToken ?? "" }));
    expect(last).toEqual({ chats: server.chats.slice(20), paging: again.paging });
  });

  it("come in the order in which they were queued, one for each request", async () => {
    await using server = await startMarketServer();
    for (const status of [501, 502, 503]) {
      server.queueFault({ kind: "status", status });
    }
    const statuses = [];
    for (let turn = 0; turn < 4; turn += 1) {
      statuses.push((await getChats(server)).status);
    }
    expect(statuses).toEqual([501, 502, 503, 200]);
  });

  it("wait for the request that they are for", async () => {
    await using server = await startMarketServer();
    server.queueFault({ kind: "status", status: 501 }, { operation: "getChat" });
    server.queueFault(
      { kind: "status", status: 502 },
      { when: ({ body }) => JSON.stringify(body) === '{"types":["CHAT"]}', times: 2 },
    );
    server.queueFault(
      { kind: "status", status: 503 },
      { when: ({ query }) => query["limit"] === "3", times: Infinity },
    );
    expect((await getChats(server)).status).toBe(200);
    for (const status of [502, 502, 200]) {
      expect((await getChats(server, { types: ["CHAT"] })).status).toBe(status);
    }
    expect((await getChat(server, 1)).status).toBe(501);
    expect((await getChat(server, 1)).status).toBe(404);
    for (let turn = 0; turn < 5; turn += 1) {
      expect((await getChats(server, {}, { limit: 3 })).status).toBe(503);
    }
  });

  it("come before everything else: path, key, limits", async () => {
    await using server = await startMarketServer({ quota: { getChats: 0 } });
    server.queueFault({ kind: "status", status: 502 }, { times: 3 });
    expect((await fetch(`${server.baseUrl}/elsewhere`)).status).toBe(502);
    expect((await post(server, "[", { [apiKeyHeader]: "wrong" })).status).toBe(502);
    expect((await getChats(server)).status).toBe(502);
    expect((await getChats(server)).status).toBe(420);
  });

  it("are refused when they are none", async () => {
    await using server = await startMarketServer();
    const queue = (fault: unknown, match?: object) => () => server.queueFault(fault as Fault, match);
    expect(queue({ kind: "status", status: 101 })).toThrow(/^fault.status must be an integer from 200 to 999, not 101/);
    expect(queue({ kind: "status", status: 500, headers: { "Bad name": "" } })).toThrow(TypeError);
    expect(queue({ kind: "body", body: "", headers: { Name: "a\nb" } })).toThrow(TypeError);
    expect(queue({ kind: "redirect", location: "\n" })).toThrow(TypeError);
    expect(queue({ kind: "redirect", location: "/", status: 200 })).toThrow(RangeError);
    expect(queue({ kind: "delay", milliseconds: -1 })).toThrow(/^fault.milliseconds/);
    expect(queue({ kind: "delay", milliseconds: 1, where: "tail" })).toThrow(/^fault.where must be one of head, body/);
    expect(queue({ kind: "cut" })).toThrow(/^fault.where must be one of before, head, body/);
    expect(queue({ kind: "flood" })).toThrow(/^fault.kind must be one of status, delay, .*, not flood$/);
    expect(queue({ kind: "html" }, { op: "getChat" })).toThrow("match.op is unknown: match may have operation");
    expect(queue({ kind: "html" }, { operation: "listChats" })).toThrow("match.operation must be one of getChats");
    expect(queue({ kind: "html" }, { times: 0 })).toThrow(/^match.times/);
    expect((await getChats(server)).status).toBe(200);
  });

  it("can be taken back, whether they have had their turn or not", async () => {
    await using server = await startMarketServer();
    const mend = server.queueFault({ kind: "status", status: 500 }, { times: Infinity });
    const mendOther = server.queueFault({ kind: "status", status: 404 });
    expect((await getChats(server)).status).toBe(500);
    mend();
    expect((await getChats(server)).status).toBe(404);
    mendOther();
    mend();
    expect((await getChats(server)).status).toBe(200);
  });
});

describe("The options", () => {
  it.each([
    [{ chat: 3 }, TypeError, "options.chat is unknown"],
    [{ quota: { getchat: 3 } }, TypeError, "quota.getchat is unknown: quota may have getChats, getChat"],
    [{ chats: -1 }, RangeError, "chats must be"],
    [{ chats: "many" }, TypeError, "chats must be an array"],
    [{ chats: [chatOf(1), chatOf(1)] }, RangeError, "chats[1].chatId must be unique"],
    [{ chats: [chatOf(0)] }, RangeError, "chats[0].chatId must be"],
    [{ chats: [undefined] }, TypeError, "chats[0] must be"],
    [{ apiKey: "" }, TypeError, "apiKey must be"],
    [{ apiKey: "a b" }, TypeError, "apiKey must be"],
    [{ businessId: 0 }, RangeError, "businessId must be"],
    [{ quota: 5 }, TypeError, "quota must be"],
    [{ quota: { getChats: -1 } }, RangeError, "quota.getChats must be"],
    [{ quota: { getChat: Infinity } }, RangeError, "quota.getChat must be"],
    [{ quotaPeriod: 0 }, RangeError, "quotaPeriod must be"],
    [{ parallelLimit: 0 }, RangeError, "parallelLimit must be"],
    [{ latency: -1 }, RangeError, "latency must be"],
    [{ latency: "1" }, TypeError, "latency must be"],
    [{ clockOffset: 1e15 }, RangeError, "clockOffset must be"],
    [{ port: 65_536 }, RangeError, "port must be"],
  ])("refuse %j", async (options, type, message) => {
    const started = startMarketServer(options as object);
    await expect(started).rejects.toThrow(type);
    await expect(started).rejects.toThrow(message);
  });

  it("leave the chats that they were given alone", async () => {
    const chats = [chatOf(1), chatOf(2)];
    await using server = await startMarketServer({ chats: Object.freeze(chats) });
    server.chats.push(chatOf(3));
    Object.assign(server.chats[0] ?? {}, { status: "FINISHED" });
    expect(chats).toEqual([chatOf(1), chatOf(2)]);
    expect(await listAll(server)).toEqual([chatOf(1, { status: "FINISHED" }), chatOf(2), chatOf(3)]);
  });

  it("can ask for a port", async () => {
    await using first = await startMarketServer();
    const port = Number(new URL(first.baseUrl).port);
    await expect(startMarketServer({ port })).rejects.toThrow("EADDRINUSE");
    await first.close();
    await using second = await startMarketServer({ port });
    expect(second.baseUrl).toBe(first.baseUrl);
    expect((await getChats(second)).status).toBe(200);
  });
});

describe("The server as options of a client", () => {
  it("brings address, key and cabinet, and nothing else that a client knows", async () => {
    await using server = await startMarketServer({ chats: 45 });
    expect(Object.keys(server)).toEqual([
      "baseUrl",
      "apiKey",
      "businessId",
      "chats",
      "requests",
      "peakParallel",
      "queueFault",
      "close",
    ]);
    for (const market of [createChatsClient(server), createChatsClient({ ...server, maxRetries: 0 })]) {
      const chats: Chat[] = [];
      for await (const chat of market.listChats()) {
        chats.push(chat);
      }
      expect(chats).toEqual(server.chats);
      expect(await market.getChat(server.chats[3]?.chatId ?? 0)).toEqual(server.chats[3]);
    }
  });
});

describe("close", () => {
  it("ends open requests and idle connections at once, and may be called again", async () => {
    const server = await startMarketServer();
    await getChats(server); // leaves a connection open
    server.queueFault({ kind: "delay", milliseconds: 60_000 });
    server.queueFault({ kind: "delay", milliseconds: 60_000, where: "body" });
    const stalled = expect(getChats(server)).rejects.toThrow("fetch failed");
    await vi.waitFor(() => expect(server.requests).toHaveLength(2));
    const truncated = expect(getChats(server).then((response) => response.text())).rejects.toThrow("terminated");
    await vi.waitFor(() => expect(server.requests.at(-1)?.status).toBe(200));
    const silent = connect(Number(new URL(server.baseUrl).port), "127.0.0.1");
    await vi.waitFor(() => expect(silent.readyState).toBe("open"));
    const uploading = connect(Number(new URL(server.baseUrl).port), "127.0.0.1");
    uploading.write("POST /v2/businesses/123456/chats HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{");
    await vi.waitFor(() => expect(server.requests).toHaveLength(4));
    const ends = [silent, uploading].map((socket) => new Promise((resolve) => socket.on("close", resolve)));
    for (const socket of [silent, uploading]) {
      socket.on("error", () => undefined); // whether by FIN or RST, it ends
    }

    const closedAt = performance.now();
    await Promise.all([server.close(), server.close()]);
    await Promise.all([stalled, truncated, ...ends]);
    expect(performance.now() - closedAt).toBeLessThan(5000);
    await server.close();
    await server[Symbol.asyncDispose]();
    await expect(getChats(server)).rejects.toThrow("fetch failed");
    expect(server.requests.map(({ outcome }) => outcome)).toEqual(["answered", "abandoned", "abandoned", "abandoned"]);
  });

  /** Runs a script in a process of its own. */
  function runScript(code: string) {
    const script = `import { startMarketServer } from "./src/testing/index.ts"; ${code}`;
    return promisify(execFile)(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", script]);
  }

  it("ends pipelined requests too", async () => {
    const server = await startMarketServer();
    server.queueFault({ kind: "delay", milliseconds: 60_000 }, { times: 2 });
    const socket = connect(Number(new URL(server.baseUrl).port), "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write("GET /1 HTTP/1.1\r\nHost: localhost\r\n\r\nGET /2 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await vi.waitFor(() => expect(server.requests.map(({ fault }) => fault)).toEqual(["delay", "delay"]));
    await server.close();
    expect(server.requests.map(({ outcome }) => outcome)).toEqual(["abandoned", "abandoned"]);
  });

  it("leaves nothing that keeps the process alive", async () => {
    const { stdout } = await runScript(`
      const server = await startMarketServer({ latency: 50_000 });
      server.queueFault({ kind: "delay", milliseconds: 50_000 });
      fetch(server.baseUrl).catch(() => undefined);
      while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
      await server.close();
      const closedAt = performance.now();
      process.on("exit", () => console.log(Math.round(performance.now() - closedAt)));
    `);
    expect(Number(stdout)).toBeLessThan(5000);
  }, 20_000);

  it("comes through where a test's own function has thrown, which stays no secret", async () => {
    const { stdout } = await runScript(`
      process.on("unhandledRejection", (error) => console.log(error.message));
      const server = await startMarketServer();
      server.queueFault({ kind: "html" }, { when: () => { throw new Error("a bug in the test") } });
      await fetch(server.baseUrl).catch((error) => console.log(error.message));
      console.log(server.requests[0].outcome);
      await server.close();
    `);
    expect(stdout.trim().split("\n").sort()).toEqual(["a bug in the test", "abandoned", "fetch failed"]);
  }, 20_000);
});

describe("With 200,000 chats", () => {
  it("lists and finds them", async () => {
    await using server = await startMarketServer({ chats: 200_000 });
    const last = server.chats.at(-1) ?? chatOf(0);
    expect(await (await getChat(server, last.chatId)).json()).toEqual({ status: "OK", result: last });
    const withOrder = server.chats.findLast(({ context }) => context.orderId !== undefined) ?? chatOf(0);
    expect(await listAll(server, { orderIds: [withOrder.context.orderId ?? 0] })).toEqual([withOrder]);
    const pages = pagesOf(server);
    for (let page = 0; page < 20; page += 1) {
      expect((await pages.next()).value).toEqual(server.chats.slice(page * 20, page * 20 + 20));
    }
  }, 30_000);

  it("looks at no more of them than it must", () => {
    let looks = 0;
    const chats = new Proxy(sampleChats(10_000), {
      get(target, name) {
        looks += Number(typeof name === "string" && /^\d+$/.test(name));
        return Reflect.get(target, name) as unknown;
      },
    });
    const listing = createListing(chats, ({ chatId }) => chatId);
    looks = 0;
    const pageTokens: string[] = [];
    for (let page = 0; page < 100; page += 1) {
      const request = { limit: 20, pageToken: pageTokens.at(-1), filter: "", matches: () => true };
      pageTokens.push(listPage(listing, request)?.nextPageToken ?? "");
    }
    expect(new Set(pageTokens).size).toBe(100);
    expect(looks).toBeLessThan(100 * 25);

    looks = 0;
    for (let round = 0; round < 3; round += 1) {
      chats.push(...sampleChats(100, { skip: chats.length }));
      for (const { chatId } of sampleChats(100, { skip: chats.length - 100 })) {
        expect(findItem(listing, chatId)?.chatId).toBe(chatId);
      }
    }
    expect(looks).toBeLessThan(3 * (10_300 + 300));
  });
});
