/** Attempts: retries, timeouts, aborts, the `apiKey` function, `onAttempt`, and unusual implementations of `fetch`. */
import { getEventListeners } from "node:events";
import { runInNewContext } from "node:vm";
import { describe, expect, it, vi } from "vitest";
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
import { collect, getError, getRejection, noon, runTimers, settle, useFakeClock } from "./support/promises.js";

const hour = 3_600_000;

useFakeClock();

const context = { operation: "getChat", pageToken: undefined, attempts: 1 };

const quotaExhausted: Respond = (request) => apiError(420, "per hour", quotaHeaders({ resetsIn: 30_000 }))(request);

/** The connection is closed in the middle of the body. */
const truncatedBody: Respond = () => {
  const start = (controller: ReadableStreamDefaultController) => controller.error(new TypeError("terminated"));
  return new Response(new ReadableStream({ start }));
};

describe("a retry", () => {
  it.each<[string, Respond, new (...args: never[]) => MarketError]>([
    ["a retryable status", apiError(503), ApiError],
    ["a connection error", connectionReset, ConnectionError],
    ["a truncated body", truncatedBody, ConnectionError],
    ["a timeout", noResponse, TimeoutError],
    ["a timeout in the body", noBody, TimeoutError],
  ])("follows %s, up to maxRetries", async (_, respond, type) => {
    const recovering = createTestClient([respond, respond, chat()]).market.getChat(1);
    expect(await runTimers(recovering)).toEqual(createChat(1));
    const failing = createTestClient([respond]).market.getChat(1);
    expect(await getError(runTimers(failing), type)).toMatchObject({ attempts: 3 });
  });

  it.each([
    [{ maxRetries: 5 }, {}, 6],
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
    expect(requests.map(({ at }) => at - (requests[0]?.at ?? 0))).toEqual([0, 1375, 3125, 5625]);
  });

  it("repeats the request with a signal of its own", async () => {
    const { market, requests } = createTestClient([apiError(503), connectionReset, page([1])]);
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
    const { market, requests } = createTestClient([respond], { timeout: 5000, maxRetries: 0 });
    const { signal } = new AbortController();
    const rejection = getError(market.getChat(1, { signal }), TimeoutError);
    await vi.advanceTimersByTimeAsync(4999);
    expect(requests[0]?.signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await rejection;
    expect(requests[0]?.signal.aborted).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("includes the apiKey function, after which no request is sent", async () => {
    const getKey = () => new Promise<string>((resolve) => setTimeout(resolve, 1000, apiKey));
    const { market, requests } = createTestClient([chat()], { apiKey: getKey, timeout: 500, maxRetries: 0 });
    await getError(runTimers(market.getChat(1)), TimeoutError);
    expect(requests).toEqual([]);
  });

  it.each([
    [{}, {}, 30_000],
    [{ timeout: 5000 }, {}, 5000],
    [{ timeout: 5000 }, { timeout: 70 }, 70],
  ])("with %j of the client and %j of the call is %i ms", async (options, callOptions, expected) => {
    const { market, requests } = createTestClient([noResponse], { maxRetries: 0, ...options });
    await getError(runTimers(market.getChat(1, callOptions)), TimeoutError);
    expect(performance.now() - (requests[0]?.at ?? 0)).toBe(expected);
  });

  it("starts anew with each attempt, and excludes the queue and retry delays", async () => {
    const { market } = createTestClient([apiError(503), delayed(900, chat())], { timeout: 1000, concurrency: 1 });
    const calls = [1, 2, 3, 4, 5].map((id) => market.getChat(id));
    expect(await runTimers(Promise.all(calls))).toHaveLength(5);
  });
});

describe("an abort", () => {
  type Stage = [responses: Respond[], options?: Partial<ChatsClientOptions>, before?: (market: ChatsClient) => unknown];
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
    const calls = [market.getChat(2, { signal }), collect(market.listChats({}, { signal }))];
    const rejections = calls.map(getRejection);
    await settle();
    Object.assign(signal, { aborted: true, reason }).dispatchEvent(new Event("abort"));
    rejections.push(getRejection(market.getChat(3, { signal })));
    const expected: unknown = reason ?? expect.objectContaining({ name: "AbortError" });
    expect(await Promise.all(rejections)).toEqual([expected, expected, expected]);
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

  async function getAttempts(responses: Respond[], call?: (market: ChatsClient) => Promise<unknown>, options = {}) {
    const attempts: Attempt[] = [];
    const onAttempt = (attempt: Attempt) => void attempts.push(attempt);
    const { market } = createTestClient(responses, { onAttempt, ...options });
    await runTimers((call ?? (() => market.getChat(1)))(market)).catch(() => undefined);
    return attempts;
  }

  it("is called with all fields that are known, and no others", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const slow = delayed(120, chat({ ...quotaHeaders({ remaining: 999, resetsIn: hour }), traceparent }));
    const rateLimit = { limit: 1000, remaining: 999, until: new Date(noon + hour) };
    const common = { method: "GET", path, attempt: 1 };
    const known = { durationMs: 120, status: 200, rateLimit, traceparent };
    expect(await getAttempts([slow])).toStrictEqual([{ ...common, ...known }]);
    expect(await getAttempts([chat()])).toStrictEqual([{ ...common, durationMs: 0, status: 200 }]);
  });

  it("is called after each attempt with the error and the delay until the next one", async () => {
    const common = { method: "GET", path, durationMs: 0 };
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
    expect(await getAttempts([noResponse], undefined, { maxRetries: 0 })).toStrictEqual([timedOut]);
    const error = new ConnectionError(context, "of the caller");
    const controller = new AbortController();
    setTimeout(() => controller.abort(error), 70);
    const attempts = await getAttempts([noResponse], (market) => market.getChat(1, { signal: controller.signal }));
    expect(attempts).toStrictEqual([{ ...common, durationMs: 70, error }]);
  });

  it("is called with the path without the page token, and before the retry delay", async () => {
    const onAttempt = vi.fn<(attempt: Attempt) => void>();
    const options = { onAttempt, baseUrl: "https://example.com/proxy/" };
    const { market } = createTestClient([apiError(503), page([])], options);
    const call = market.getChats({}, { pageToken: "secret?#/" });
    await settle();
    expect(onAttempt.mock.calls).toMatchObject([[{ method: "POST", path: "/proxy/v2/businesses/123456/chats" }]]);
    await runTimers(call);
  });

  it.each<[string, (attempt: Attempt) => unknown]>([
    ["throws", () => runInNewContext("throw new Error()")],
    ["rejects", async () => Promise.reject(new Error())],
    ["returns a thenable that throws", () => ({ then: () => runInNewContext("throw new Error()") })],
    ["modifies the attempt", (attempt) => Object.keys(attempt).forEach((key) => Reflect.set(attempt, key, undefined))],
  ])("that %s changes neither requests nor results", async (_, onAttempt) => {
    const run = async (options: Partial<ChatsClientOptions>) => {
      const responses = [apiError(503), congestion, chat(), apiError(404), quotaExhausted, chat()];
      const { market, requests } = createTestClient(responses, options);
      const settled = await runTimers(Promise.allSettled([1, 2, 3].map((id) => market.getChat(id))));
      return { settled, sent: requests.map(({ url, at }) => [url.search, at - (requests[0]?.at ?? 0)]) };
    };
    expect(await run({ onAttempt: onAttempt as () => void })).toEqual(await run({}));
  });
});

describe("Retry-After", () => {
  const wait = (status: number, value: string) => apiError(status, "", { "Retry-After": value });
  const inSeconds = (seconds: number) => new Date(noon + seconds * 1000).toUTCString();

  it.each<[string, Respond, number]>([
    ["a number of seconds", wait(503, "3"), 3000],
    ["a fraction of a second, shorter than the backoff", wait(503, "0.1"), 100],
    ["a date", wait(503, inSeconds(4)), 4000],
    ["0: the backoff", wait(503, "0"), 500],
    ["0 after congestion: the backoff", congested("0"), 100],
    ["almost 0 after congestion: half the backoff", congested("0.001"), 50],
    ["a number of seconds after congestion", congested("2"), 2000],
  ])("delays the retry: %s", async (_, respond, delay) => {
    const attempts: Attempt[] = [];
    const onAttempt = (attempt: Attempt) => void attempts.push(attempt);
    const { market, requests } = createTestClient([respond, chat()], { onAttempt });
    await runTimers(market.getChat(1));
    expect(requests.map(({ at }) => at - (requests[0]?.at ?? 0))).toEqual([0, delay]);
    expect(attempts.map(({ retryInMs }) => retryInMs)).toEqual([delay, undefined]);
  });

  function congested(value: string): Respond {
    return apiError(420, "4 parallel requests", { "Retry-After": value, "X-RateLimit-Resource-Remaining": "7" });
  }

  it.each([
    ["60", 2],
    ["61", 1],
    [inSeconds(61), 1],
    ["99999999999", 1],
  ])("beyond maxRateLimitWait rejects immediately: %s", async (value, expected) => {
    const { market, requests } = createTestClient([wait(503, value)], { maxRetries: 1 });
    expect(await getError(runTimers(market.getChat(1)), ApiError)).toMatchObject({ status: 503, attempts: expected });
    expect(requests).toHaveLength(expected);
    if (expected === 1) expect(Date.now()).toBe(noon);
  });

  it("counts toward maxRateLimitWait in total", async () => {
    const { market } = createTestClient([wait(429, "31")], { maxRetries: 5 });
    expect(await getError(runTimers(market.getChat(1)), ApiError)).toMatchObject({ attempts: 2 });
  });

  it.each([
    ["90", {}, 90_000],
    ["90", { resetsIn: 100_000 }, 100_000],
    ["99999999999999999", {}, 1e12],
  ])("of %s s is the retryAt of a RateLimitError, unless a later reset is: %j", async (value, quota, expected) => {
    const headers = { "Retry-After": value, ...("resetsIn" in quota ? quotaHeaders(quota) : {}) };
    const { market } = createTestClient([apiError(420, "per hour", headers)]);
    expect(await getError(market.getChat(1), RateLimitError)).toMatchObject({
      attempts: 1,
      retryAt: new Date(noon + expected),
    });
  });
});

describe("an apiKey function", () => {
  it("is called before every attempt, and not before", async () => {
    let calls = 0;
    const getKey = vi.fn(async () => Promise.resolve(`rotated-key-${(calls += 1)}`));
    const { market, requests } = createTestClient([apiError(503), chat()], { apiKey: getKey });
    market.listChats();
    expect(getKey).not.toHaveBeenCalled();
    await runTimers(market.getChat(1));
    await market.getChat(1);
    const keys = requests.map(({ headers }) => headers.get("Api-Key"));
    expect(keys).toEqual(["rotated-key-1", "rotated-key-2", "rotated-key-3"]);
  });

  it("is called again after a 401, and the request is repeated once if the key differs", async () => {
    const keys = ["expired-key", "current-key"];
    const getKey = vi.fn(() => keys.shift() ?? "current-key");
    const respond: Respond = (request) => {
      const isCurrent = request.headers.get("Api-Key") === "current-key";
      return (isCurrent ? chat() : apiError(401, "Api-Key token is revoked"))(request);
    };
    const attempts: Attempt[] = [];
    const options = { apiKey: getKey, maxRetries: 0, onAttempt: (attempt: Attempt) => void attempts.push(attempt) };
    const { market, requests } = createTestClient([respond], options);
    expect(await market.getChat(1)).toEqual(createChat(1));
    expect(requests.map(({ headers }) => headers.get("Api-Key"))).toEqual(["expired-key", "current-key"]);
    expect(attempts).toMatchObject([{ attempt: 1, status: 200 }]);
    await market.getChat(1);
    expect(getKey).toHaveBeenCalledTimes(3);
  });

  it.each<[string, () => ApiKey, number]>([
    ["the function returns the same key", () => () => apiKey, 1],
    ["the new key is rejected, too", () => vi.fn().mockReturnValueOnce("expired-key").mockReturnValue(apiKey), 2],
    ["the key is a string", () => apiKey, 1],
  ])("does not repeat a 401 forever: %s", async (_, createApiKey, count) => {
    const { market, requests } = createTestClient([apiError(401)], { apiKey: createApiKey() });
    expect(await getError(market.getChat(1), ApiError)).toMatchObject({ status: 401, attempts: 1 });
    expect(requests).toHaveLength(count);
  });

  it.each<[string, () => unknown, number]>([
    ["fails", () => Promise.reject(new Error("vault is sealed")), 0],
    ["does not settle", () => new Promise(() => undefined), 30_000],
    ["takes too long", () => new Promise((resolve) => setTimeout(resolve, 40_000, "a-late-key")), 40_000],
  ])("that %s after a 401 leaves the 401 as the result", async (_, getNewKey, duration) => {
    const getKey = vi.fn(getNewKey as () => Promise<string>).mockResolvedValueOnce(apiKey);
    const { market, requests } = createTestClient([apiError(401, "Api-Key token is revoked")], { apiKey: getKey });
    const error = await getError(runTimers(market.getChat(1)), ApiError);
    expect(error).toMatchObject({ status: 401, attempts: 1 });
    expect([requests.length, Date.now() - noon]).toEqual([1, duration]);
  });

  it("whose new key gets no response after a 401 leads to a TimeoutError", async () => {
    const getKey = vi.fn().mockReturnValueOnce("expired-key").mockReturnValue(apiKey);
    const { market } = createTestClient([apiError(401), noResponse], { apiKey: getKey, maxRetries: 0 });
    await getError(runTimers(market.getChat(1)), TimeoutError);
  });

  const failure = Object.assign(new Error("vault is sealed"), { code: "SEALED", key: apiKey });
  it("that rejects fails the call with its error as cause, without a retry", async () => {
    const getKey = async () => Promise.reject(failure);
    const { market, requests } = createTestClient([chat()], { apiKey: getKey, concurrency: 1 });
    for (const pageToken of [undefined, "B"]) {
      const error = await getError(market.getChats({}, { pageToken }), MarketError);
      expect(error).toMatchObject({ attempts: 1, cause: { message: "vault is sealed", code: "SEALED" } });
      expect(error.message).toContain("vault is sealed");
      expect([error.pageToken, "key" in (error.cause as object)]).toEqual([pageToken, false]);
    }
    expect(requests).toEqual([]);
  });
});

describe("a fetch that", () => {
  const throwing = (): never => {
    throw new Error("of the fetch");
  };
  const bare = { ok: true, status: 200, text: async () => JSON.stringify({ result: createChat(1) }) };

  it.each<[string, () => unknown]>([
    ["throws", throwing],
    ["returns undefined", () => undefined],
    ["returns a response without headers", () => ({ ...bare, headers: undefined })],
  ])("%s rejects the call with a MarketError, and releases the slot", async (_, respond) => {
    const script = [respond as Respond, respond as Respond, chat()];
    const { market } = createTestClient(script, { concurrency: 1, maxRetries: 0 });
    const params = { path: { businessId: 1 }, query: { chatId: 1 } };
    expect(await getRejection(market.getChat(1))).toBeInstanceOf(MarketError);
    const lowLevelCall = market.api.GET("/v2/businesses/{businessId}/chat", { params });
    expect(await getRejection(lowLevelCall)).toBeInstanceOf(MarketError);
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

  it("is missing rejects immediately, and the message names the option", async () => {
    vi.stubGlobal("fetch", undefined);
    const market = createChatsClient({ apiKey, businessId });
    const error = await getError(market.getChat(1), MarketError);
    expect(error).toMatchObject({ attempts: 1 });
    expect(error.message).toContain("set the option fetch");
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
    const large = { ...response, text: async () => " ".repeat(10_000_001) };
    await getError(createTestClient([() => large as never]).market.getChat(1), ResponseError);
    vi.stubGlobal("TextDecoder", undefined); // As in jsdom, before any body is read.
    vi.resetModules();
    const { createChatsClient: createAnother } = await import("../src/index.js");
    const fetch = async () => Response.json({ result: createChat(1) });
    expect(await createAnother({ apiKey, businessId, fetch }).getChat(1)).toEqual(createChat(1));
  });

  it("throws an error whose causes form a cycle rejects with a ConnectionError", async () => {
    const cyclic = new AggregateError([], "cyclic");
    Object.assign(cyclic, { cause: cyclic, errors: [cyclic] });
    const { market } = createTestClient([() => Promise.reject(cyclic)], { maxRetries: 0 });
    const error = await getError(market.getChat(1), ConnectionError);
    let depth = 0;
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) depth += 1;
    expect(depth).toBe(6);
  });
});
