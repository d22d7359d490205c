/** Attempts: retries, timeouts, aborts, the `apiKey` function, `onAttempt`, and unusual implementations of `fetch`. */
import { getEventListeners } from "node:events";
import { runInNewContext } from "node:vm";
import { describe, expect, it, vi } from "vitest";
import type { ApiKey, Attempt, ChatsClient } from "../src/index.js";
import { ApiError, ConnectionError, MarketError, RateLimitError, ResponseError, TimeoutError } from "../src/index.js";
import {
  apiError,
  apiKey,
  businessId,
  chat,
  congestion,
  connectionReset,
  createChat,
  createTestClient,
  delayed,
  html,
  noBody,
  noResponse,
  noResponseIgnoringSignal,
  page,
  quotaHeaders,
  type Respond,
} from "./support/fetch.js";
import {
  collect,
  getCodes,
  getError,
  getRejection,
  noon,
  runTimers,
  settle,
  useFakeClock,
} from "./support/promises.js";

const hour = 3_600_000;

useFakeClock();

const sleep = (milliseconds: number, value: string) =>
  new Promise<string>((resolve) => setTimeout(resolve, milliseconds, value));

const context = { operation: "getChat", pageToken: undefined, attempts: 1 };

const quotaExhausted: Respond = (request) => apiError(420, "per hour", quotaHeaders({ resetsIn: 30_000 }))(request);

describe("a retry", () => {
  it.each([
    [{}, {}, 3],
    [{ maxRateLimitWait: 0 }, {}, 3],
    [{ maxRetries: 5 }, { maxRetries: 0 }, 1],
    [{ maxRetries: 0 }, { maxRetries: 3 }, 4],
  ])("with %j of the client and %j of the call: %i attempts", async (options, callOptions, attempts) => {
    const { market, requests } = createTestClient([apiError(503)], options);
    expect(await getError(runTimers(market.getChat(1, callOptions)), ApiError)).toMatchObject({ attempts });
    expect(requests).toHaveLength(attempts);
  });

  it("is sent after the backoff, measured from the end of the attempt", async () => {
    vi.mocked(Math.random).mockReturnValue(0.5);
    const { market, requests } = createTestClient([delayed(1000, apiError(503))], { maxRetries: 3 });
    await getError(runTimers(market.getChat(1)), ApiError);
    expect(requests.map(({ at }) => at)).toEqual([0, 1375, 3125, 5625]);
  });

  it("repeats the request with a signal of its own", async () => {
    const { market, requests } = createTestClient([noResponse, connectionReset, page([1])]);
    await runTimers(market.getChats({ orderIds: [7] }, { pageToken: "a/b?c&d" }));
    const sent = requests.map(({ url, init: { signal, headers, ...init } }) => ({ url: url.href, ...init }));
    expect(sent).toEqual([sent[0], sent[0], sent[0]]);
    expect(sent[0]?.body).toBe('{"orderIds":[7]}');
    expect(new Set(requests.map(({ signal }) => signal)).size).toBe(3);
  });
});

