import { getEventListeners } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  ApiError,
  type Chat,
  type ChatsClient,
  type ChatsClientOptions,
  type ChatsFilter,
  type ChatStatus,
  ConnectionError,
  MarketError,
  RateLimitError,
  ResponseError,
  TimeoutError,
} from "../src/index.js";
import {
  aChat,
  answers,
  answersChat,
  answersError,
  answersHtml,
  answersJson,
  answersPage,
  businessId,
  hangs,
  isReset,
  marketWith,
  quotaHeaders,
  type Reply,
  type SentRequest,
} from "./support/fetch.js";
import { collect, failureOf, rejectionOf, settle, throughPauses } from "./support/settling.js";

// Thousands of pages take their time on a machine that has other things to do.
vi.setConfig({ testTimeout: 30_000 });

const hour = 3_600_000;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 31, 12) });
});

afterEach(() => {
  const timers = vi.getTimerCount();
  vi.restoreAllMocks();
  vi.useRealTimers();
  expect(timers).toBe(0);
});

function tokenOf({ url }: SentRequest): string | null {
  return url.searchParams.get("page_token");
}

function idsOf(chats: Chat[]): number[] {
  return chats.map(({ chatId }) => chatId);
}

/** A Market with a page of one chat for each request. After each page comes the one that `next` names. */
function marketOfPages(
  next: (token: string | null, page: number) => string | undefined,
  options: Partial<ChatsClientOptions> = {},
) {
  let page = 0;
  return marketWith([(request) => answersPage([(page += 1)], next(tokenOf(request), page))(request)], options);
}

/** A Market with a chat on each of the pages A, B, C and so on, numbered from 1. The first page is A. */
function marketWithChats(count: number, options: Partial<ChatsClientOptions> & { late?: number } = {}) {
  const { late = 0, ...clientOptions } = options;
  const reply: Reply = async (request) => {
    const page = (tokenOf(request) ?? "A").charCodeAt(0) - 64;
    if (late > 0) {
      await new Promise((resolve) => setTimeout(resolve, late));
    }
    return answersPage([page], page < count ? String.fromCharCode(65 + page) : undefined)(request);
  };
  return marketWith([reply], clientOptions);
}

describe("getChat", () => {
  it("gives the documented result", async () => {
    const { market } = marketWith([answersChat(42)]);
    expect(await market.getChat(42)).toEqual(aChat(42));
  });

  it("gives it where the answer has no status", async () => {
    const { market } = marketWith([answersJson({ result: aChat(42) })]);
    expect(await market.getChat(42)).toEqual(aChat(42));
  });

  it("passes on what is newer than this package: fields, and values of enums", async () => {
    const newer = {
      ...aChat(42),
      status: "ARCHIVED",
      type: "CALL",
      mood: { is: ["fair", null, 1.5, true] },
      context: { type: "QUESTION", questionId: 7 },
    };
    const { market } = marketWith([answersJson({ status: "FINE", result: newer, trace: [] })]);
    expect(await market.getChat(42)).toEqual(newer);
  });

  it("asks anew each time", async () => {
    const { market, requests } = marketWith([answersChat(1), answersChat(2)]);
    expect(idsOf([await market.getChat(1), await market.getChat(1)])).toEqual([1, 2]);
    expect(requests).toHaveLength(2);
  });
});

describe("getChats", () => {
  it("gives the documented result, with the token of the next page", async () => {
    const result = { chats: [aChat(1), aChat(2)], paging: { nextPageToken: "B", total: 7 }, newer: true };
    const { market } = marketWith([answersJson({ status: "OK", result })]);
    expect(await market.getChats()).toEqual(result);
  });

  it.each([
    ["without paging", { chats: [] }],
    ["with paging that is null", { chats: [], paging: null }],
    ["with a token that is null", { chats: [], paging: { nextPageToken: null } }],
  ])("gives a last page as it is: %s", async (_, result) => {
    const { market } = marketWith([answersJson({ result })]);
    expect(await market.getChats()).toEqual(result);
  });

  it.each([
    "eyBuZXh0SWQ6IDIzNDIgfQ==",
    "a b",
    "a+b",
    "a%20b",
    "%",
    "/?#&=;:@",
    "'()*!~",
    "../..",
    "line\r\nbreak\ttab",
    "\u0000",
    "страница",
    "页",
    "😀",
    "0",
    "null",
    " ",
    "x".repeat(4000),
  ])("sends a token as it came, whatever characters it has: %j", async (pageToken) => {
    const { market, requests } = marketWith([answersPage([])]);
    await market.getChats({}, { pageToken });
    expect(tokenOf(requests[0]!)).toBe(pageToken);
    expect([...requests[0]!.url.searchParams.keys()]).toEqual(["limit", "page_token"]);
  });

  it("asks for the first page without a token", async () => {
    const { market, requests } = marketWith([answersPage([])]);
    await market.getChats({}, { pageToken: undefined });
    expect(requests[0]?.url.search).toBe("?limit=20");
  });
});

