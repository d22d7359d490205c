import { describe, expect, it } from "vitest";
import {
  type ChatsClient,
  type ChatsClientOptions,
  type ChatsFilter,
  createChatsClient,
  type ListChatsOptions,
} from "../src/index.js";
import { answersChat, answersPage, apiKey, businessId, marketWith } from "./support/fetch.js";
import { failureOf } from "./support/settling.js";

type ErrorClass = typeof TypeError | typeof RangeError;

/** What is no number of milliseconds, or one that no timer can wait. */
const wrongDelays: [unknown, ErrorClass][] = [
  [null, TypeError],
  ["5000", TypeError],
  [5n, TypeError],
  [-1, RangeError],
  [NaN, RangeError],
  [Infinity, RangeError],
  [2 ** 31, RangeError],
];

const wrongCounts: [unknown, ErrorClass][] = [
  [null, TypeError],
  ["2", TypeError],
  [[2], TypeError],
  [true, TypeError],
  [2n, TypeError],
  [-1, RangeError],
  [1.5, RangeError],
  [NaN, RangeError],
  [Infinity, RangeError],
  [2 ** 53, RangeError],
];

const wrongIds: [unknown, ErrorClass][] = [...wrongCounts, [0, RangeError], [undefined, TypeError]];

function show(value: unknown): string {
  return typeof value === "bigint" ? `${value}n` : (JSON.stringify(value) ?? String(value));
}

/** One row for each wrong value of each option. */
function rowsOf(wrong: Record<string, [unknown, ErrorClass][]>): [name: string, shown: string, unknown, ErrorClass][] {
  return Object.entries(wrong).flatMap(([name, values]) =>
    values.map(([value, type]): [string, string, unknown, ErrorClass] => {
      return [name, typeof value === "number" ? String(value) : show(value), value, type];
    }),
  );
}