describe("the timeout", () => {
  it.each([
    ["while there is no response", noResponse],
    ["while the body is incomplete", noBody],
    ["if fetch ignores its signal", noResponseIgnoringSignal],
  ])("ends an attempt and aborts the request %s", async (_, respond) => {
    const options = { timeout: 5000, maxRetries: 0, concurrency: 1 };
    const { market, requests } = createTestClient([respond, chat()], options);
    const { signal } = new AbortController();
    const rejection = getError(market.getChat(1, { signal }), TimeoutError);
    const queued = market.getChat(2);
    await vi.advanceTimersByTimeAsync(4999);
    expect(requests.map(({ signal: { aborted } }) => aborted)).toEqual([false]);
    await vi.advanceTimersByTimeAsync(1);
    await rejection;
    expect(await queued).toEqual(createChat(2));
    expect(requests.map(({ signal: { aborted } }) => aborted)).toEqual([true, false]);
    expect(vi.getTimerCount()).toBe(0);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("includes the apiKey function, after which no request is sent", async () => {
    const options = { apiKey: () => sleep(1000, apiKey), timeout: 500, maxRetries: 0 };
    const { market, requests } = createTestClient([chat()], options);
    await getError(runTimers(market.getChat(1)), TimeoutError);
    expect(requests).toEqual([]);
  });

  it("starts anew with each attempt, and excludes the queue and retry delays", async () => {
    const { market } = createTestClient([apiError(503), delayed(900, chat())], { timeout: 1000, concurrency: 1 });
    const calls = [1, 2, 3, 4, 5].map((id) => market.getChat(id));
    expect(await runTimers(Promise.all(calls))).toHaveLength(5);
  });
});

describe("an abort", () => {
  type Stage = [responses: Respond[], options?: object, before?: (market: ChatsClient) => unknown];
  const occupied = (market: ChatsClient) => void market.getChat(2).catch(() => undefined);
  const stages: Record<string, Stage> = {
    "in the queue": [[noResponse], { concurrency: 1, maxRetries: 0 }, occupied],
    "while the quota is exhausted": [[quotaExhausted], { maxRetries: 0 }, (market) => market.getChat(2).catch(() => 0)],
    "during the apiKey function": [[chat()], { apiKey: () => new Promise(() => undefined) }],
    "in flight": [[noResponse]],
    "in flight, if fetch ignores its signal": [[noResponseIgnoringSignal]],
    "in the body": [[noBody]],
    "during a retry delay": [[apiError(503)]],
    "during a delay until the quota resets": [[quotaExhausted]],
    "during a delay after congestion": [[congestion]],
  };
  const reasons = [undefined, null, "enough", new Error("enough"), new ConnectionError(context, "of the caller")];

  it.each(Object.entries(stages))("%s rejects with the reason and leaves nothing behind", async (_, stage) => {
    const [responses, options, before] = stage;
    for (const reason of reasons) {
      const { market, requests } = createTestClient(responses, options);
      await before?.(market);
      await settle();
      const timers = vi.getTimerCount();
      const controller = new AbortController();
      const rejection = getRejection(market.getChat(1, { signal: controller.signal }));
      await settle();
      const sent = requests.length;
      controller.abort(reason);
      expect(await rejection).toBe(controller.signal.reason);
      expect(getEventListeners(controller.signal, "abort")).toEqual([]);
      expect(vi.getTimerCount()).toBe(timers);
      await vi.advanceTimersByTimeAsync(hour);
      expect(requests).toHaveLength(sent);
    }
  });

  it("by the apiKey function itself rejects with the reason and sends nothing", async () => {
    const controller = new AbortController();
    const getKey = () => {
      controller.abort("enough");
      return apiKey;
    };
    const { market, requests } = createTestClient([chat()], { apiKey: getKey });
    expect(await getRejection(market.getChat(1, { signal: controller.signal }))).toBe("enough");
    expect(requests).toEqual([]);
  });

  it("in onAttempt rejects with the reason after an error, but not after a success", async () => {
    const succeed = chat();
    for (const respond of [apiError(503), apiError(404), congestion, succeed]) {
      const controller = new AbortController();
      const { market } = createTestClient([respond], { onAttempt: () => controller.abort("enough") });
      const result = await market.getChat(1, { signal: controller.signal }).catch((reason: unknown) => reason);
      expect(result).toEqual(respond === succeed ? createChat(1) : "enough");
    }
  });

  it.each([undefined, "enough"])("of a polyfilled signal with the reason %s rejects", async (reason) => {
    const signal = Object.assign(new EventTarget(), { aborted: false }) as AbortSignal;
    const { market } = createTestClient([chat(), noResponse]);
    await market.getChat(1, { signal });
    const params = { path: { businessId }, query: { chatId: 2 } };
    const lowLevelCall = market.api.GET("/v2/businesses/{businessId}/chat", { params, signal });
    const calls = [market.getChat(2, { signal }), collect(market.listChats({}, { signal })), lowLevelCall];
    const rejections = calls.map(getRejection);
    await settle();
    Object.assign(signal, { aborted: true, reason }).dispatchEvent(new Event("abort"));
    rejections.push(getRejection(market.getChat(3, { signal })));
    const expected: unknown = reason ?? expect.objectContaining({ name: "AbortError" });
    expect(await Promise.all(rejections)).toEqual(rejections.map(() => expected));
  });

  it("has one listener per signal for all concurrent calls, and none afterwards", async () => {
    const { signal } = new AbortController();
    const kinds = [chat(), apiError(404), apiError(503), connectionReset, html];
    let count = 0;
    const { market } = createTestClient([(request) => (kinds[(count += 1) % kinds.length] as Respond)(request)]);
    const calls = Promise.allSettled(Array.from({ length: 100 }, () => market.getChat(1, { signal })));
    await settle();
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    await runTimers(calls);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});

describe("onAttempt", () => {
  const path = "/v2/businesses/123456/chat";

  async function getAttempts(responses: Respond[], callOptions = {}) {
    const { market, attempts } = createTestClient(responses);
    await runTimers(market.getChat(1, callOptions)).catch(() => undefined);
    return attempts;
  }

  it("is called after each attempt with all fields that are known, and no others", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const slow = delayed(120, chat({ ...quotaHeaders({ remaining: 999, resetsIn: hour }), traceparent }));
    const rateLimit = { limit: 1000, remaining: 999, until: new Date(noon + hour) };
    const common = { method: "GET", path, durationMs: 0 };
    const success = { ...common, attempt: 1, durationMs: 120, status: 200, rateLimit, traceparent };
    expect(await getAttempts([slow])).toStrictEqual([success]);
    expect(await getAttempts([apiError(503), connectionReset, congestion, chat()])).toStrictEqual([
      { ...common, attempt: 1, status: 503, error: expect.any(ApiError) as Error, retryInMs: 500 },
      { ...common, attempt: 2, error: expect.any(ConnectionError) as Error, retryInMs: 1000 },
      { ...common, attempt: 3, status: 420, error: expect.any(RateLimitError) as Error, retryInMs: 100 },
      { ...common, attempt: 4, status: 200 },
    ]);
  });

  it("is called without retryInMs if no retry follows, with the reason of an abort in flight", async () => {
    const common = { method: "GET", path, attempt: 1 };
    const timedOut = { ...common, durationMs: 30_000, error: expect.any(TimeoutError) as Error };
    expect(await getAttempts([noResponse], { maxRetries: 0 })).toStrictEqual([timedOut]);
    const error = new ConnectionError(context, "of the caller");
    const controller = new AbortController();
    setTimeout(() => controller.abort(error), 70);
    const aborted = { ...common, durationMs: 70, error };
    expect(await getAttempts([noResponse], { signal: controller.signal })).toStrictEqual([aborted]);
  });

  it("is called with the path without the page token, and before the retry delay", async () => {
    const options = { baseUrl: "https://example.com/proxy/" };
    const { market, attempts } = createTestClient([apiError(503), page([])], options);
    const call = market.getChats({}, { pageToken: "secret?#/" });
    await settle();
    expect(attempts).toMatchObject([{ method: "POST", path: "/proxy/v2/businesses/123456/chats" }]);
    await runTimers(call);
  });

  it.each<[string, (attempt: Attempt) => unknown]>([
    ["throws", () => runInNewContext("throw new Error()")],
    ["rejects", async () => Promise.reject(new Error())],
    ["returns a thenable that throws", () => ({ then: () => runInNewContext("throw new Error()") })],
    ["modifies the attempt", (attempt) => Object.keys(attempt).forEach((key) => Reflect.set(attempt, key, undefined))],
  ])("that %s changes neither requests nor results", async (_, onAttempt) => {
    const run = async (options: { onAttempt?: () => void }) => {
      const responses = [apiError(503), congestion, chat(), apiError(404), quotaExhausted, chat()];
      const { market, requests } = createTestClient(responses, options);
      const settled = await runTimers(Promise.allSettled([1, 2, 3].map((id) => market.getChat(id))));
      return { settled, sent: requests.map(({ url, at }) => [url.search, at]) };
    };
    expect(await run({ onAttempt: onAttempt as () => void })).toEqual(await run({}));
  });
});

describe("Retry-After", () => {
  const wait = (value: string) => apiError(503, "", { "Retry-After": value });

  it.each<[string, Respond, number]>([
    ["a number of seconds", wait("3"), 3000],
    ["a fraction of a second, shorter than the backoff", wait("0.1"), 100],
    ["almost 0 after congestion: half the backoff", congested("0.001"), 50],
    ["a number of seconds after congestion", congested("2"), 2000],
  ])("delays the retry: %s", async (_, respond, delay) => {
    const { market, requests, attempts } = createTestClient([respond, chat()]);
    await runTimers(market.getChat(1));
    expect(requests.map(({ at }) => at)).toEqual([0, delay]);
    expect(attempts.map(({ retryInMs }) => retryInMs)).toEqual([delay, undefined]);
  });

  function congested(value: string): Respond {
    return apiError(420, "4 parallel requests", { "Retry-After": value, "X-RateLimit-Resource-Remaining": "7" });
  }

  it.each([
    ["30", 3],
    ["31", 2],
    ["61", 1],
    [new Date(noon + 61_000).toUTCString(), 1],
  ])("of %s counts toward maxRateLimitWait in total: %i attempts", async (value, attempts) => {
    const { market, requests } = createTestClient([wait(value)], { maxRetries: 5 });
    expect(await getError(runTimers(market.getChat(1)), ApiError)).toMatchObject({ status: 503, attempts });
    expect(Date.now() - noon).toBe(requests.at(-1)?.at); // The last attempt rejects immediately.
  });

  it.each([
    ["90", {}, 90_000],
    ["90", { resetsIn: 100_000 }, 100_000],
    ["99999999999999999", {}, 1e12],
  ])("of %s s is the retryAt of a RateLimitError, unless a later reset is: %j", async (value, quota, expected) => {
    const headers = { "Retry-After": value, ...("resetsIn" in quota ? quotaHeaders(quota) : {}) };
    const { market } = createTestClient([apiError(420, "per hour", headers)]);
    const retryAt = new Date(noon + expected);
    expect(await getError(market.getChat(1), RateLimitError)).toMatchObject({ attempts: 1, retryAt });
  });
});

describe("an apiKey function", () => {
  it("is called before every attempt, and after a 401 to repeat the request within the attempt", async () => {
    let calls = 0;
    const getKey = async () => Promise.resolve(`rotated-key-${(calls += 1)}`);
    const script = [apiError(503), chat(), apiError(401), chat()];
    const { market, requests, attempts } = createTestClient(script, { apiKey: getKey });
    market.listChats();
    for (const id of [1, 2, 3]) expect(await runTimers(market.getChat(id))).toEqual(createChat(id));
    const keys = requests.map(({ headers }) => headers.get("Api-Key"));
    expect(keys).toEqual([1, 2, 3, 4, 5].map((call) => `rotated-key-${call}`));
    expect(attempts.map(({ attempt, status }) => `${attempt}: ${status}`)).toEqual([
      "1: 503",
      "2: 200",
      "1: 200",
      "1: 200",
    ]);
  });

  const thenGet = (getNewKey: () => unknown) => vi.fn(getNewKey as () => string).mockReturnValueOnce("expired-key");

  it.each<[string, () => ApiKey, requests: number, duration: number]>([
    ["the key is a string", () => apiKey, 1, 0],
    ["the function returns the same key", () => () => apiKey, 1, 0],
    ["the new key is rejected, too", () => thenGet(() => apiKey), 2, 0],
    ["the function fails", () => thenGet(() => Promise.reject(new Error("vault is sealed"))), 1, 0],
    ["the function does not settle", () => thenGet(() => new Promise(() => undefined)), 1, 30_000],
    ["the function takes too long", () => thenGet(() => sleep(40_000, "late-key")), 1, 40_000],
  ])("leaves a 401 as the result: %s", async (_, createApiKey, count, duration) => {
    const { market, requests } = createTestClient([apiError(401)], { apiKey: createApiKey() });
    expect(await getError(runTimers(market.getChat(1)), ApiError)).toMatchObject({ status: 401, attempts: 1 });
    expect([requests.length, Date.now() - noon]).toEqual([count, duration]);
  });

  it("whose new key gets no response after a 401 leads to a TimeoutError", async () => {
    const options = { apiKey: thenGet(() => apiKey), maxRetries: 0 };
    const { market } = createTestClient([apiError(401), noResponse], options);
    await getError(runTimers(market.getChat(1)), TimeoutError);
  });

  it("that rejects fails the call with its error as cause, without a retry", async () => {
    const failure = Object.assign(new Error("vault is sealed"), { code: "SEALED", key: apiKey });
    const getKey = () => Promise.reject(failure);
    const { market, requests } = createTestClient([chat()], { apiKey: getKey, concurrency: 1 });
    for (const pageToken of [undefined, "B"]) {
      const error = await getError(market.getChats({}, { pageToken }), MarketError);
      expect(error).toMatchObject({ attempts: 1, pageToken, cause: { message: "vault is sealed", code: "SEALED" } });
      expect(error.cause).not.toHaveProperty("key");
    }
    expect(requests).toEqual([]);
  });
});

describe("a fetch that", () => {
  const bare = { ok: true, status: 200, text: async () => JSON.stringify({ result: createChat(1) }) };

  it.each<[string, Respond]>([
    ["returns undefined", () => undefined as never],
    ["returns a response without headers", () => ({ ...bare, headers: undefined }) as never],
  ])("%s rejects the call with a MarketError, and releases the slot", async (_, respond) => {
    const { market } = createTestClient([respond, chat()], { concurrency: 1, maxRetries: 0 });
    expect(await getRejection(market.getChat(1))).toBeInstanceOf(MarketError);
    expect(await market.getChat(2)).toEqual(createChat(2));
    expect(vi.getTimerCount()).toBe(0);
  });

  it("ignores its signal and responds later releases the body", async () => {
    const cancel = vi.fn();
    const late = delayed(2000, () => new Response(new ReadableStream({ cancel })));
    const { market } = createTestClient([late], { timeout: 1000, maxRetries: 0 });
    await getError(runTimers(market.getChat(1)), TimeoutError);
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  it("is global is looked up for each request, and is named by an error if it is missing", async () => {
    const { market } = createTestClient([], { fetch: undefined });
    vi.stubGlobal("fetch", undefined);
    const message = "getChat: there is no global fetch: set the option fetch";
    expect(await getError(market.getChat(1), MarketError)).toMatchObject({ attempts: 1, message });
    vi.stubGlobal("fetch", async () => Response.json({ result: createChat(1) }));
    expect(await market.getChat(1)).toEqual(createChat(1));
  });

  it("returns a body in chunks that split a character is read correctly", async () => {
    const bytes = new TextEncoder().encode('\ufeff{"result":{"chatId":1,"name":"Иван 🙂"}}');
    const start = (controller: ReadableStreamDefaultController) => {
      bytes.forEach((byte) => controller.enqueue(new Uint8Array([byte])));
      controller.close();
    };
    const { market } = createTestClient([() => new Response(new ReadableStream({ start }))]);
    expect(await market.getChat(1)).toEqual({ chatId: 1, name: "Иван 🙂" });
  });

  it("returns a body of exactly 10 MB is read", async () => {
    const body = '{"result":{"chatId":1}}'.padEnd(10_000_000);
    expect(await createTestClient([() => new Response(body)]).market.getChat(1)).toEqual({ chatId: 1 });
  });

  it("returns a response without a readable stream, as polyfills do, is read with text()", async () => {
    const response = { ...bare, headers: new Headers(), body: { pipe: () => undefined } };
    expect(await createTestClient([() => response as never]).market.getChat(1)).toEqual(createChat(1));
    const large = { ...response, text: async () => '{"result":{"chatId":1}}'.padEnd(10_000_001) };
    await getError(createTestClient([() => large as never]).market.getChat(1), ResponseError);
    vi.stubGlobal("TextDecoder", undefined); // As in jsdom, before any body is read.
    vi.resetModules();
    const { createChatsClient } = await import("../src/index.js");
    const fetch = async () => Response.json({ result: createChat(1) });
    expect(await createChatsClient({ apiKey, businessId, fetch }).getChat(1)).toEqual(createChat(1));
  });

  it("throws an error whose causes form a cycle rejects with a ConnectionError", async () => {
    const cyclic = new AggregateError([], "cyclic");
    Object.assign(cyclic, { code: "CYCLE", cause: cyclic, errors: [cyclic] });
    const { market } = createTestClient([() => Promise.reject(cyclic)], { maxRetries: 0 });
    expect(getCodes(await getError(market.getChat(1), ConnectionError))).toEqual(Array(5).fill("CYCLE"));
  });
});