describe("listChats", () => {
  it("gives every chat of every page, in order", async () => {
    const pages = [answersPage([3, 1], "B"), answersPage([2], "C"), answersPage([5, 4])] as const;
    const { market, requests } = marketWith([...pages]);
    expect(idsOf(await collect(market.listChats()))).toEqual([3, 1, 2, 5, 4]);
    expect(requests.map(tokenOf)).toEqual([null, "B", "C"]);
  });

  it("gives the pages as they are", async () => {
    const { market } = marketWith([answersPage([3, 1], "B"), answersPage([2])]);
    expect(await collect(market.listChats().pages())).toEqual([
      { chats: [aChat(3), aChat(1)], paging: { nextPageToken: "B" } },
      { chats: [aChat(2)], paging: {} },
    ]);
  });

  it("asks for nothing until it is iterated", async () => {
    const { market, requests } = marketWithChats(3);
    const listing = market.listChats();
    const pages = listing.pages();
    listing[Symbol.asyncIterator]();
    pages[Symbol.asyncIterator]();
    await settle();
    expect(requests).toEqual([]);
  });

  it("asks for a page when its first chat is asked for, and no sooner", async () => {
    const { market, requests } = marketWith([answersPage([1, 2], "B"), answersPage([3])]);
    const chats = market.listChats()[Symbol.asyncIterator]();
    for (const expected of [1, 1, 2, 2]) {
      await chats.next();
      await settle();
      expect(requests).toHaveLength(expected);
    }
  });

  it("goes on over empty pages", async () => {
    const empty = answersPage([], "B");
    const { market, requests } = marketWith([
      answersPage([], "A"),
      empty,
      answersPage([1], "C"),
      answersPage([], "D"),
      answersPage([2], "E"),
      answersPage([]),
    ]);
    expect(idsOf(await collect(market.listChats()))).toEqual([1, 2]);
    expect(requests).toHaveLength(6);
  });

  it.each([
    ["has no paging", {}],
    ["has paging that is null", { paging: null }],
    ["has no token", { paging: {} }],
    ["has a token that is null", { paging: { nextPageToken: null } }],
    ["has a token that is empty", { paging: { nextPageToken: "" } }],
  ])("ends with a page that %s", async (_, paging) => {
    const { market, requests } = marketWith([
      answersPage([1], "B"),
      answersJson({ result: { chats: [aChat(2)], ...paging } }),
    ]);
    expect(idsOf(await collect(market.listChats()))).toEqual([1, 2]);
    expect(requests).toHaveLength(2);
  });

  it("repeats filter and limit with every page", async () => {
    const { market, requests } = marketWithChats(3);
    await collect(market.listChats({ statuses: ["NEW"], orderIds: [7] }, { limit: 5 }));
    const sent = requests.map(({ body, url }) => [body, url.searchParams.get("limit")]);
    expect(sent).toEqual(Array(3).fill(['{"statuses":["NEW"],"orderIds":[7]}', "5"]));
  });

  it("starts at a given page", async () => {
    const { market, requests } = marketWithChats(4);
    expect(idsOf(await collect(market.listChats({}, { pageToken: "C" })))).toEqual([3, 4]);
    expect(requests.map(tokenOf)).toEqual(["C", "D"]);
  });

  it.each([
    ["while it is iterated", true],
    ["before it is iterated", false],
  ])("keeps to the filter and the options that it was given, though the caller changes them %s", async (_, isLate) => {
    const { market, requests } = marketWithChats(3);
    const statuses: ChatStatus[] = ["NEW"];
    const filter: ChatsFilter = { statuses, contexts: [{ id: 7, type: "ORDER" }] };
    const options = { limit: 5, pageToken: "A" };
    const change = () => {
      statuses.push("FINISHED");
      filter.contexts![0]!.id = 8;
      filter.orderIds = [9];
      options.limit = 1;
      options.pageToken = "Z";
    };
    const listing = market.listChats(filter, options);
    if (!isLate) {
      change();
    }
    for await (const _chat of listing) {
      change();
    }
    const sent = requests.map((request) => [request.body, request.url.searchParams.get("limit"), tokenOf(request)]);
    const body = '{"statuses":["NEW"],"contexts":[{"id":7,"type":"ORDER"}]}';
    expect(sent).toEqual(["A", "B", "C"].map((token) => [body, "5", token]));
  });

  it("takes a filter that is a proxy, as reactive state is in user interfaces", async () => {
    const { market, requests } = marketWithChats(1);
    await collect(market.listChats(new Proxy<ChatsFilter>({ statuses: new Proxy(["NEW"], {}) }, {})));
    expect(requests[0]?.body).toBe('{"statuses":["NEW"]}');
  });

  it.each([
    ["a listing", (market: ChatsClient) => market.listChats()],
    ["its pages", (market: ChatsClient) => market.listChats().pages()],
  ])("starts afresh with each iteration of %s", async (_, listed) => {
    const { market, requests } = marketWithChats(2);
    const items: AsyncIterable<unknown> = listed(market);
    const [first, second] = [await collect(items), await collect(items)];
    expect(second).toEqual(first);
    expect(first).toHaveLength(2);
    expect(requests.map(tokenOf)).toEqual([null, "B", null, "B"]);
  });

  it("can be iterated twice at once", async () => {
    const { market } = marketWithChats(3);
    const listing = market.listChats();
    const both = await throughPauses(Promise.all([collect(listing), collect(listing)]));
    expect(both.map(idsOf)).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });

  it.each([true, false])("costs no further request after break: prefetch %s", async (prefetch) => {
    const { market, requests } = marketWith([answersPage([1, 2, 3], "B"), hangs]);
    for await (const chat of market.listChats({}, { prefetch })) {
      if (chat.chatId === 2) {
        break;
      }
    }
    await vi.advanceTimersByTimeAsync(hour);
    expect(requests).toHaveLength(prefetch ? 2 : 1);
  });

  it("costs no request if it is left before it began", async () => {
    const { market, requests } = marketWithChats(3);
    await market.listChats()[Symbol.asyncIterator]().return?.();
    expect(requests).toEqual([]);
  });

  it("is resumed at the page that failed, and gives exactly the rest", async () => {
    let isDown = true;
    const { market } = marketWith([
      (request) => {
        const page = (tokenOf(request) ?? "A").charCodeAt(0) - 64;
        const next = page < 5 ? String.fromCharCode(65 + page) : undefined;
        return (page === 3 && isDown ? answersError(500) : answersPage([10 * page, 10 * page + 1], next))(request);
      },
    ]);
    const seen: Chat[] = [];
    const failing = (async () => {
      for await (const chat of market.listChats()) {
        seen.push(chat);
      }
    })();
    const { pageToken } = await failureOf(throughPauses(failing), ApiError);
    expect(pageToken).toBe("C");
    isDown = false;
    seen.push(...(await collect(market.listChats({}, { pageToken }))));
    expect(idsOf(seen)).toEqual([10, 11, 20, 21, 30, 31, 40, 41, 50, 51]);
  });
});