describe("an option of the client", () => {
  const wrong: Record<keyof ChatsClientOptions, [unknown, ErrorClass][]> = {
    apiKey: [undefined, null, "", " ", "with space", "line\nbreak", " padded", "ключ", 12345678, {}, ["key"]].map(
      (key) => [key, TypeError],
    ),
    businessId: wrongIds,
    baseUrl: [
      null,
      "",
      5,
      {},
      new URL("https://api.partner.market.yandex.ru"),
      "api.partner.market.yandex.ru",
      "//api.partner.market.yandex.ru",
      "/v2",
      "https://",
      "https://user@api.partner.market.yandex.ru",
      "https://:secret@api.partner.market.yandex.ru",
      "https://api.partner.market.yandex.ru?a=b",
      "https://api.partner.market.yandex.ru#a",
      "http://api.partner.market.yandex.ru",
      "http://127.0.0.1.example.com",
      "http://127example.com",
      "http://localhost.example.com",
      "http://128.0.0.1",
      "http://[::2]",
      "ftp://localhost",
      "file:///etc",
      "data:text/plain,a",
    ].map((address) => [address, TypeError]),
    integration: [
      null,
      5,
      "",
      " ",
      " padded",
      "padded ",
      "a".repeat(101),
      "помощник/1.0",
      "line\nbreak",
      "tab\tstop",
    ].map((name) => [name, TypeError]),
    timeout: [...wrongDelays, [0, RangeError], [0.9, RangeError]],
    maxRetries: wrongCounts,
    maxRateLimitWait: wrongDelays,
    concurrency: [...wrongCounts, [0, RangeError]],
    onAttempt: [null, "log", {}, 5].map((hook) => [hook, TypeError]),
    fetch: [null, "fetch", {}, 5].map((fetch) => [fetch, TypeError]),
  };

  it.each(rowsOf(wrong))("is refused at once, by name: %s %s", (name, _, value, type) => {
    const create = () => createChatsClient({ apiKey, businessId, [name]: value });
    expect(create).toThrow(type);
    expect(create).toThrow(new RegExp(`^${name} must be `));
  });

  it.each(["with space in it", "ключ-от-кабинета", "12345678\n"])("is not echoed if it is the key: %j", (key) => {
    expect(() => createChatsClient({ apiKey: key, businessId })).toThrow(
      /^apiKey must be the token from the cabinet: visible ASCII characters, without spaces or line breaks$/,
    );
  });

  it("is not echoed if it is the key, be it in the place of another option", () => {
    for (const name of Object.keys(wrong)) {
      try {
        createChatsClient({ businessId, apiKey: "", [name]: apiKey });
      } catch (error) {
        expect(String(error)).not.toContain("I4c4CxCSYaI41RSC2uYWP2qj3Rhhm4knMiBEga5K");
      }
    }
  });

  it.each([[undefined], [null], [apiKey], [[]]])("stands in an object, not in %j", (options) => {
    expect(() => createChatsClient(options as unknown as ChatsClientOptions)).toThrow(
      /^options must be an object, not /,
    );
  });

  it.each<[keyof ChatsClientOptions, unknown]>([
    ["timeout", 1],
    ["timeout", 1.5],
    ["timeout", 2 ** 31 - 1],
    ["maxRetries", 0],
    ["maxRetries", 100],
    ["maxRateLimitWait", 0],
    ["maxRateLimitWait", 2 ** 31 - 1],
    ["concurrency", 1],
    ["concurrency", 1000],
    ["businessId", 1],
    ["businessId", 2 ** 53 - 1],
    ["integration", "x"],
    ["integration", "my helpdesk/1.4.0"],
    ["integration", "~".repeat(100)],
    ...(
      [
        "baseUrl",
        "integration",
        "timeout",
        "maxRetries",
        "maxRateLimitWait",
        "concurrency",
        "onAttempt",
        "fetch",
      ] as const
    ).map((name): [keyof ChatsClientOptions, unknown] => [name, undefined]),
  ])("is taken: %s %s", (name, value) => {
    expect(() => createChatsClient({ apiKey, businessId, [name]: value })).not.toThrow();
  });

  it.each([
    ["https://api.partner.market.yandex.net", "https://api.partner.market.yandex.net/v2/"],
    ["https://api.partner.market.yandex.net/", "https://api.partner.market.yandex.net/v2/"],
    ["https://proxy.example.com/market/api//", "https://proxy.example.com/market/api/v2/"],
    ["https://proxy.example.com:8443", "https://proxy.example.com:8443/v2/"],
    ["HTTPS://Proxy.Example.COM:443", "https://proxy.example.com/v2/"],
    ["http://localhost:8080", "http://localhost:8080/v2/"],
    ["http://127.0.0.1", "http://127.0.0.1/v2/"],
    ["http://127.1", "http://127.0.0.1/v2/"],
    ["http://127.255.255.254:80", "http://127.255.255.254/v2/"],
    ["http://[::1]:8080", "http://[::1]:8080/v2/"],
    ["http://[0:0:0:0:0:0:0:1]", "http://[::1]/v2/"],
  ])("baseUrl may be %s", async (baseUrl, expected) => {
    const { market, requests } = marketWith([answersChat(1)], { baseUrl });
    await market.getChat(1);
    expect(requests[0]?.url.href.slice(0, expected.length)).toBe(expected);
  });
});

/** Expects every call to be refused with an error that begins with the name, and nothing to be sent. */
async function expectRefusal(
  name: string,
  type: ErrorClass,
  ...calls: ((market: ChatsClient) => unknown)[]
): Promise<void> {
  for (const call of calls) {
    const { market, requests } = marketWith([answersPage([])]);
    const error = await failureOf(
      Promise.resolve().then(() => call(market)),
      type,
    );
    expect(error.message.slice(0, name.length + 1)).toBe(`${name} `);
    expect(requests).toEqual([]);
  }
}

