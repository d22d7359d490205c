import { getEventListeners } from "node:events";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  ApiError,
  type ApiKey,
  type Attempt,
  type ChatsClient,
  type ChatsClientOptions,
  ConnectionError,
  createChatsClient,
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
  answersPage,
  apiKey,
  businessId,
  hangs,
  isDeaf,
  isReset,
  marketWith,
  quotaHeaders,
  type Reply,
  scriptedFetch,
  stallsInBody,
} from "./support/fetch.js";
import { serve } from "./support/http.js";
import { collect, failureOf, rejectionOf, settle, throughPauses } from "./support/settling.js";

// A thousand calls take their time on a machine that has other things to do.
vi.setConfig({ testTimeout: 30_000 });

const noon = Date.UTC(2026, 0, 31, 12);
const hour = 3_600_000;

beforeEach(() => {
  vi.useFakeTimers({ now: noon });
  vi.spyOn(Math, "random").mockReturnValue(0); // no jitter
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** What the errors are made of that somebody else throws. */
const call = { operation: "somebody else's", attempts: 1, redact: (text: string) => text };

/** An answer whose connection breaks within the body. */
const isCutOff: Reply = () =>
  new Response(
    new ReadableStream({
      start(stream) {
        stream.enqueue(new TextEncoder().encode('{"status":"OK","resu'));
        stream.error(new TypeError("terminated"));
      },
    }),
  );

/** Says that there was an unhandled rejection since, if there was one. */
function watchForUnhandledRejections(): AsyncDisposable {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  process.on("unhandledRejection", note);
  return {
    async [Symbol.asyncDispose]() {
      vi.useRealTimers();
      await sleep(0);
      process.off("unhandledRejection", note);
      expect(unhandled).toEqual([]);
    },
  };
}

describe("a request", () => {
  it("carries the key and the integration's name, and follows no redirect", async () => {
    const { market, requests } = marketWith([answersChat(42)], { integration: "my-helpdesk/1.4.0" });
    await market.getChat(42);
    const [{ method, url, headers, body, redirect }] = requests as [(typeof requests)[0]];
    expect({ method, url: url.href, headers: Object.fromEntries(headers), body, redirect }).toEqual({
      method: "GET",
      url: "https://api.partner.market.yandex.ru/v2/businesses/123456/chat?chatId=42",
      headers: { "api-key": apiKey, "x-market-integration": "my-helpdesk/1.4.0" },
      body: undefined,
      redirect: "manual",
    });
  });

  it("with a filter is JSON", async () => {
    const { market, requests } = marketWith([answersPage([])]);
    await market.getChats({ statuses: ["NEW"] });
    const [{ method, url, headers, body }] = requests as [(typeof requests)[0]];
    expect({ method, url: url.href, headers: Object.fromEntries(headers), body }).toEqual({
      method: "POST",
      url: "https://api.partner.market.yandex.ru/v2/businesses/123456/chats?limit=20",
      headers: { "api-key": apiKey, "content-type": "application/json" },
      body: '{"statuses":["NEW"]}',
    });
  });

  it("goes to baseUrl", async () => {
    const onAttempt = vi.fn();
    const baseUrl = "http://localhost:8080/market/";
    const { market, requests } = marketWith([answersChat(42)], { baseUrl, onAttempt });
    await market.getChat(42);
    expect(requests[0]?.url.href).toBe("http://localhost:8080/market/v2/businesses/123456/chat?chatId=42");
    expect(onAttempt).toHaveBeenCalledWith(expect.objectContaining({ path: "/market/v2/businesses/123456/chat" }));
  });

  it("is sent with the global fetch of that moment, if no other is given", async () => {
    const market = createChatsClient({ apiKey, businessId });
    const { fetch, requests } = scriptedFetch(answersChat(42));
    vi.stubGlobal("fetch", fetch);
    await market.getChat(42);
    expect(requests).toHaveLength(1);
  });
});

describe("a failure", () => {
  it.each<[string, Reply, abstract new (...args: never[]) => MarketError]>([
    ["408", answersError(408), ApiError],
    ["420", answersError(420), RateLimitError],
    ["429", answersError(429), ApiError],
    ["500", answersError(500), ApiError],
    ["502 in HTML", answersHtml(502), ApiError],
    ["503 without a body", answers("", { status: 503 }), ApiError],
    ["599", answersError(599), ApiError],
    ["a reset connection", isReset, ConnectionError],
    ["a body that is cut off", isCutOff, ConnectionError],
    ["no answer in time", hangs, TimeoutError],
    ["no answer in time, from a fetch that ignores its signal", isDeaf, TimeoutError],
    ["no whole body in time", stallsInBody, TimeoutError],
  ])("that may pass is tried twice more: %s", async (_, reply, type) => {
    const { market, requests } = marketWith([reply]);
    const error = await failureOf(throughPauses(market.getChat(1)), type);
    expect(requests).toHaveLength(3);
    expect(error.attempts).toBe(3);
    expect(error.message).toMatch(/^getChat: .* \(after 3 attempts\)$/);
  });

  it.each<[string, Reply, abstract new (...args: never[]) => MarketError]>([
    ["400", answersError(400), ApiError],
    ["401", answersError(401), ApiError],
    ["403", answersError(403), ApiError],
    ["404", answersError(404), ApiError],
    ["405", answersError(405), ApiError],
    ["415", answersError(415), ApiError],
    ["423", answersError(423), ApiError],
    ["499", answersError(499), ApiError],
    ["200 with an error in it", answersError(200), ApiError],
    ["a robot check", answersHtml(200), ResponseError],
    ["broken JSON", answers('{"status":"OK","resu'), ResponseError],
    ["a redirect", answers("", { status: 302, headers: { Location: "https://example.com/" } }), ResponseError],
    ["a status that HTTP does not know", () => Response.error(), ResponseError],
  ])("that will not pass is not tried again: %s", async (_, reply, type) => {
    const { market, requests } = marketWith([reply]);
    const error = await failureOf(throughPauses(market.getChat(1)), type);
    expect(requests).toHaveLength(1);
    expect(error.attempts).toBe(1);
    expect(error.message).not.toContain("attempts");
  });

  it("is forgotten when a later attempt succeeds", async () => {
    const { market, requests } = marketWith([answersError(503), isReset, answersChat(42)]);
    await expect(throughPauses(market.getChat(42))).resolves.toEqual(aChat(42));
    expect(requests).toHaveLength(3);
  });

  it("ends the retries if it is one that will not pass", async () => {
    const { market, requests } = marketWith([answersError(503), answersError(404)]);
    const error = await failureOf(throughPauses(market.getChat(42)), ApiError);
    expect(error).toMatchObject({ status: 404, attempts: 2 });
    expect(requests).toHaveLength(2);
  });

  it("is repeated with the same request, body and all, and a signal of its own", async () => {
    const { market, requests } = marketWith([answersError(503), isReset, answersPage([1])]);
    await throughPauses(market.getChats({ orderIds: [7] }, { pageToken: "a/b?c&d" }));
    const sent = requests.map(({ method, url, headers, body, redirect }) => {
      return { method, url: url.href, headers: [...headers], body, redirect };
    });
    expect(sent).toEqual([sent[0], sent[0], sent[0]]);
    expect(sent[0]?.body).toBe('{"orderIds":[7]}');
    expect(new Set(requests.map(({ signal }) => signal)).size).toBe(3);
  });

  it.each([
    ["as the client says: never", { maxRetries: 0 }, {}, 1],
    ["as the client says: once", { maxRetries: 1 }, {}, 2],
    ["as the client says: five times", { maxRetries: 5 }, {}, 6],
    ["as the call says: never", { maxRetries: 5 }, { maxRetries: 0 }, 1],
    ["as the call says: three times", { maxRetries: 0 }, { maxRetries: 3 }, 4],
    ["as the client says, if the call leaves it open", { maxRetries: 1 }, { maxRetries: undefined }, 2],
  ])("is tried again as often %s", async (_, options, callOptions, attempts) => {
    const { market, requests } = marketWith([answersError(503)], options);
    const error = await failureOf(throughPauses(market.getChat(1, callOptions)), ApiError);
    expect(requests).toHaveLength(attempts);
    expect(error.attempts).toBe(attempts);
  });
});

describe("the pause before another attempt", () => {
  /** When the requests of a call went out, in milliseconds from the first. */
  async function timesOf(replies: [Reply, ...Reply[]], options: Partial<ChatsClientOptions> = {}): Promise<number[]> {
    const { market, requests } = marketWith(replies, options);
    await throughPauses(market.getChat(1)).catch(() => undefined);
    return requests.map(({ at }) => at - requests[0]!.at);
  }

  it.each([
    ["as long as it gets", 0, [0, 500, 1500, 3500, 7500, 15_500, 23_500]],
    ["with half of the jitter", 0.5, [0, 375, 1125, 2625, 5625, 11_625, 17_625]],
  ])("doubles from half a second to eight: %s", async (_, random, times) => {
    vi.mocked(Math.random).mockReturnValue(random);
    expect(await timesOf([answersError(503)], { maxRetries: 6 })).toEqual(times);
  });

  it("comes on top of the time that the attempt took", async () => {
    expect(await timesOf([hangs], { timeout: 2000 })).toEqual([0, 2500, 5500]);
  });

  const quota = "Hit rate limit of 1000 requests per 'hour' for resource 'getChat'";
  const parallel = "Hit rate limit of 4 parallel requests for businessId 123456";

  it.each([
    ["ends with the quota's period", quota, () => quotaHeaders({ renewsIn: 30_000 }), 30_000],
    [
      "ends with it too when the Market's clock is ahead",
      quota,
      () => quotaHeaders({ renewsIn: 30_000, clockAhead: 5 * hour }),
      30_000,
    ],
    [
      "ends with it too when the Market's clock is behind",
      quota,
      () => quotaHeaders({ renewsIn: 30_000, clockAhead: -5 * hour }),
      30_000,
    ],
    ["ends with it too when no reason is given", undefined, () => quotaHeaders({ renewsIn: 30_000 }), 30_000],
    [
      "ends with it too when another process has left some of it",
      quota,
      () => quotaHeaders({ renewsIn: 30_000, remaining: 3 }),
      30_000,
    ],
    [
      "ends with it too when it is the longest that the caller waits",
      quota,
      () => quotaHeaders({ renewsIn: 60_000 }),
      60_000,
    ],
    ["is the usual one when the period is over", quota, () => quotaHeaders({ renewsIn: 0 }), 500],
    ["is the usual one when the period was over long ago", quota, () => quotaHeaders({ renewsIn: -5 * hour }), 500],
    ["is the usual one when nobody says when the period ends", quota, () => ({}), 500],
    ["is the usual one when the end cannot be read", quota, () => ({ "X-RateLimit-Resource-Until": "soon" }), 500],
    [
      "is the usual one for too many requests at once",
      parallel,
      () => quotaHeaders({ renewsIn: 30_000, remaining: 3 }),
      500,
    ],
  ])("after a 420 %s", async (_, message, headers, expected) => {
    const limited: Reply = (request) => answersError(420, "LIMIT_EXCEEDED", message, headers())(request);
    expect(await timesOf([limited, answersChat(1)])).toEqual([0, expected]);
  });

  it("is measured by the machine's own clock if the Market sends no date", async () => {
    const until = new Date(noon + 20_000).toUTCString();
    const limited = answersError(420, "LIMIT_EXCEEDED", quota, { "X-RateLimit-Resource-Until": until });
    expect(await timesOf([limited, answersChat(1)])).toEqual([0, 20_000]);
  });
});

describe("a quota", () => {
  const message = "Hit rate limit of 1000 requests per 'hour' for resource 'getChat'";

  it("that is renewed too late for the caller rejects at once, with the time to come back", async () => {
    const limited = answersError(
      420,
      "LIMIT_EXCEEDED",
      message,
      quotaHeaders({ renewsIn: hour, clockAhead: 5 * hour }),
    );
    const { market, requests } = marketWith([limited]);
    const error = await failureOf(market.getChat(1), RateLimitError);
    expect(error).toMatchObject({ status: 420, attempts: 1, retryAt: new Date(noon + hour) });
    expect(error.message).toBe(`getChat: 420 LIMIT_EXCEEDED: ${message}`);
    expect(requests).toHaveLength(1);
  });

  it("of which the Market does not say when it is renewed leaves that open", async () => {
    const { market } = marketWith([answersError(420, "LIMIT_EXCEEDED", message)], { maxRetries: 0 });
    expect((await failureOf(market.getChat(1), RateLimitError)).retryAt).toBeUndefined();
  });

  it("that the last answer used up holds back the next call until it is renewed", async () => {
    const { market, requests } = marketWith([answersChat(1, quotaHeaders({ renewsIn: 30_000 })), answersChat(2)]);
    await market.getChat(1);
    await throughPauses(market.getChat(2));
    expect(requests.map(({ at }) => at - requests[0]!.at)).toEqual([0, 30_000]);
  });

  it("that the last answer used up for longer than the caller waits refuses the next call unsent", async () => {
    const headers = quotaHeaders({ renewsIn: hour, clockAhead: -5 * hour });
    const { market, requests } = marketWith([answersChat(1, headers)]);
    await market.getChat(1);
    const error = await failureOf(market.getChat(2), RateLimitError);
    expect(error).toMatchObject({ status: 420, errors: [], attempts: 0, retryAt: new Date(noon + hour) });
    expect(error.message).toBe("getChat: not sent: the quota is used up for longer than maxRateLimitWait");
    expect(requests).toHaveLength(1);
  });

  it.each([
    [undefined, 60_000, "waited for"],
    [undefined, 61_000, "refused"],
    [0, 1000, "refused"],
    [999, 1000, "refused"],
    [1000, 1000, "waited for"],
    [2 * hour, hour, "waited for"],
  ])("with maxRateLimitWait %s and %i ms to go is %s", async (maxRateLimitWait, renewsIn, expected) => {
    const { market } = marketWith([answersChat(1, quotaHeaders({ renewsIn })), answersChat(2)], { maxRateLimitWait });
    await market.getChat(1);
    const outcome = await throughPauses(market.getChat(2)).then(
      () => "waited for",
      () => "refused",
    );
    expect(outcome).toBe(expected);
  });

  it("used up by a call that failed holds back as well", async () => {
    const { market } = marketWith([
      answersError(404, "NOT_FOUND", "", quotaHeaders({ renewsIn: hour })),
      answersChat(2),
    ]);
    await failureOf(market.getChat(1), ApiError);
    await failureOf(market.getChat(2), RateLimitError);
  });

  it("used up for longer than the caller waits leaves a failure no retry, and the Market its words", async () => {
    const attempts: Attempt[] = [];
    const overloaded = answersError(503, "UNAVAILABLE", "Try later", quotaHeaders({ renewsIn: hour }));
    const { market, requests } = marketWith([overloaded], { onAttempt: (attempt) => void attempts.push(attempt) });
    const error = await failureOf(market.getChat(1), ApiError);
    expect(error).toMatchObject({ status: 503, attempts: 1, errors: [{ code: "UNAVAILABLE", message: "Try later" }] });
    expect(attempts.map(({ retryInMs }) => retryInMs)).toEqual([undefined]);
    expect(requests).toHaveLength(1);
  });

  it("used up for a while puts the retry of a failure off for as long, as is announced", async () => {
    const attempts: Attempt[] = [];
    const overloaded = answersError(503, "UNAVAILABLE", "", quotaHeaders({ renewsIn: 30_000 }));
    const { market, requests } = marketWith([overloaded, answersChat(1)], {
      onAttempt: (attempt) => void attempts.push(attempt),
    });
    await throughPauses(market.getChat(1));
    expect(attempts.map(({ retryInMs }) => retryInMs)).toEqual([30_000, undefined]);
    expect(requests.map(({ at }) => at - requests[0]!.at)).toEqual([0, 30_000]);
  });

  it("that another call has used up in the pause refuses the retry, and keeps what the attempt failed for", async () => {
    const used = answersChat(2, quotaHeaders({ renewsIn: hour }));
    const { market } = marketWith([answersError(503, "UNAVAILABLE"), used]);
    const retried = rejectionOf(market.getChat(1));
    await settle();
    await market.getChat(2);
    const error = (await throughPauses(retried)) as RateLimitError;
    expect(error).toMatchObject({ status: 420, attempts: 1, retryAt: new Date(noon + hour) });
    expect(error.cause).toMatchObject({ status: 503, errors: [{ code: "UNAVAILABLE" }] });
  });

  it("that is used up is told of by a 420 for too many requests at once, too", async () => {
    const parallel = "Hit rate limit of 4 parallel requests for businessId 123456";
    const { market } = marketWith([answersError(420, "LIMIT_EXCEEDED", parallel, quotaHeaders({ renewsIn: hour }))]);
    expect(await failureOf(market.getChat(1), RateLimitError)).toMatchObject({ retryAt: new Date(noon + hour) });
  });

  it("of a period longer than any of the Market's is not believed: it would be closed for good", async () => {
    const used = answersChat(1, { ...quotaHeaders({}), "X-RateLimit-Resource-Until": "Fri, 31 Dec 9999 23:59:59 GMT" });
    const { market } = marketWith([used, answersChat(2)]);
    await market.getChat(1);
    await market.getChat(2);
  });

  it("is each operation's own, and each client's", async () => {
    const { fetch, requests } = scriptedFetch(
      answersChat(1, quotaHeaders({ renewsIn: hour })),
      answersPage([]),
      answersChat(1),
    );
    const [market, another] = [0, 1].map(() => createChatsClient({ apiKey, businessId, fetch })) as [
      ChatsClient,
      ChatsClient,
    ];
    await market.getChat(1);
    await market.getChats();
    await another.getChat(1);
    expect(requests).toHaveLength(3);
  });

  it("ends at one time, though the dates that the Market's machines give for it are a second apart", async () => {
    const [late, early] = [1000, 0].map((skew) => quotaHeaders({ renewsIn: hour + skew, remaining: skew / 100 }));
    const { market, requests } = marketWith([answersChat(1, late), answersChat(2, early)]);
    await market.getChat(1);
    await market.getChat(2);
    await failureOf(market.getChat(3), RateLimitError);
    expect(requests).toHaveLength(2);
  });

  it("is kept to by a 420 that leaves some of it: the Market knows better", async () => {
    const limited = answersError(420, "LIMIT_EXCEEDED", message, quotaHeaders({ renewsIn: hour, remaining: 5 }));
    const { market, requests } = marketWith([limited]);
    await failureOf(market.getChat(1), RateLimitError);
    await failureOf(market.getChat(2), RateLimitError);
    expect(requests).toHaveLength(1);
  });

  it("is not closed by a 420 for too many requests at once", async () => {
    const parallel = "Hit rate limit of 4 parallel requests for businessId 123456";
    const limited = answersError(420, "LIMIT_EXCEEDED", parallel, quotaHeaders({ renewsIn: hour, remaining: 5 }));
    const { market } = marketWith([limited, answersChat(2)], { maxRetries: 0 });
    expect((await failureOf(market.getChat(1), RateLimitError)).retryAt).toBeUndefined();
    await market.getChat(2);
  });

  it("is never exceeded by calls fired together: those in flight count", async () => {
    const [period, perPeriod] = [30_000, 10];
    let renewsAt = 0;
    let remaining = 0;
    let exceeded = 0;
    const counts: Reply = async (request) => {
      if (request.at >= renewsAt) {
        renewsAt = period * Math.floor(request.at / period + 1);
        remaining = perPeriod;
      }
      exceeded += remaining === 0 ? 1 : 0;
      remaining = Math.max(0, remaining - 1);
      const answer = answersChat(1, quotaHeaders({ remaining, renewsIn: renewsAt - request.at }));
      await new Promise((resolve) => setTimeout(resolve, 100));
      return answer(request);
    };
    const { market, requests } = marketWith([counts]);
    await throughPauses(Promise.all(Array.from({ length: 100 }, () => market.getChat(1))));
    expect(exceeded).toBe(0);
    expect(requests).toHaveLength(100);
  });
});

describe("concurrency", () => {
  it.each([
    ["4 by default", {}, 4],
    ["1", { concurrency: 1 }, 1],
    ["7", { concurrency: 7 }, 7],
  ])("of %s is reached and never exceeded by 1,000 calls fired together", async (_, options, expected) => {
    let inFlight = 0;
    let most = 0;
    const counts: Reply = async (request) => {
      most = Math.max(most, (inFlight += 1));
      await new Promise((resolve) => setTimeout(resolve, 20));
      inFlight -= 1;
      return answersChat(Number(request.url.searchParams.get("chatId")))(request);
    };
    const { market } = marketWith([counts], options);
    const chats = await throughPauses(
      Promise.all(Array.from({ length: 1000 }, (_, index) => market.getChat(index + 1))),
    );
    expect(chats.map(({ chatId }) => chatId)).toEqual(Array.from({ length: 1000 }, (_, index) => index + 1));
    expect(most).toBe(expected);
  });

  it("is not taken up by a call that pauses", async () => {
    const { market, requests } = marketWith([answersError(503), answersChat(2), answersChat(1)], { concurrency: 1 });
    const first = market.getChat(1);
    await market.getChat(2);
    expect(requests).toHaveLength(2);
    await throughPauses(first);
    expect(requests).toHaveLength(3);
  });
});

describe("the timeout", () => {
  it.each([
    ["no head comes", hangs],
    ["fetch ignores its signal", isDeaf],
    ["the body stays away", stallsInBody],
  ])("ends an attempt in which %s", async (_, reply) => {
    const { market, requests } = marketWith([reply], { timeout: 5000, maxRetries: 0 });
    const failure = failureOf(market.getChat(1), TimeoutError);
    await vi.advanceTimersByTimeAsync(4999);
    expect(requests[0]?.signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect((await failure).message).toBe("getChat: no whole answer within 5000 ms");
    expect(requests[0]?.signal.aborted).toBe(true);
  });

  it("is 30 seconds by default", async () => {
    const { market, requests } = marketWith([hangs], { maxRetries: 0 });
    await failureOf(throughPauses(market.getChat(1)), TimeoutError);
    expect(performance.now() - requests[0]!.at).toBe(30_000);
  });

  it("of a call takes the place of the client's", async () => {
    const { market } = marketWith([hangs], { timeout: 5000, maxRetries: 0 });
    const { message } = await failureOf(throughPauses(market.getChat(1, { timeout: 70 })), TimeoutError);
    expect(message).toBe("getChat: no whole answer within 70 ms");
  });

  it("goes for each attempt anew, and not for pauses", async () => {
    const { market } = marketWith([hangs, isReset, answersError(503), answersChat(1)], {
      timeout: 1000,
      maxRetries: 3,
    });
    await throughPauses(market.getChat(1));
  });

  it("does not go for the wait in the queue", async () => {
    const slow: Reply = async (request) => {
      await new Promise((resolve) => setTimeout(resolve, 900));
      return answersChat(1)(request);
    };
    const { market } = marketWith([slow], { timeout: 1000, concurrency: 1 });
    const calls = Array.from({ length: 10 }, () => market.getChat(1));
    expect(await throughPauses(Promise.all(calls))).toHaveLength(10);
  });

  it("does not abort a request whose answer is complete", async () => {
    const { market, requests } = marketWith([answersChat(1)]);
    await market.getChat(1);
    await vi.advanceTimersByTimeAsync(hour);
    expect(requests[0]?.signal.aborted).toBe(false);
  });
});

describe("an abort", () => {
  interface Stage {
    replies: [Reply, ...Reply[]];
    options?: Partial<ChatsClientOptions>;
    /** What has to have happened. */
    before?: (market: ChatsClient) => unknown;
  }

  const stages: Record<string, Stage> = {
    "in the queue": {
      replies: [hangs],
      options: { concurrency: 1, maxRetries: 0 },
      before: (market) => void market.getChat(2).catch(() => undefined),
    },
    "in the wait for the quota": {
      replies: [(request) => answersChat(1, quotaHeaders({ renewsIn: 30_000 }))(request)],
      before: (market) => market.getChat(2),
    },
    "while the key is asked for": { replies: [answersChat(1)], options: { apiKey: () => new Promise(() => {}) } },
    "in flight": { replies: [hangs] },
    "in flight, with a fetch that ignores its signal": { replies: [isDeaf] },
    "in the body": { replies: [stallsInBody] },
    "in a pause": { replies: [answersError(503)] },
    "in a pause for the quota": {
      replies: [(request) => answersError(420, "LIMIT", "", quotaHeaders({ renewsIn: 30_000 }))(request)],
    },
  };
  const reasons: [string, unknown][] = [
    ["none of its own", undefined],
    ["an error", new Error("enough")],
    ["a ConnectionError", new ConnectionError(call, "mine")],
    ["a RateLimitError", new RateLimitError(call, { status: 420, errors: [] }, new Date())],
    ["a SyntaxError", new SyntaxError("mine")],
    ["a text", "enough"],
    ["null", null],
  ];

  describe.each(Object.entries(stages))("%s", (_, { replies, options, before }) => {
    it.each(reasons)("rejects with the reason, and leaves nothing behind: %s", async (_, reason) => {
      const { market, requests } = marketWith(replies, options);
      await before?.(market);
      const controller = new AbortController();
      const rejection = rejectionOf(market.getChat(1, { signal: controller.signal }));
      await settle();
      const sent = requests.length;
      controller.abort(reason);
      expect(await rejection).toBe(controller.signal.reason);
      expect(getEventListeners(controller.signal, "abort")).toEqual([]);
      await vi.runAllTimersAsync();
      expect(requests).toHaveLength(sent);
    });
  });

  it("in the same moment as a failure rejects with the reason, and not with the failure", async () => {
    const controller = new AbortController();
    const { market } = marketWith([answersError(503)], {
      onAttempt: () => controller.abort(new Error("enough")),
    });
    expect(await rejectionOf(market.getChat(1, { signal: controller.signal }))).toBe(controller.signal.reason);
  });

  it.each(reasons)("before the call sends nothing, and rejects with the reason: %s", async (_, reason) => {
    const signal = AbortSignal.abort(reason);
    const { market, requests } = marketWith([answersChat(1)]);
    expect(await rejectionOf(market.getChat(1, { signal }))).toBe(signal.reason);
    expect(requests).toEqual([]);
  });

  it.each(reasons)("rejects a raw call with the reason too: %s", async (_, reason) => {
    const controller = new AbortController();
    const { market } = marketWith([hangs]);
    const query = { chatId: 1 };
    const rejection = rejectionOf(
      market.api.GET("/v2/businesses/{businessId}/chat", {
        params: { path: { businessId }, query },
        signal: controller.signal,
      }),
    );
    await settle();
    controller.abort(reason);
    expect(await rejection).toBe(controller.signal.reason);
  });

  it.each([
    ["in flight", hangs],
    ["in the body", stallsInBody],
  ])("%s ends the request itself", async (_, reply) => {
    const { market, requests } = marketWith([reply]);
    const controller = new AbortController();
    const rejection = rejectionOf(market.getChat(1, { signal: controller.signal }));
    await settle();
    expect(requests[0]?.signal.aborted).toBe(false);
    controller.abort();
    await rejection;
    expect(requests[0]?.signal.aborted).toBe(true);
  });

  it("from within the key function is heard", async () => {
    const controller = new AbortController();
    const { market, requests } = marketWith([answersChat(1)], {
      apiKey() {
        controller.abort("enough");
        return apiKey;
      },
    });
    expect(await rejectionOf(market.getChat(1, { signal: controller.signal }))).toBe("enough");
    expect(requests).toEqual([]);
  });

  it("from within onAttempt is heard", async () => {
    const controller = new AbortController();
    const { market, requests } = marketWith([answersError(503)], { onAttempt: () => controller.abort("enough") });
    expect(await rejectionOf(market.getChat(1, { signal: controller.signal }))).toBe("enough");
    expect(requests).toHaveLength(1);
  });

  it("after the answer changes nothing", async () => {
    const controller = new AbortController();
    const { market, requests } = marketWith([answersChat(1)]);
    await expect(market.getChat(1, { signal: controller.signal })).resolves.toEqual(aChat(1));
    controller.abort();
    expect(requests[0]?.signal.aborted).toBe(false);
  });
});

describe("what a call leaves behind", () => {
  it("is no body that nobody reads, when a fetch that knows no signals answers too late", async () => {
    const cancel = vi.fn();
    const late: Reply = () =>
      new Promise((resolve) => setTimeout(() => resolve(new Response(new ReadableStream({ cancel }))), 100));
    const { market } = marketWith([late], { timeout: 50, maxRetries: 0 });
    await failureOf(throughPauses(market.getChat(1)), TimeoutError);
    await vi.advanceTimersByTimeAsync(100);
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  const used: Reply = (request) => answersChat(1, quotaHeaders({ renewsIn: hour }))(request);

  it.each<[string, [Reply, ...Reply[]], Partial<ChatsClientOptions>?]>([
    ["a chat", [answersChat(1)]],
    ["a 404", [answersError(404)]],
    ["a 503, not tried again", [answersError(503)], { maxRetries: 0 }],
    ["a robot check", [answersHtml(200)]],
    ["a lost connection", [isReset], { maxRetries: 0 }],
    ["a body that is cut off", [isCutOff], { maxRetries: 0 }],
    ["a quota that is renewed too late", [used]],
    ["an apiKey function that throws", [answersChat(1)], { apiKey: () => Promise.reject(new Error("vault")) }],
    ["an apiKey function that gives no key", [answersChat(1)], { apiKey: () => "" }],
  ])("after %s is no timer and no listener", async (_, replies, options) => {
    const { signal } = new AbortController();
    const { market } = marketWith(replies, options);
    for (let times = 0; times < 2; times += 1) {
      await market.getChat(1, { signal }).catch(() => undefined);
    }
    expect(vi.getTimerCount()).toBe(0);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it.each([
    ["a timeout", hangs],
    ["a timeout of a fetch that ignores its signal", isDeaf],
    ["a timeout in the body", stallsInBody],
  ])("after %s is no timer and no listener", async (_, reply) => {
    const { signal } = new AbortController();
    const { market } = marketWith([reply], { timeout: 1000, maxRetries: 0 });
    const failure = failureOf(market.getChat(1, { signal }), TimeoutError);
    await vi.advanceTimersByTimeAsync(1000);
    await failure;
    expect(vi.getTimerCount()).toBe(0);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it.each<[string, Reply]>([
    ["in the queue", hangs],
    ["in flight", hangs],
    ["in the body", stallsInBody],
    ["in a pause", answersError(503)],
  ])("after an abort %s is no timer", async (stage, reply) => {
    const { market } = marketWith([reply], { concurrency: 1 });
    const controllers = [new AbortController(), new AbortController()];
    const rejections = controllers
      .slice(0, stage === "in the queue" ? 2 : 1)
      .map(({ signal }) => rejectionOf(market.getChat(1, { signal })));
    await settle();
    expect(vi.getTimerCount()).toBe(1);
    controllers.reverse().forEach((controller) => controller.abort());
    await Promise.all(rejections);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("on a signal that lives for 1,000 calls and a listing is no listener", async () => {
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, "addEventListener");
    const removed = vi.spyOn(signal, "removeEventListener");
    let request = 0;
    const kinds = [answersChat(1), answersError(404), answersError(503), isReset, answersHtml(200)];
    const { market } = marketWith([(sent) => kinds[(request += 1) % kinds.length]!(sent)]);
    const calls = Array.from({ length: 1000 }, () => market.getChat(1, { signal }));
    await throughPauses(Promise.allSettled(calls));
    await collect(market.listChats({}, { signal, prefetch: true })).catch(() => undefined);
    expect(added).toHaveBeenCalled();
    expect(removed.mock.calls.length).toBeGreaterThanOrEqual(added.mock.calls.length);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("by 100 calls at once that share a signal is no warning of a leak", async () => {
    const { signal } = new AbortController();
    const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    const { market } = marketWith([answersChat(1)]);
    await Promise.all(Array.from({ length: 100 }, () => market.getChat(1, { signal })));
    expect(warned.mock.calls).toEqual([]);
  });
});

describe("onAttempt", () => {
  const path = "/v2/businesses/123456/chat";

  /** What the hook is told while the call is answered with the replies. */
  async function attemptsOf(
    replies: [Reply, ...Reply[]],
    call = (market: ChatsClient): Promise<unknown> => market.getChat(1),
  ): Promise<Attempt[]> {
    const attempts: Attempt[] = [];
    const { market } = marketWith(replies, { onAttempt: (attempt) => void attempts.push(attempt) });
    await throughPauses(call(market)).catch(() => undefined);
    return attempts;
  }

  it("is told of a success", async () => {
    expect(await attemptsOf([answersChat(1)])).toStrictEqual([
      { method: "GET", path, attempt: 1, durationMs: 0, status: 200 },
    ]);
  });

  it("is told how long it took, what is left of the quota, and what the Market calls the request", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const slow: Reply = async (request) => {
      const headers = { ...quotaHeaders({ limit: 1000, remaining: 999, renewsIn: hour }), traceparent };
      await new Promise((resolve) => setTimeout(resolve, 120));
      return answersChat(1, headers)(request);
    };
    const until = new Date(noon + hour);
    expect(await attemptsOf([slow])).toStrictEqual([
      {
        method: "GET",
        path,
        attempt: 1,
        durationMs: 120,
        status: 200,
        rateLimit: { limit: 1000, remaining: 999, until },
        traceparent,
      },
    ]);
  });

  it("is told of each attempt, and of the pause before the next", async () => {
    expect(await attemptsOf([answersError(503), isReset, answersChat(1)])).toStrictEqual([
      { method: "GET", path, attempt: 1, durationMs: 0, status: 503, error: expect.any(ApiError), retryInMs: 500 },
      { method: "GET", path, attempt: 2, durationMs: 0, error: expect.any(ConnectionError), retryInMs: 1000 },
      { method: "GET", path, attempt: 3, durationMs: 0, status: 200 },
    ]);
  });

  it.each<[string, Reply, object]>([
    ["a 404", answersError(404), { status: 404, error: expect.any(ApiError) }],
    ["a redirect", answers("", { status: 301 }), { status: 301, error: expect.any(ResponseError) }],
    ["a last 503", answersError(503), { status: 503, error: expect.any(ApiError) }],
    ["a robot check with status 200", answersHtml(200), { status: 200, error: expect.any(ResponseError) }],
    ["a 200 that says ERROR", answers('{"status":"ERROR"}'), { status: 200, error: expect.any(ApiError) }],
    ["a last timeout", hangs, { error: expect.any(TimeoutError), durationMs: 30_000 }],
  ])("is told that there is no further attempt after %s", async (_, reply, expected) => {
    const attempts = await attemptsOf([reply], (market) => market.getChat(1, { maxRetries: 0 }));
    expect(attempts).toStrictEqual([{ method: "GET", path, attempt: 1, durationMs: 0, ...expected }]);
  });

  it.each([
    ["an error", new Error("enough")],
    ["one of this package, after which another attempt would be worth it", new ConnectionError(call, "mine")],
  ])("is told of an abort and its reason, and of no further attempt: %s", async (_, reason) => {
    const controller = new AbortController();
    const attempts = await attemptsOf([hangs], async (market) => {
      const call = market.getChat(1, { signal: controller.signal });
      setTimeout(() => controller.abort(reason), 70);
      await call;
    });
    expect(attempts).toStrictEqual([{ method: "GET", path, attempt: 1, durationMs: 70, error: reason }]);
  });

  it("is told nothing of a call that was not sent", async () => {
    const attempts = await attemptsOf([answersChat(1, quotaHeaders({ renewsIn: hour }))], async (market) => {
      await market.getChat(1);
      await market.getChat(1, { signal: AbortSignal.abort() }).catch(() => undefined);
      await market.getChat(1);
    });
    expect(attempts).toHaveLength(1);
  });

  it("is told the path without the query, where page tokens stand", async () => {
    const attempts = await attemptsOf([answersPage([])], (market) => market.getChats({}, { pageToken: "secret?#/" }));
    expect(attempts).toMatchObject([{ method: "POST", path: "/v2/businesses/123456/chats" }]);
  });

  it("is told before the pause, not after it", async () => {
    const onAttempt = vi.fn<(attempt: Attempt) => void>();
    const { market } = marketWith([answersError(503), answersChat(1)], { onAttempt });
    const call = market.getChat(1);
    await settle();
    expect(onAttempt).toHaveBeenCalledTimes(1);
    await throughPauses(call);
    expect(onAttempt).toHaveBeenCalledTimes(2);
  });

  const hooks: [string, () => void][] = [
    [
      "throws",
      () => {
        throw new Error("the hook's own");
      },
    ],
    ["is async and rejects", async () => Promise.reject(new Error("the hook's own"))],
  ];

  it.each(hooks)("that %s loses no answer", async (_, onAttempt) => {
    await using _unhandled = watchForUnhandledRejections();
    const { market } = marketWith([answersError(503), answersChat(42)], { onAttempt });
    await expect(throughPauses(market.getChat(42))).resolves.toEqual(aChat(42));
  });

  it.each(hooks)("that %s hides no error", async (_, onAttempt) => {
    await using _unhandled = watchForUnhandledRejections();
    const { market } = marketWith([answersError(404)], { onAttempt });
    await failureOf(market.getChat(42), ApiError);
  });
});

describe("an apiKey function", () => {
  it("is asked before every attempt, so that a key can be changed meanwhile", async () => {
    let asked = 0;
    const { market, requests } = marketWith([answersError(503), isReset, answersChat(1)], {
      apiKey: () => `rotated-key-${(asked += 1)}`,
    });
    await throughPauses(market.getChat(1));
    await market.getChat(1);
    const keys = requests.map(({ headers }) => headers.get("Api-Key"));
    expect(keys).toEqual(["rotated-key-1", "rotated-key-2", "rotated-key-3", "rotated-key-4"]);
  });

  it("is not asked before there is a request", () => {
    const ask = vi.fn(() => apiKey);
    marketWith([answersChat(1)], { apiKey: ask }).market.listChats();
    expect(ask).not.toHaveBeenCalled();
  });

  it("may return a promise, and take its time", async () => {
    const { market, requests } = marketWith([answersChat(1)], {
      apiKey: () => new Promise((resolve) => setTimeout(resolve, 1000, apiKey)),
    });
    await throughPauses(market.getChat(1));
    expect(requests[0]?.headers.get("Api-Key")).toBe(apiKey);
  });

  it("that takes longer than the timeout ends the attempt, and sends nothing when it is done", async () => {
    const { market, requests } = marketWith([answersChat(1)], {
      apiKey: () => new Promise((resolve) => setTimeout(resolve, 1000, apiKey)),
      timeout: 500,
      maxRetries: 0,
    });
    await failureOf(throughPauses(market.getChat(1)), TimeoutError);
    expect(requests).toEqual([]);
  });

  it.each<[string, ApiKey]>([
    [
      "throws",
      () => {
        throw new Error("the vault is sealed");
      },
    ],
    ["rejects", () => Promise.reject(new Error("the vault is sealed"))],
  ])("that %s fails the call at once", async (_, ask) => {
    const { market, requests } = marketWith([answersChat(1)], { apiKey: ask });
    const error = await failureOf(market.getChat(1), MarketError);
    expect(error.message).toMatch(/^getChat: the apiKey function /);
    expect(requests).toEqual([]);
  });

  it("that fails within a listing leaves a token to go on from", async () => {
    const asked = vi.fn<() => string>().mockReturnValueOnce(apiKey).mockReturnValue("");
    const { market } = marketWith([answersPage([1], "B")], { apiKey: asked });
    expect(await failureOf(collect(market.listChats()), MarketError)).toMatchObject({ pageToken: "B", attempts: 1 });
  });

  const noToken = ", or a function that returns it, not";
  const noHeader = ": visible ASCII characters, without spaces or line breaks";

  it.each<[unknown, string]>([
    [undefined, `${noToken} undefined`],
    [null, `${noToken} null`],
    ["", `${noToken} an empty text`],
    [5, `${noToken} number`],
    [{}, `${noToken} object`],
    [["key"], `${noToken} a list`],
    ["  ", noHeader],
    ["with space", noHeader],
    ["with\nnewline", noHeader],
    ["ключ", noHeader],
    ["a\u0000b", noHeader],
  ])("that returns %j is refused before the request, without an echo", async (key, words) => {
    const { market, requests } = marketWith([answersChat(1)], { apiKey: () => key as string });
    const error = await failureOf(market.getChat(1), MarketError);
    expect(error.message).toBe(`getChat: apiKey must be the token from the cabinet${words}`);
    expect(requests).toEqual([]);
  });
});

describe("a raw call", () => {
  const path = "/v2/businesses/{businessId}/chat";
  const init = { params: { path: { businessId }, query: { chatId: 42 } } };

  it("gives the whole body as data", async () => {
    const { market, requests } = marketWith([answersChat(42, { traceparent: "00-1-2-03" })]);
    const { data, error, response } = await market.api.GET(path, init);
    expect(data).toEqual({ status: "OK", result: aChat(42) });
    expect(error).toBeUndefined();
    expect(response.status).toBe(200);
    expect(response.headers.get("traceparent")).toBe("00-1-2-03");
    expect(requests[0]?.headers.get("Api-Key")).toBe(apiKey);
  });

  it("sends what it is given, to operations that list chats too", async () => {
    const { market, requests } = marketWith([answersPage([1, 2])]);
    const { data } = await market.api.POST("/v2/businesses/{businessId}/chats", {
      params: { path: { businessId: 7 }, query: { limit: 2, page_token: "тест/?&=" } },
      body: { types: ["CHAT"] },
    });
    expect(data?.result?.chats).toHaveLength(2);
    expect(requests[0]?.url.pathname).toBe("/v2/businesses/7/chats");
    expect(Object.fromEntries(requests[0]!.url.searchParams)).toEqual({ limit: "2", page_token: "тест/?&=" });
    expect(requests[0]?.body).toBe('{"types":["CHAT"]}');
  });

  it("gives the body of an error as error", async () => {
    const { market } = marketWith([answersError(404, "NOT_FOUND", "Chat not found")]);
    const { data, error, response } = await market.api.GET(path, init);
    expect(data).toBeUndefined();
    expect(error).toEqual({ status: "ERROR", errors: [{ code: "NOT_FOUND", message: "Chat not found" }] });
    expect(response.ok).toBe(false);
  });

  it("gives the text of an error that is not JSON", async () => {
    const { market } = marketWith([answersHtml(403)]);
    const { error } = await market.api.GET(path, init);
    expect(error).toContain("Are you a robot?");
  });

  it.each<[string, Record<string, string>]>([
    ["at once", { "Content-Length": "0" }],
    ["in chunks", { "Transfer-Encoding": "chunked" }],
  ])("gives no error where that has no body, so that only the response tells: %s", async (_, headers) => {
    const { market } = marketWith([answers("", { status: 404, headers })]);
    const { data, error, response } = await market.api.GET(path, init);
    expect({ data, error, ok: response.ok }).toEqual({ data: undefined, error: undefined, ok: false });
  });

  it("gives no data where there is no content", async () => {
    const { market } = marketWith([answers("", { status: 204 })]);
    expect(await market.api.GET(path, init)).toMatchObject({ data: undefined, response: { status: 204 } });
  });

  it("has the same retries", async () => {
    const { market, requests } = marketWith([answersError(503), isReset, answersChat(42)]);
    const { data } = await throughPauses(market.api.GET(path, init));
    expect(data?.result?.chatId).toBe(42);
    expect(requests).toHaveLength(3);
  });

  it("shares the quota with the other calls", async () => {
    const { market, requests } = marketWith([answersChat(42, quotaHeaders({ renewsIn: hour }))]);
    await market.api.GET(path, init);
    await failureOf(market.getChat(42), RateLimitError);
    await failureOf(market.api.GET(path, init), RateLimitError);
    expect(requests).toHaveLength(1);
  });

  it("takes timeout and maxRetries beside params", async () => {
    const { market, requests } = marketWith([hangs]);
    const call = market.api.GET(path, { ...init, timeout: 70, maxRetries: 1 });
    const { message } = await failureOf(throughPauses(call), TimeoutError);
    expect(message).toBe("GET /v2/businesses/123456/chat: no whole answer within 70 ms (after 2 attempts)");
    expect(requests).toHaveLength(2);
  });

  it.each([
    ["timeout", { timeout: "5" }, TypeError],
    ["timeout", { timeout: 0 }, RangeError],
    ["maxRetries", { maxRetries: -1 }, RangeError],
    ["maxRetries", { maxRetries: "no" }, TypeError],
    ["signal", { signal: {} as AbortSignal }, TypeError],
  ])("refuses a wrong %s: %j", async (name, options, type) => {
    const { market, requests } = marketWith([answersChat(42)]);
    const error = await failureOf(market.api.GET(path, { ...init, ...options }), type as ErrorConstructor);
    expect(error.message).toMatch(new RegExp(`^${name} must be `));
    expect(requests).toEqual([]);
  });

  it.each<[string, Reply, number, string]>([
    ["a robot check", answersHtml(200), 200, "the body is not JSON (text/html)"],
    ["broken JSON", answers('{"result":'), 200, "the body is not JSON (application/json)"],
    ["a body without a type", () => new Response(new TextEncoder().encode("oops")), 200, "the body is not JSON"],
    ["a redirect", answers("", { status: 307 }), 307, "redirects are not followed: the key goes nowhere else"],
    [
      "a rounded integer",
      answers('{"status":"OK","result":{"chatId":9007199254740993}}'),
      200,
      "result.chatId is an integer beyond 2^53 − 1, which JavaScript would round",
    ],
  ])("is never given %s as data", async (_, reply, status, text) => {
    const { market } = marketWith([reply]);
    const error = await failureOf(market.api.GET(path, init), ResponseError);
    expect(error).toMatchObject({ status, attempts: 1, pageToken: undefined });
    expect(error.message).toBe(`GET /v2/businesses/123456/chat: ${status}, but ${text}`);
  });

  it.each([
    ["at once", { "Content-Length": "0" }],
    ["in chunks", { "Transfer-Encoding": "chunked" }],
  ])("is never given an empty answer as success: %s", async (_, headers) => {
    const { market } = marketWith([answers("", { headers })]);
    await failureOf(market.api.GET(path, init), ResponseError);
  });

  it("is thrown what there is no answer for", async () => {
    const { market } = marketWith([isReset], { maxRetries: 0 });
    await failureOf(market.api.GET(path, init), ConnectionError);
  });

  it("can be read as a text", async () => {
    const { market } = marketWith([answersChat(42)]);
    const { data } = await market.api.GET(path, { ...init, parseAs: "text" });
    expect(data).toBe(JSON.stringify({ status: "OK", result: aChat(42) }));
  });

  it.each([
    "https://api.partner.market.yandex.net",
    "http://api.partner.market.yandex.ru",
    "https://api.partner.market.yandex.ru:8443",
    "https://api.partner.market.yandex.ru.example.com",
    "https://api.partner.market.yandex.ru@example.com",
    "https://example.com/https://api.partner.market.yandex.ru",
  ])("is refused another origin: %s", async (baseUrl) => {
    const { market, requests } = marketWith([answersChat(42)]);
    const error = await failureOf(market.api.GET(path, { ...init, baseUrl }), TypeError);
    expect(error.message).toBe(
      "baseUrl must stay at https://api.partner.market.yandex.ru for a single call too: the key goes nowhere else",
    );
    expect(requests).toEqual([]);
  });

  it("may go to another path of the same origin", async () => {
    const { market, requests } = marketWith([answersChat(42)]);
    await market.api.GET(path, { ...init, baseUrl: "https://api.partner.market.yandex.ru/proxy" });
    expect(requests[0]?.url.pathname).toBe("/proxy/v2/businesses/123456/chat");
  });

  it("may have headers of its own, but no other key and no redirects", async () => {
    const { market, requests } = marketWith([answersChat(42)]);
    const headers = { "X-Request-Id": "7", "api-key": "somebody's" };
    await market.api.GET(path, { ...init, headers, redirect: "follow" });
    expect(requests[0]?.headers.get("X-Request-Id")).toBe("7");
    expect(requests[0]?.headers.get("Api-Key")).toBe(apiKey);
    expect(requests[0]?.redirect).toBe("manual");
  });

  it("is refused a Request of its own, since key, retries and limits depend on ours", async () => {
    const { market, requests } = marketWith([answersChat(42)]);
    const error = await failureOf(market.api.GET(path, { ...init, Request: globalThis.Request }), TypeError);
    expect(error.message).toMatch(/^Request must not be set for a single call/);
    expect(requests).toEqual([]);
  });
});

describe("over the wire", () => {
  beforeEach(() => {
    vi.useRealTimers();
  });

  const answer = JSON.stringify({ status: "OK", result: aChat(42) });
  const json = { "Content-Type": "application/json" };

  it("a body is sent again, and the key with it, after a connection was reset", async () => {
    const received: { key: string | undefined; body: string }[] = [];
    await using server = await serve(async (request, response) => {
      const chunks = await request.toArray();
      received.push({ key: String(request.headers["api-key"]), body: Buffer.concat(chunks).toString() });
      if (received.length === 1) {
        request.socket.destroy();
      } else {
        response.writeHead(200, json).end(JSON.stringify({ result: { chats: [] } }));
      }
    });
    const market = createChatsClient({ apiKey, businessId, baseUrl: server.baseUrl });
    await market.getChats({ orderIds: [7] });
    expect(received).toEqual(Array(2).fill({ key: apiKey, body: '{"orderIds":[7]}' }));
  });

  it.each<[string, (send: ServerResponse) => void, abstract new (...args: never[]) => MarketError]>([
    ["a head that does not come", () => {}, TimeoutError],
    ["a body that does not end", (send) => send.writeHead(200, json).write(answer.slice(0, 20)), TimeoutError],
    [
      "a body that is cut off",
      (send) => {
        send.writeHead(200, { ...json, "Content-Length": answer.length });
        send.write(answer.slice(0, 20), () => send.destroy());
      },
      ConnectionError,
    ],
    ["a connection that is reset", (send) => send.destroy(), ConnectionError],
  ])("%s is tried again", async (_, misbehave, type) => {
    const failures: unknown[] = [];
    await using server = await serve((_request, response) => {
      if (failures.length === 0) {
        misbehave(response);
      } else {
        response.writeHead(200, json).end(answer);
      }
    });
    const onAttempt = ({ error }: Attempt) => void (error !== undefined && failures.push(error));
    const market = createChatsClient({ apiKey, businessId, baseUrl: server.baseUrl, timeout: 500, onAttempt });
    await expect(market.getChat(42)).resolves.toEqual(aChat(42));
    expect(failures).toEqual([expect.any(type)]);
  });

  it("a server that is not there is a ConnectionError that says so", async () => {
    let baseUrl: string;
    {
      await using server = await serve(() => {});
      ({ baseUrl } = server);
    }
    const market = createChatsClient({ apiKey, businessId, baseUrl, maxRetries: 0 });
    const error = await failureOf(market.getChat(42), ConnectionError);
    expect(error.message).toMatch(/^getChat: no whole answer from the Market: fetch failed: .*ECONNREFUSED/);
    expect(error.cause).toMatchObject({ message: "fetch failed", cause: { code: "ECONNREFUSED" } });
  });

  it.each([301, 302, 303, 307, 308])("a redirect with %i is not followed", async (status) => {
    const received: string[] = [];
    await using elsewhere = await serve((request, response) => {
      received.push(String(request.url));
      response.writeHead(200, json).end(answer);
    });
    await using server = await serve((_request, response) => {
      response.writeHead(status, { Location: elsewhere.baseUrl }).end();
    });
    const market = createChatsClient({ apiKey, businessId, baseUrl: server.baseUrl });
    expect(await failureOf(market.getChats(), ResponseError)).toMatchObject({ status });
    expect(received).toEqual([]);
  });
});