describe("a page token that comes round again", () => {
  const words = "paging.nextPageToken comes round again: the listing would not end";

  it.each<[string, Record<string, string>, string | undefined, string[]]>([
    ["A→A", { "": "A", A: "A" }, undefined, ["", "A"]],
    ["A→B→A", { "": "A", A: "B", B: "A" }, undefined, ["", "A", "B"]],
    ["A→B→C→B", { "": "A", A: "B", B: "C", C: "B" }, undefined, ["", "A", "B", "C"]],
    ["A→A, begun at A", { A: "A" }, "A", ["A"]],
    ["A→B→A, begun at A", { A: "B", B: "A" }, "A", ["A", "B"]],
  ])("ends the listing: %s", async (_, next, pageToken, asked) => {
    for (const prefetch of [false, true]) {
      const { market, requests } = marketOfPages((token) => next[token ?? ""]);
      const seen: Chat[] = [];
      const listing = (async () => {
        for await (const chat of market.listChats({}, { pageToken, prefetch })) {
          seen.push(chat);
        }
      })();
      const error = await failureOf(listing, ResponseError);
      expect(error.message).toBe(`getChats: 200, but ${words}`);
      expect(error).toMatchObject({ status: 200, attempts: 1, pageToken: asked.at(-1) || undefined });
      expect(requests.map((request) => tokenOf(request) ?? "")).toEqual(asked);
      // The chats of the last page are not given: whoever resumes there would see them twice.
      expect(idsOf(seen)).toEqual(asked.slice(1).map((_token, index) => index + 1));
    }
  });

  it("ends the listing after one round of 5,000 tokens", async () => {
    const { market, requests } = marketOfPages((_, page) => `T${page % 5000}`);
    const seen = vi.fn();
    const listing = (async () => {
      for await (const page of market.listChats().pages()) {
        seen(page);
      }
    })();
    const { pageToken } = await failureOf(listing, ResponseError);
    expect(requests).toHaveLength(5001);
    expect(seen).toHaveBeenCalledTimes(5000);
    expect(pageToken).toBe("T0");
  });

  it.each([1, 2, 7, 2500])(
    "ends the listing even if that begins after 3,000 pages, with a round of %i",
    async (round) => {
      const { market, requests } = marketOfPages(
        (_, page) => `T${page < 3000 ? page : 3000 + ((page - 3000) % round)}`,
      );
      await failureOf(collect(market.listChats()), ResponseError);
      expect(requests.length).toBeGreaterThanOrEqual(3000 + round);
      expect(requests.length).toBeLessThanOrEqual(2 * (3000 + round));
    },
  );

  it("is no false alarm on 5,000 different ones, of which only some are remembered", async () => {
    const remembered = vi.spyOn(Set.prototype, "add");
    const { market } = marketOfPages((_, page) => (page < 5000 ? `T${page}` : undefined));
    expect(await collect(market.listChats())).toHaveLength(5000);
    const tokens = remembered.mock.calls.filter(([item]) => typeof item === "string" && /^T\d+$/.test(item));
    expect(tokens.length).toBeLessThan(1100);
  });

  it("is no alarm if it was another iteration's", async () => {
    const { market } = marketWithChats(3);
    const listing = market.listChats({}, { pageToken: "A" });
    await collect(listing);
    expect(await collect(listing)).toHaveLength(3);
  });

  it("is no alarm if only the end of it differs", async () => {
    const { market } = marketOfPages((_, page) => (page < 4 ? "A".repeat(page) : undefined));
    expect(await collect(market.listChats())).toHaveLength(4);
  });
});