describe("an option of a call", () => {
  const ofEveryCall: Record<string, [unknown, ErrorClass][]> = {
    timeout: [...wrongDelays, [0, RangeError]],
    maxRetries: wrongCounts,
    signal: [{}, "abort", 5, true, { aborted: false }].map((signal) => [signal, TypeError]),
  };
  const ofPages: Record<string, [unknown, ErrorClass][]> = {
    limit: [...wrongCounts.filter(([limit]) => limit !== Infinity && limit !== 2 ** 53), [0, RangeError]],
    pageToken: [
      [null, TypeError],
      ["", TypeError],
      [5, TypeError],
      [["token"], TypeError],
      ["\ud83d", RangeError],
      ["\ude00", RangeError],
      ["half \ud83d a pair", RangeError],
    ],
  };

  it.each(rowsOf(ofEveryCall))("is refused by name, before anything is sent: %s %s", async (name, _, value, type) => {
    const options = { [name]: value };
    await expectRefusal(
      name,
      type,
      (market) => market.getChat(1, options),
      (market) => market.getChats({}, options),
      (market) => market.listChats({}, options),
    );
  });

  it.each(rowsOf(ofPages))("is refused by name, before anything is sent: %s %s", async (name, _, value, type) => {
    const options = { [name]: value };
    await expectRefusal(
      name,
      type,
      (market) => market.getChats({}, options),
      (market) => market.listChats({}, options),
    );
  });

  it.each(rowsOf({ prefetch: [null, "yes", 1, {}].map((flag) => [flag, TypeError]) }))(
    "is refused by name, before anything is sent: %s %s",
    async (name, _, value, type) => {
      await expectRefusal(name, type, (market) => market.listChats({}, { [name]: value }));
    },
  );

  it.each([[null], ["5"], [5], [[5]]])("stands in an object, not in %j", async (options) => {
    await expectRefusal(
      "options",
      TypeError,
      (market) => market.getChat(1, options as object),
      (market) => market.getChats({}, options as object),
      (market) => market.listChats({}, options as object),
    );
  });

  it("is refused if it is misspelt", async () => {
    const options = { pagetoken: "A" } as object;
    const { market, requests } = marketWith([answersPage([])]);
    const names = "limit, maxRetries, pageToken, prefetch, signal, timeout";
    for (const call of [
      () => market.getChat(1, options),
      () => market.getChats({}, options),
      async () => market.listChats({}, options),
    ]) {
      const { message } = await failureOf(call(), TypeError);
      expect(message).toBe(`options.pagetoken is unknown: options may have ${names}`);
    }
    expect(requests).toEqual([]);
  });

  it("of another call is let be: one object may serve several", async () => {
    const { market, requests } = marketWith([answersChat(1)]);
    await market.getChat(1, { prefetch: true, limit: 5 } as object);
    expect(requests).toHaveLength(1);
  });

  it("is refused by listChats at once, and not on iteration", () => {
    const { market } = marketWith([answersPage([])]);
    expect(() => market.listChats({}, { limit: 0 })).toThrow(RangeError);
  });

  it.each<[string, ListChatsOptions]>([
    [
      "all of them",
      { limit: 5, pageToken: "A", timeout: 1, maxRetries: 0, prefetch: true, signal: new AbortController().signal },
    ],
    [
      "all of them left open",
      {
        limit: undefined,
        pageToken: undefined,
        timeout: undefined,
        maxRetries: undefined,
        prefetch: undefined,
        signal: undefined,
      },
    ],
    ["a signal that is null, as fetch has it", { signal: null as unknown as AbortSignal }],
  ])("is taken: %s", async (_, options) => {
    const { market, requests } = marketWith([answersPage([])]);
    await market.getChats({}, options);
    await market.listChats({}, options)[Symbol.asyncIterator]().next();
    expect(requests).toHaveLength(2);
  });
});

describe("limit", () => {
  it.each([
    [undefined, "20"],
    [1, "1"],
    [19, "19"],
    [20, "20"],
    [21, "20"],
    [1000, "20"],
    [2 ** 53 - 1, "20"],
    [Infinity, "20"],
  ])("%s is sent as %s", async (limit, expected) => {
    const { market, requests } = marketWith([answersPage([])]);
    await market.getChats({}, { limit });
    await market.listChats({}, { limit })[Symbol.asyncIterator]().next();
    expect(requests.map(({ url }) => url.searchParams.get("limit"))).toEqual([expected, expected]);
  });
});

describe("chatId", () => {
  it.each(rowsOf({ chatId: wrongIds }))("is refused: %s %s", async (name, _, value, type) => {
    await expectRefusal(name, type, (market) => market.getChat(value as number));
  });

  it.each([1, 2 ** 53 - 1])("is sent: %i", async (chatId) => {
    const { market, requests } = marketWith([answersChat(chatId)]);
    await market.getChat(chatId);
    expect(requests[0]?.url.searchParams.get("chatId")).toBe(String(chatId));
  });
});

