/** Iteration over chats and pages. */
import { getEventListeners } from "node:events";
import { describe, expect, it, vi } from "vitest";
import { type Chat, type ChatsClient, RateLimitError, ResponseError } from "../src/index.js";
import type { Respond, SentRequest } from "./support/fetch.js";
import {
  apiError,
  connectionReset,
  createTestClient,
  delayed,
  json,
  noResponse,
  page,
  quotaHeaders,
} from "./support/fetch.js";
import { collect, getError, getRejection, runTimers, settle, useFakeClock } from "./support/promises.js";

useFakeClock();

const getToken = ({ url }: SentRequest) => url.searchParams.get("page_token");
const getIds = (chats: readonly Chat[]) => chats.map(({ chatId }) => chatId);

/** One chat per page. The first page has no token, the others these. */
function pagesOf(tokens: readonly string[]): Respond {
  return (request) => {
    const index = tokens.indexOf(getToken(request) ?? "") + 1;
    return page([index + 1], tokens[index])(request);
  };
}

const threePages = pagesOf(["B", "C"]);

describe("listChats", () => {
  it("sends no request until it is iterated, and requests a page when the loop reaches it", async () => {
    const { market, requests } = createTestClient([page([1, 2], "B"), page([3])]);
    const iterator = market.listChats()[Symbol.asyncIterator]();
    market.listChats().pages()[Symbol.asyncIterator]();
    await settle();
    const counts = [requests.length];
    for (let index = 0; index < 4; index += 1) {
      await iterator.next();
      counts.push(requests.length);
    }
    expect(counts).toEqual([0, 1, 1, 2, 2]);
  });

  it("continues after empty pages", async () => {
    const { market } = createTestClient([page([], "B"), page([1], "C"), page([], "D"), page([2])]);
    expect(getIds(await collect(market.listChats()))).toEqual([1, 2]);
  });

  it.each([null, { nextPageToken: null }, { nextPageToken: "" }])("ends at a page with paging %j", async (paging) => {
    const { market, requests } = createTestClient([json({ result: { chats: [], paging } })]);
    expect(await collect(market.listChats())).toEqual([]);
    expect(requests).toHaveLength(1);
  });

  it("sends page tokens unchanged, and starts at a given one", async () => {
    const tokens = ["a/b?c&d=e", "100% + ü", "\u0000\n", "🙂", "x".repeat(5000)];
    const { market, requests } = createTestClient([pagesOf(tokens)]);
    expect(getIds(await collect(market.listChats({}, { pageToken: tokens[0] })))).toEqual([2, 3, 4, 5, 6]);
    expect(requests.map(getToken)).toEqual(tokens);
  });

  it.each<[string, (market: ChatsClient) => AsyncIterable<unknown>]>([
    ["chats", (market) => market.listChats()],
    ["pages", (market) => market.listChats().pages()],
  ])("starts over with each iteration over %s, independent of others", async (_, list) => {
    const { market, requests } = createTestClient([threePages]);
    const listing = list(market);
    const [first, second] = [listing, listing].map((iterable) => iterable[Symbol.asyncIterator]());
    await first?.next();
    await second?.next();
    await first?.return?.();
    expect(await collect({ [Symbol.asyncIterator]: () => second as AsyncIterator<unknown> })).toHaveLength(2);
    expect(await collect(listing)).toHaveLength(3);
    expect(requests.map(getToken)).toEqual([null, null, "B", "C", null, "B", "C"]);
  });

  it.each([true, false])("yields in order to concurrent next() calls: prefetch %s", async (prefetch) => {
    const { market } = createTestClient([delayed(100, threePages)]);
    const iterator = market.listChats({}, { prefetch })[Symbol.asyncIterator]();
    const results = await runTimers(Promise.all([0, 1, 2, 3, 4].map(() => iterator.next())));
    expect(results.slice(0, 3).map(({ value }) => (value as Chat).chatId)).toEqual([1, 2, 3]);
    expect(results.slice(3)).toEqual([0, 1].map(() => ({ done: true, value: undefined })));
  });
});

it("a listing that the quota interrupts rejects with the token of the next page", async () => {
  const { market, requests } = createTestClient([page([1], "B", quotaHeaders({ resetsIn: 3_600_000 }))]);
  const error = await getError(collect(market.listChats()), RateLimitError);
  expect(error).toMatchObject({ attempts: 0, pageToken: "B" });
  expect(requests).toHaveLength(1);
});

describe("a repeated page token", () => {
  it.each<[tokens: string, pageToken: string | undefined, count: number, last: string]>([
    ["AA", undefined, 2, "A"],
    ["ABCB", undefined, 4, "C"],
    ["A", "A", 1, "A"],
  ])("rejects after the page that contains it: %s, starting at %s", async (tokens, pageToken, count, last) => {
    for (const prefetch of [false, true]) {
      const { market, requests } = createTestClient([...tokens].map((token) => page([1], token)));
      const pages: unknown[] = [];
      const list = async () => {
        for await (const yielded of market.listChats({}, { pageToken, prefetch }).pages()) pages.push(yielded);
      };
      const error = await getError(list(), ResponseError);
      expect(error).toMatchObject({ status: 200, attempts: 1, pageToken: last });
      expect([pages.length, requests.length]).toEqual([count, count]);
    }
  });
});