describe("a page token that cannot be sent back", () => {
  it.each([5, 0, false, true, {}, ["A"], "\ud83d", "half \ude00"])(
    "ends the listing with an error: %j",
    async (nextPageToken) => {
      const { market, requests } = marketWith([
        answersPage([1], "B"),
        answersJson({ result: { chats: [aChat(2)], paging: { nextPageToken } } }),
      ]);
      const error = await failureOf(collect(market.listChats()), ResponseError);
      expect(error.message).toBe("getChats: 200, but paging.nextPageToken is not a text that can be sent back");
      expect(error.pageToken).toBe("B");
      expect(requests).toHaveLength(2);
    },
  );
});

describe("prefetch", () => {
  it("asks for one page ahead while the consumer is at work, and never for two", async () => {
    const { market, requests } = marketWithChats(4);
    const sent: number[] = [];
    for await (const _page of market.listChats({}, { prefetch: true }).pages()) {
      await settle();
      sent.push(requests.length);
    }
    expect(sent).toEqual([2, 3, 4, 4]);
  });

  it("asks for none ahead unless it is on", async () => {
    const { market, requests } = marketWithChats(4);
    const sent: number[] = [];
    for await (const _page of market.listChats().pages()) {
      await settle();
      sent.push(requests.length);
    }
    expect(sent).toEqual([1, 2, 3, 4]);
  });

  it.each([
    ["as long as the Market's time, if the consumer is faster", 100, 10, 4 * 100 + 10],
    ["as long as the consumer's time, if the Market is faster", 10, 100, 10 + 4 * 100],
  ])("takes, but for one page, %s", async (_, late, work, expected) => {
    const { market } = marketWithChats(4, { late });
    const begin = performance.now();
    const listing = (async () => {
      for await (const _page of market.listChats({}, { prefetch: true }).pages()) {
        await new Promise((resolve) => setTimeout(resolve, work));
      }
      return performance.now() - begin;
    })();
    expect(await throughPauses(listing)).toBe(expected);
  });

  it.each([
    [100, 10],
    [10, 100],
    [50, 50],
  ])("gives the same chats in the same order: Market %i ms, consumer %i ms", async (late, work) => {
    const { market } = marketWithChats(9, { late });
    const seen: Chat[] = [];
    const listing = (async () => {
      for await (const chat of market.listChats({}, { prefetch: true })) {
        await new Promise((resolve) => setTimeout(resolve, work));
        seen.push(chat);
      }
    })();
    await throughPauses(listing);
    expect(idsOf(seen)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("tells of an error in its place: after the chats before it", async () => {
    const { market } = marketWith([answersPage([1, 2], "B"), answersError(404, "NOT_FOUND", "Bad page")]);
    const seen: number[] = [];
    const listing = (async () => {
      for await (const { chatId } of market.listChats({}, { prefetch: true })) {
        await new Promise((resolve) => setTimeout(resolve, 1000)); // The error has been there for long.
        seen.push(chatId);
      }
    })();
    const error = await failureOf(throughPauses(listing), ApiError);
    expect(error).toMatchObject({ status: 404, pageToken: "B" });
    expect(seen).toEqual([1, 2]);
  });

  describe("leaves no rejection unhandled", () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);

    beforeEach(() => {
      unhandled.length = 0;
      process.on("unhandledRejection", note);
    });

    afterEach(async () => {
      await nextTurn();
      await nextTurn();
      process.off("unhandledRejection", note);
      expect(unhandled).toEqual([]);
    });

    it("when break cancels the request in flight", async () => {
      const { market, requests } = marketWith([answersPage([1], "B"), hangs]);
      const controller = new AbortController();
      for await (const _chat of market.listChats({}, { prefetch: true, signal: controller.signal })) {
        await settle();
        expect(requests[1]?.signal.aborted).toBe(false);
        break;
      }
      expect(requests[1]?.signal.aborted).toBe(true);
      expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    });

    it("when the consumer throws", async () => {
      const { market, requests } = marketWith([answersPage([1], "B"), hangs]);
      const listing = (async () => {
        for await (const _chat of market.listChats({}, { prefetch: true })) {
          await settle();
          throw new Error("the consumer's own");
        }
      })();
      expect(await rejectionOf(listing)).toEqual(new Error("the consumer's own"));
      expect(requests[1]?.signal.aborted).toBe(true);
    });

    it.each([
      ["failed", answersError(404)],
      ["lost its connection", isReset],
      ["was a robot check", answersHtml(200)],
    ])("when break comes after the request %s", async (_, reply) => {
      const { market } = marketWith([answersPage([1], "B"), reply], { maxRetries: 0 });
      for await (const _chat of market.listChats({}, { prefetch: true })) {
        await settle();
        break;
      }
    });

    it("when break comes in a pause before it is tried again", async () => {
      const { market, requests } = marketWith([answersPage([1], "B"), answersError(503)]);
      for await (const _chat of market.listChats({}, { prefetch: true })) {
        await settle();
        expect(vi.getTimerCount()).toBe(1);
        break;
      }
      await vi.advanceTimersByTimeAsync(hour);
      expect(requests).toHaveLength(2);
    });

    it("when the caller aborts and never comes back for it", async () => {
      const { market } = marketWith([answersPage([1], "B"), hangs]);
      const controller = new AbortController();
      const pages = market.listChats({}, { prefetch: true, signal: controller.signal }).pages()[Symbol.asyncIterator]();
      await pages.next();
      controller.abort();
      await settle();
    });
  });

  it("asks for nothing ahead of the last page", async () => {
    const { market, requests } = marketWithChats(1);
    await collect(market.listChats({}, { prefetch: true }));
    expect(requests).toHaveLength(1);
  });
});

describe("an abort of a listing", () => {
  it("in the middle of a page hands out no further chat", async () => {
    const controller = new AbortController();
    const { market } = marketWith([answersPage([1, 2, 3])]);
    const seen: number[] = [];
    const listing = async () => {
      for await (const { chatId } of market.listChats({}, { signal: controller.signal })) {
        seen.push(chatId);
        controller.abort();
      }
    };
    expect(await rejectionOf(listing())).toBe(controller.signal.reason);
    expect(seen).toEqual([1]);
  });

  const reasons: [string, unknown][] = [
    ["an error", new Error("enough")],
    ["a text", "enough"],
    ["null", null],
    ["none of its own", undefined],
  ];

  describe.each([true, false])("with prefetch %s", (prefetch) => {
    it.each(reasons)("while a page is on its way rejects with the reason: %s", async (_, reason) => {
      const controller = new AbortController();
      const { market } = marketWith([answersPage([1], "B"), hangs]);
      const listing = rejectionOf(collect(market.listChats({}, { prefetch, signal: controller.signal })));
      await settle();
      controller.abort(reason);
      expect(await listing).toBe(controller.signal.reason);
      expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    });

    it.each(reasons)("while the consumer is at work rejects with the reason: %s", async (_, reason) => {
      const controller = new AbortController();
      const { market, requests } = marketWith([answersPage([1], "B"), answersPage([2], "C")]);
      const seen: number[] = [];
      const listing = (async () => {
        for await (const { chatId } of market.listChats({}, { prefetch, signal: controller.signal })) {
          seen.push(chatId);
          await settle(); // What is fetched ahead has come.
          controller.abort(reason);
        }
      })();
      expect(await rejectionOf(listing)).toBe(controller.signal.reason);
      expect(seen).toEqual([1]);
      expect(requests).toHaveLength(prefetch ? 2 : 1);
    });

    it("before it began sends nothing", async () => {
      const { market, requests } = marketWithChats(2);
      const listing = market.listChats({}, { prefetch, signal: AbortSignal.abort("enough") });
      expect(await rejectionOf(collect(listing))).toBe("enough");
      expect(requests).toEqual([]);
    });

    it("after its end finds no listener", async () => {
      const { signal } = new AbortController();
      const { market } = marketWithChats(5);
      await collect(market.listChats({}, { prefetch, signal }));
      expect(getEventListeners(signal, "abort")).toEqual([]);
    });
  });
});

describe("an ApiError", () => {
  it("has the Market's own words, and all that helps to find the cause", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const { market } = marketWith([answersError(401, "UNAUTHORIZED", "Api-Key token is invalid", { traceparent })]);
    const error = await failureOf(market.getChats({}, { pageToken: "B" }), ApiError);
    expect(error.message).toBe("getChats: 401 UNAUTHORIZED: Api-Key token is invalid");
    expect(error).toMatchObject({
      name: "ApiError",
      status: 401,
      errors: [{ code: "UNAUTHORIZED", message: "Api-Key token is invalid" }],
      traceparent,
      attempts: 1,
      pageToken: "B",
    });
    expect(error.cause).toBeUndefined();
    expect(error).toBeInstanceOf(MarketError);
    expect(error).toBeInstanceOf(Error);
  });

  it("has no page token for a first page, nor for a single chat, and no traceparent where there was none", async () => {
    const { market } = marketWith([answersError(404)]);
    for (const call of [market.getChats(), market.getChat(1)]) {
      expect(await failureOf(call, ApiError)).toMatchObject({ pageToken: undefined, traceparent: undefined });
    }
  });

  const noReason = "without a reason in the answer";

  it.each<[string, string, string, unknown[]]>([
    ["no body", "", noReason, []],
    ["HTML", "<h1>400</h1>", noReason, []],
    ["broken JSON", '{"errors":[', noReason, []],
    ["null", "null", noReason, []],
    ["a list", "[]", noReason, []],
    ["a text", '"oops"', noReason, []],
    ["no errors", "{}", noReason, []],
    ["the status OK, as in the Market's samples", '{"status":"OK"}', noReason, []],
    ["errors that are null", '{"errors":null}', noReason, []],
    ["errors that are empty", '{"errors":[]}', noReason, []],
    ["errors that hold null", '{"errors":[null]}', noReason, []],
    ["errors that are an object", '{"errors":{}}', noReason, []],
    ["errors that are a text", '{"errors":"x"}', noReason, []],
    ["errors that hold a text", '{"errors":["x"]}', noReason, []],
    ["errors that hold a list", '{"errors":[[]]}', noReason, []],
    ["an error without code and message", '{"errors":[{}]}', noReason, [{ code: "" }]],
    ["an error without message", '{"errors":[{"code":"BAD"}]}', "BAD", [{ code: "BAD" }]],
    ["a message that is null", '{"errors":[{"code":"BAD","message":null}]}', "BAD", [{ code: "BAD" }]],
    ["an error without code", '{"errors":[{"message":"Bad"}]}', "Bad", [{ code: "", message: "Bad" }]],
    ["a code that is a number", '{"errors":[{"code":7,"message":"Bad"}]}', "Bad", [{ code: "", message: "Bad" }]],
    [
      "two errors",
      '{"errors":[{"code":"A","message":"a"},null,{"code":"B"}]}',
      "A: a; B",
      [{ code: "A", message: "a" }, { code: "B" }],
    ],
    ["an error with more in it", '{"errors":[{"code":"A","secret":1}]}', "A", [{ code: "A" }]],
  ])("says what there is to say of a body that is or has %s", async (_, body, words, errors) => {
    for (const headers of [{}, { "Content-Length": String(body.length) }]) {
      const { market } = marketWith([answers(body, { status: 400, headers })]);
      const error = await failureOf(market.getChat(1), ApiError);
      expect(error.message).toBe(`getChat: 400 ${words}`);
      expect(error.errors).toStrictEqual(errors);
    }
  });

  it.each([
    ["a reason", { errors: [{ code: "LOCKED", message: "In migration" }] }, "LOCKED: In migration"],
    ["no reason", {}, noReason],
    ["errors that are null", { errors: null }, noReason],
    ["a result all the same", { result: { ...aChat(1), chats: [] } }, noReason],
  ])('is what a 200 with `status: "ERROR"` ends in, with %s', async (_, body, words) => {
    const { market } = marketWith([
      answersJson({ status: "ERROR", ...body }, { headers: { traceparent: "00-1-2-03" } }),
    ]);
    for (const [operation, call] of [
      ["getChat", market.getChat(1)],
      ["getChats", market.getChats()],
    ] as const) {
      const error = await failureOf(call, ApiError);
      expect(error.message).toBe(`${operation}: 200 ${words}`);
      expect(error).toMatchObject({
        status: 200,
        traceparent: "00-1-2-03",
        errors: "errors" in body ? (body.errors ?? []) : [],
      });
    }
  });
});