describe("filter", () => {
  const lists = ["contexts", "contextTypes", "orderIds", "statuses", "types"] as const;

  function refuses(filter: unknown, type: ErrorClass, name: string): Promise<void> {
    return expectRefusal(
      name,
      type,
      (market) => market.getChats(filter as ChatsFilter),
      (market) => market.listChats(filter as ChatsFilter),
    );
  }

  it.each([[null], ["NEW"], [5], [["NEW"]], [true], [() => {}]])(
    "is refused if it is no object: %j",
    async (filter) => {
      await refuses(filter, TypeError, "filter");
    },
  );

  describe.each(lists)("%s", (list) => {
    it.each([[null], ["NEW"], [5], [{}], [{ length: 1 }]])("is refused if it is no list: %j", async (value) => {
      await refuses({ [list]: value }, TypeError, `filter.${list}`);
    });

    it("is refused if it is empty", async () => {
      await refuses({ [list]: [] }, RangeError, `filter.${list}`);
    });

    it("may be left open", async () => {
      const { market, requests } = marketWith([answersPage([])]);
      await market.getChats({ [list]: undefined });
      expect(requests[0]?.body).toBe("{}");
    });
  });

  it.each(rowsOf({ id: wrongIds }))("is refused if an order's %s is %s", async (_, __, value, type) => {
    await refuses({ orderIds: [1, value] }, type, "filter.orderIds[1]");
    await refuses(
      {
        contexts: [
          { id: 1, type: "ORDER" },
          { id: value, type: "ORDER" },
        ],
      },
      type,
      "filter.contexts[1].id",
    );
  });

  it.each([
    ["orderIds", ["7"]],
    ["orderIds", [{ id: 7 }]],
    ["contexts", ["ORDER"]],
    ["contexts", [7]],
    ["contexts", [{ type: "ORDER" }]],
    ["statuses", [5]],
    ["statuses", [null]],
    ["types", [{ id: 5 }]],
    ["contextTypes", [["ORDER"]]],
  ])("is refused if %s holds something of another kind: %j", async (list, value) => {
    await refuses({ [list]: value }, TypeError, `filter.${list}[0]${"type" in Object(value[0]) ? ".id" : ""}`);
  });

  it("is refused if one of its lists is misspelt: it would let every chat through", async () => {
    const { market, requests } = marketWith([answersPage([])]);
    const { message } = await failureOf(market.getChats({ status: ["NEW"] } as object), TypeError);
    expect(message).toBe("filter.status is unknown: filter may have contexts, contextTypes, orderIds, statuses, types");
    expect(() => market.listChats({ limit: 5 } as object)).toThrow("filter.limit is unknown");
    expect(requests).toEqual([]);
  });

  it("may name statuses, types and contexts that are newer than this package", async () => {
    const filter = { statuses: ["ARCHIVED"], types: ["CALL"], contextTypes: ["QUESTION"] };
    const { market, requests } = marketWith([answersPage([])]);
    await market.getChats(filter as unknown as ChatsFilter);
    expect(requests[0]?.body).toBe(JSON.stringify(filter));
  });

  it("is sent as it is", async () => {
    const filter: ChatsFilter = {
      contexts: [{ id: 2 ** 53 - 1, type: "RETURN" }],
      contextTypes: ["DIRECT", "ORDER"],
      orderIds: [1, 2, 3],
      statuses: ["NEW"],
      types: ["CHAT", "ARBITRAGE"],
    };
    const { market, requests } = marketWith([answersPage([])]);
    await market.getChats(filter);
    await market.listChats(filter)[Symbol.asyncIterator]().next();
    expect(requests.map(({ body }) => body)).toEqual([JSON.stringify(filter), JSON.stringify(filter)]);
  });

  it("left out asks for every chat", async () => {
    const { market, requests } = marketWith([answersPage([])]);
    await market.getChats();
    await market.listChats()[Symbol.asyncIterator]().next();
    expect(requests.map(({ body }) => body)).toEqual(["{}", "{}"]);
  });
});