describe("prefetch", () => {
  it.each([true, false])("requests one page at most while another one is processed: %s", async (prefetch) => {
    const { market, requests } = createTestClient([threePages]);
    await market.listChats({}, { prefetch })[Symbol.asyncIterator]().next();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(requests).toHaveLength(prefetch ? 2 : 1);
  });

  it("rejects after the chats of the page before, if the request for the next page fails", async () => {
    const responses = [page([1, 2], "B"), connectionReset, page([3], "B"), connectionReset];
    const { market } = createTestClient(responses, { maxRetries: 0 });
    const seen: number[] = [];
    const list = async (limit: number) => {
      for await (const { chatId } of market.listChats({}, { prefetch: true })) {
        await vi.advanceTimersByTimeAsync(100);
        if (seen.push(chatId) === limit) break;
      }
    };
    expect(await getRejection(list(Infinity))).toMatchObject({ pageToken: "B" });
    expect(seen).toEqual([1, 2]);
    await list(3);
  });
});

describe.each([true, false])("ending a listing early, with prefetch %s", (prefetch) => {
  /** The first page, and a request for the second one that is not answered. */
  const createListing = (options = {}) => {
    const client = createTestClient([page([1, 2], "B"), noResponse], { concurrency: 1 });
    return { ...client, listing: client.market.listChats({}, { prefetch, ...options }) };
  };

  /** No request is in flight, no timer is left, and the only slot is free. */
  async function expectReleased({ market, requests }: ReturnType<typeof createTestClient>, expectedRequests: number) {
    expect(requests.map(({ signal }) => signal.aborted)).toEqual([false, true].slice(0, expectedRequests));
    expect(vi.getTimerCount()).toBe(0);
    const controller = new AbortController();
    const probe = getRejection(market.getChat(1, { signal: controller.signal }));
    await settle();
    expect(requests).toHaveLength(expectedRequests + 1);
    controller.abort();
    await probe;
  }

  const done = { done: true, value: undefined };
  const error = new Error("the consumer failed");

  it.each<[string, (iterator: AsyncIterator<Chat>) => unknown, result: unknown]>([
    ["return()", (iterator) => iterator.return?.(), done],
    ["throw()", (iterator) => iterator.throw?.(error).catch((reason: unknown) => reason), error],
  ])("by %s ends a pending next() and aborts the request", async (_, end, result) => {
    const { listing, ...client } = createListing();
    const iterator = listing[Symbol.asyncIterator]();
    await iterator.next();
    await iterator.next();
    const pending = iterator.next();
    await settle();
    expect(client.requests).toHaveLength(2);
    expect(await end(iterator)).toEqual(result);
    expect([await pending, await iterator.next()]).toEqual([done, done]);
    await expectReleased(client, 2);
  });

  it("by return() before the first next() sends no request", async () => {
    const { listing, requests } = createListing();
    const iterator = listing.pages()[Symbol.asyncIterator]();
    await iterator.return?.();
    expect(await iterator.next()).toEqual(done);
    expect(requests).toEqual([]);
  });

  it("by break or an exception of the consumer", async () => {
    for (const thrown of [undefined, error]) {
      const { signal } = new AbortController();
      const { listing, ...client } = createListing({ signal });
      const list = async () => {
        for await (const _ of listing) {
          await settle();
          if (thrown) throw thrown;
          break;
        }
      };
      expect(await list().catch((reason: unknown) => reason)).toBe(thrown);
      expect(getEventListeners(signal, "abort")).toEqual([]);
      await expectReleased(client, prefetch ? 2 : 1);
    }
  });

  it.each([
    ["page is requested", 0, 2, 2],
    ["chat is processed", 100, 1, prefetch ? 2 : 1],
  ])("by a signal while a %s", async (_, processing, chats, expectedRequests) => {
    const controller = new AbortController();
    const { listing, ...client } = createListing({ signal: controller.signal });
    setTimeout(() => controller.abort(null), 50);
    let seen = 0;
    const list = async () => {
      for await (const _ of listing) {
        seen += 1;
        await new Promise((resolve) => setTimeout(resolve, processing));
      }
    };
    expect(await runTimers(getRejection(list()))).toBeNull();
    expect(seen).toBe(chats);
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    await expectReleased(client, expectedRequests);
  });

  it("by a signal that is already aborted", async () => {
    const signal = AbortSignal.abort(null);
    const { listing, requests } = createListing({ signal });
    expect(await getRejection(collect(listing))).toBeNull();
    expect(requests).toEqual([]);
  });
});

it.each([true, false])("leaves no listener on the signal while it is not continued: prefetch %s", async (prefetch) => {
  const { signal } = new AbortController();
  const { market } = createTestClient([page([1], "B"), page([2])]);
  await market.listChats({}, { signal, prefetch })[Symbol.asyncIterator]().next();
  await settle();
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

it("leaves no listener on the signal when a listing ends or fails", async () => {
  const { signal } = new AbortController();
  for (const responses of [[threePages], [page([1], "B"), apiError(404)]]) {
    const listing = createTestClient(responses).market.listChats({}, { signal, prefetch: true });
    await collect(listing).catch(() => undefined);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  }
});