describe("the other errors", () => {
  it("RateLimitError: is an ApiError, and knows when to come back", async () => {
    const headers = quotaHeaders({ renewsIn: hour });
    const { market } = marketWith([
      answersError(420, "LIMIT_EXCEEDED", "Hit rate limit of 5 requests per 'hour'", headers),
    ]);
    const error = await failureOf(market.getChats({}, { pageToken: "B" }), RateLimitError);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      name: "RateLimitError",
      status: 420,
      errors: [{ code: "LIMIT_EXCEEDED", message: "Hit rate limit of 5 requests per 'hour'" }],
      pageToken: "B",
      retryAt: new Date(Date.now() + hour),
    });
  });

  it("RateLimitError: of a call that was not sent has the token too", async () => {
    const { market } = marketWith([
      answersJson({ result: { chats: [] } }, { headers: quotaHeaders({ renewsIn: hour }) }),
    ]);
    await market.getChats();
    const error = await failureOf(market.getChats({}, { pageToken: "B" }), RateLimitError);
    expect(error).toMatchObject({ pageToken: "B", attempts: 0, traceparent: undefined });
  });

  it("ConnectionError: has the cause, and its words", async () => {
    const { market } = marketWith([isReset], { maxRetries: 0 });
    const error = await failureOf(market.getChats({}, { pageToken: "B" }), ConnectionError);
    expect(error.message).toBe("getChats: no whole answer from the Market: fetch failed: read ECONNRESET");
    expect(error).toMatchObject({ name: "ConnectionError", attempts: 1, pageToken: "B" });
    expect(error.cause).toMatchObject({ message: "fetch failed", cause: { code: "ECONNRESET" } });
  });

  it.each<[string, unknown, string]>([
    ["a text", "offline", "offline"],
    ["an object", { code: 7 }, "a thrown object"],
    ["nothing", undefined, "a thrown undefined"],
    ["an error without words", Object.assign(new Error(), { code: "EPIPE" }), "EPIPE"],
    ["an error with a name only", Object.assign(new Error(), { name: "Odd" }), "Odd"],
  ])("ConnectionError: copes with a fetch that throws %s", async (_, thrown, words) => {
    const { market } = marketWith([() => Promise.reject(thrown)], { maxRetries: 0 });
    const error = await failureOf(market.getChat(1), ConnectionError);
    expect(error.message).toBe(`getChat: no whole answer from the Market: ${words}`);
  });

  it("TimeoutError: is a ConnectionError", async () => {
    const { market } = marketWith([hangs], { maxRetries: 0 });
    const error = await failureOf(throughPauses(market.getChats({}, { pageToken: "B" })), TimeoutError);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ name: "TimeoutError", attempts: 1, pageToken: "B" });
  });

  it("ResponseError: is a MarketError, but no ApiError", async () => {
    const { market } = marketWith([answersHtml(200)]);
    const error = await failureOf(market.getChats({}, { pageToken: "B" }), ResponseError);
    expect(error).toBeInstanceOf(MarketError);
    expect(error).not.toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ name: "ResponseError", status: 200, attempts: 1, pageToken: "B" });
  });
});

describe("the stack of an error", () => {
  /** Somebody's own function, which they want to find in their log. */
  async function exportOfTheShop(call: (market: ChatsClient) => Promise<unknown>, reply: Reply): Promise<unknown> {
    return await call(marketWith([reply], { maxRetries: 0, timeout: 10 }).market);
  }

  it.each<[string, (market: ChatsClient) => Promise<unknown>, Reply]>([
    ["getChat", (market) => market.getChat(1), answersError(404)],
    ["getChats", async (market) => await market.getChats(), answersHtml(200)],
    ["listChats", async (market) => await collect(market.listChats()), isReset],
    ["getChat that took too long", async (market) => await market.getChat(1), hangs],
  ])("leads to who called %s", async (_, call, reply) => {
    const error = await throughPauses(rejectionOf(exportOfTheShop(call, reply)));
    expect(error).toBeInstanceOf(MarketError);
    expect((error as MarketError).stack).toContain("exportOfTheShop");
  });

  it("is left as it is, if it is the caller's own reason for an abort", async () => {
    const reason = await rejectionOf(marketWith([answersError(404)]).market.getChat(1));
    const { stack } = reason as MarketError;
    const controller = new AbortController();
    const call = rejectionOf(marketWith([hangs]).market.getChat(2, { signal: controller.signal }));
    await settle();
    controller.abort(reason);
    expect(await call).toBe(reason);
    expect((reason as MarketError).stack).toBe(stack);
  });
});

describe("an answer outside the interface", () => {
  const noResult = "there is no result in the answer";
  const notJson = "the body is not JSON (application/json)";

  const everyCall: [string, (market: ChatsClient) => Promise<unknown>][] = [
    ["getChat", (market) => market.getChat(1)],
    ["getChats", (market) => market.getChats()],
    ["getChats", (market) => collect(market.listChats())],
  ];

  /** Expects the body to be refused by each of the calls, whether its length is announced or not. */
  async function refuses(body: string, words: string, calls = everyCall): Promise<void> {
    for (const [operation, call] of calls) {
      for (const headers of [{}, { "Content-Length": String(body.length) }]) {
        const { market, requests } = marketWith([answers(body, { headers })]);
        const error = await failureOf(call(market), ResponseError);
        expect(error.message).toBe(`${operation}: 200, but ${words}`);
        expect(error.status).toBe(200);
        expect(requests).toHaveLength(1);
      }
    }
  }

  it.each([
    ["HTML", "<!doctype html>", notJson],
    ["broken JSON", '{"status":"OK","result":{"chats":[', notJson],
    ["JSON and more", '{"result":{"chats":[]}}x', notJson],
    ["empty", "", "the body is empty"],
    ["null", "null", noResult],
    ["a list", "[]", noResult],
    ["a text", '"OK"', noResult],
    ["a number", "5", noResult],
    ["an empty object", "{}", noResult],
    ["a status without a result", '{"status":"OK"}', noResult],
    ["a result that is null", '{"status":"OK","result":null}', noResult],
    ["a result that is a list", '{"status":"OK","result":[]}', noResult],
    ["a result that is a text", '{"status":"OK","result":"x"}', noResult],
    ["a result that is a number", '{"status":"OK","result":5}', noResult],
    ["a result that is true", '{"status":"OK","result":true}', noResult],
  ])("is never data: %s", async (_, body, words) => {
    await refuses(body, words);
  });

  it.each([
    ["missing", {}],
    ["null", { chatId: null }],
    ["a text", { chatId: "42" }],
  ])("is never data: a chat whose ID is %s", async (_, result) => {
    await refuses(JSON.stringify({ status: "OK", result }), "there is no chat in its result", everyCall.slice(0, 1));
  });

  it.each([
    ["missing", {}],
    ["null", { chats: null }],
    ["an object", { chats: {} }],
    ["a text", { chats: "x" }],
    ["a list with null in it", { chats: [null] }],
    ["a list of IDs", { chats: [42] }],
  ])("is never data: a list of chats that is %s", async (_, result) => {
    const body = JSON.stringify({ status: "OK", result });
    await refuses(body, "there is no list of chats in its result", everyCall.slice(1));
  });

  it.each([
    ["text/html; charset=utf-8", " (text/html)"],
    ["text/plain", " (text/plain)"],
    ["", ""],
  ])("that is not JSON is called by its type: %j", async (type, words) => {
    const reply: Reply = () =>
      new Response(new TextEncoder().encode("<h1>"), type === "" ? {} : { headers: { "Content-Type": type } });
    const error = await failureOf(marketWith([reply]).market.getChat(1), ResponseError);
    expect(error.message).toBe(`getChat: 200, but the body is not JSON${words}`);
  });

  it.each([300, 301, 302, 303, 304, 305, 307, 308])("may be a redirect: %i", async (status) => {
    const { market, requests } = marketWith([answers("", { status, headers: { Location: "https://example.com/" } })]);
    const error = await failureOf(market.getChat(1), ResponseError);
    expect(error.message).toBe(`getChat: ${status}, but redirects are not followed: the key goes nowhere else`);
    expect(error.status).toBe(status);
    expect(requests).toHaveLength(1);
  });

  it.each([
    ["as browsers show it", { type: "opaqueredirect", status: 0, ok: false }],
    ["that an injected fetch has followed", { redirected: true }],
    ["that an injected fetch has followed, to an error", { redirected: true, status: 404, ok: false }],
    ["that an injected fetch has followed, to a limit", { redirected: true, status: 420, ok: false }],
  ])("may be a redirect %s", async (_, disguise) => {
    const reply: Reply = async (request) => {
      const descriptors = Object.entries(disguise).map(([name, value]) => [name, { value }]);
      return Object.defineProperties(await answersChat(1)(request), Object.fromEntries(descriptors));
    };
    const error = await failureOf(marketWith([reply]).market.getChat(1), ResponseError);
    expect(error.message).toContain("redirects are not followed");
  });

  it("may have a status that HTTP does not know", async () => {
    const error = await failureOf(marketWith([() => Response.error()]).market.getChat(1), ResponseError);
    expect(error.message).toBe("getChat: 0, but HTTP knows no such status");
  });

  it("may have no content", async () => {
    const error = await failureOf(marketWith([answers("", { status: 204 })]).market.getChat(1), ResponseError);
    expect(error.message).toBe(`getChat: 204, but ${noResult}`);
  });
});

describe("an integer that JavaScript cannot hold", () => {
  const tooLarge = "9007199254740993";

  it.each([
    ["result.chatId", `{"result":{"chatId":${tooLarge}}}`],
    ["result.chatId", `{"result":{"chatId":-${tooLarge}}}`],
    ["result.chatId", `{"result":{"chatId":9007199254740992}}`],
    ["result.chatId", `{"result":{"chatId":1e300}}`],
    ["result.chatId", `{"result":{"chatId":${"9".repeat(400)}}}`],
    ["result.context.orderId", `{"result":{"chatId":1,"context":{"type":"ORDER","orderId":${tooLarge}}}}`],
    ["result.newer.ids[2][0].id", `{"result":{"newer":{"ids":[1,[2],[{"id":${tooLarge}}]]}}}`],
    ["newer", `{"result":{"chatId":1},"newer":${tooLarge}}`],
    ["result.first", `{"result":{"first":${tooLarge},"second":${tooLarge}}}`],
  ])("is refused by name, in a chat: %s", async (name, body) => {
    const error = await failureOf(marketWith([answers(body)]).market.getChat(1), ResponseError);
    expect(error.message).toBe(`getChat: 200, but ${name} is an integer beyond 2^53 − 1, which JavaScript would round`);
  });

  it("is refused by name, on a page", async () => {
    const chats = [1, 2, 3, 4].map((chatId) => JSON.stringify({ ...aChat(chatId), chatId }));
    chats[3] = chats[3]!.replace('"chatId":4', `"chatId":${tooLarge}`);
    const body = `{"status":"OK","result":{"chats":[${chats.join()}],"paging":{"nextPageToken":"B"}}}`;
    const { market, requests } = marketWith([answers(body)]);
    const error = await failureOf(collect(market.listChats({}, { pageToken: "A" })), ResponseError);
    expect(error.message).toContain("result.chats[3].chatId is an integer");
    expect(error.pageToken).toBe("A");
    expect(requests).toHaveLength(1);
  });

  it("is none if it is the largest that JavaScript can, or a fraction, or a text", async () => {
    const result =
      '{"chatId":9007199254740991,"low":-9007199254740991,"share":0.1,"text":"9007199254740993","zero":-0.0}';
    const chat = await marketWith([answers(`{"result":${result}}`)]).market.getChat(1);
    expect(chat).toMatchObject({ chatId: 2 ** 53 - 1, share: 0.1, text: "9007199254740993" });
  });
});

describe("JSON that is nested 100,000 levels deep", () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const deepObject = `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`;

  it.each([
    ["lists", deep],
    ["objects", deepObject],
  ])("does not exhaust the stack: %s", async (_, nested) => {
    const { market } = marketWith([answers(`{"result":{"chatId":7,"chats":[],"deep":${nested}}}`)]);
    expect((await market.getChat(7)).chatId).toBe(7);
    expect((await market.getChats()).chats).toEqual([]);
    const params = { path: { businessId }, query: { chatId: 7 } };
    const { data } = await market.api.GET("/v2/businesses/{businessId}/chat", { params });
    expect(data?.result?.chatId).toBe(7);
  });

  it("does not exhaust it in the body of an error either", async () => {
    const { market } = marketWith([answers(`{"errors":[{"code":"BAD","deep":${deep}}]}`, { status: 400 })]);
    expect((await failureOf(market.getChat(7), ApiError)).errors).toEqual([{ code: "BAD" }]);
  });
});
