/** Concurrency, quotas and the order of calls. The clock is fake, and jitter is off. */
import { describe, expect, it, vi } from "vitest";
import { ApiError, RateLimitError } from "../src/index.js";
import type { Respond } from "./support/fetch.js";
import {
  apiError,
  chat,
  congestion,
  connectionReset,
  createTestClient,
  delayed,
  page,
  quotaHeaders,
} from "./support/fetch.js";
import { getError, getRejection, noon, runTimers, settle, useFakeClock } from "./support/promises.js";

const second = 1000;
const hour = 3600 * second;

useFakeClock();

type TestClient = ReturnType<typeof createTestClient>;

const range = (length: number) => Array.from({ length }, (_, index) => index + 1);
const getIds = ({ requests }: Pick<TestClient, "requests">) =>
  requests.map(({ url }) => Number(url.searchParams.get("chatId")));
const getTimes = ({ requests }: Pick<TestClient, "requests">) => requests.map(({ at }) => at);
const getAll = ({ market }: TestClient, count: number) => Promise.all(range(count).map((id) => market.getChat(id)));

/** Evaluates the headers when the request arrives. */
const exhausted = (resetsIn: number, respond = chat): Respond => {
  return (request) => respond(quotaHeaders({ resetsIn }))(request);
};

/** Creates a client whose first response, already received, has exhausted the quota of getChat. */
async function createExhaustedClient(resetsIn: number, responses = [chat()], options = {}): Promise<TestClient> {
  const client = createTestClient([exhausted(resetsIn), ...responses], options);
  await client.market.getChat(1);
  return client;
}

describe("concurrency", () => {
  it.each([
    ["4 by default", {}, 4],
    ["7, since waiting for a slot is no rate limit wait", { concurrency: 7, maxRateLimitWait: 0 }, 7],
  ])("is reached and never exceeded, by all operations in order of arrival: %s", async (_, options, expected) => {
    const ids = range(100).map((index) => (index % 4 === 0 ? 0 : index));
    const responses = [page([]), chat(), apiError(404), connectionReset].map((respond) => delayed(20, respond));
    const script = ids.map((id) => responses[id % 4] as Respond);
    const { market, ...client } = createTestClient(script, { maxRetries: 0, ...options });
    await runTimers(Promise.allSettled(ids.map((id) => (id === 0 ? market.getChats() : market.getChat(id)))));
    expect(getTimes(client)).toEqual(ids.map((_, index) => 20 * Math.floor(index / expected)));
    expect(getIds(client)).toEqual(ids);
  });

  it("sends other calls during a retry delay, and retries before calls that arrived later", async () => {
    const script = [apiError(503), connectionReset, apiError(503)] as const;
    const client = createTestClient([...script, delayed(10 * second, chat())], { concurrency: 1 });
    await runTimers(getAll(client, 20));
    expect(getIds(client)).toEqual([1, 2, 3, 4, 1, 2, 3, ...range(20).slice(4)]);
    expect(getTimes(client).slice(0, 5)).toEqual([0, 0, 0, 0, 10 * second]);
  });
});

describe("after a 420 for concurrent requests the client", () => {
  /** Responds with congestion to the first requests, and after a second to the later ones. */
  function createCongestedClient(rejected: number, concurrency: number, response = chat()): TestClient {
    const script = range(rejected).map(() => delayed(10, congestion));
    return createTestClient([...script, delayed(second, response)], { concurrency });
  }

  it("halves its limit once per burst", async () => {
    const client = createCongestedClient(8, 8);
    await runTimers(getAll(client, 8));
    // The first four requests are sent together. Each success after that raises the limit by 1 / limit.
    expect(getTimes(client).slice(8)).toEqual([110, 110, 110, 110, 1110, 1110, 1110, 1110]);
  });

  it("halves its limit again when requests that were sent later are rejected", async () => {
    const client = createCongestedClient(8 + 4, 8);
    await runTimers(getAll(client, 8));
    expect(getTimes(client).filter((time) => time < second).length).toBe(8 + 4 + 2);
  });

  // 2 → 2.5 → 2.9 → 3.2 → 3.6 → 3.8 → 4.
  it.each([
    [200, "raises its limit by 1 / limit, up to concurrency", [2, 2, 3, 4, 4, 4]],
    [404, "raises its limit by 1 / limit, too", [2, 2, 3, 4, 4, 4]],
    [405, "does not raise its limit", [2, 2, 2, 2, 2, 2]],
  ])("with each response of status %i %s", async (status, _, expected) => {
    const client = createCongestedClient(4, 4, status === 200 ? chat() : apiError(status));
    await runTimers(Promise.allSettled(range(30).map((id) => client.market.getChat(id))));
    const times = getTimes(client).slice(4);
    const perRound = [...new Set(times)].map((time) => times.filter((other) => other === time).length);
    expect(perRound.slice(0, 6)).toEqual(expected);
    expect(Math.max(...perRound)).toBe(Math.max(...expected));
  });

  it("sends one request at a time at least", async () => {
    const client = createCongestedClient(6, 1);
    await runTimers(getAll(client, 2));
    expect(client.requests).toHaveLength(8);
  });

  it("does not count the attempt toward maxRetries, and still counts other failures", async () => {
    const script = [congestion, congestion, apiError(503), congestion];
    const recovering = createTestClient([...script, chat()], { maxRetries: 1 });
    await runTimers(recovering.market.getChat(1));
    expect(recovering.requests).toHaveLength(5);
    const failing = createTestClient([...script, apiError(503)], { maxRetries: 1 });
    expect(await getError(runTimers(failing.market.getChat(1)), ApiError)).toMatchObject({ attempts: 5 });
  });

  it.each([{ maxRetries: 0 }, { maxRateLimitWait: 0 }])("makes no further attempt with %j", async (options) => {
    const quota = quotaHeaders({ remaining: 7, resetsIn: hour }); // Says nothing about when to retry.
    const client = createTestClient([apiError(420, "4 parallel requests", quota), chat()], options);
    const error = await getError(runTimers(client.market.getChat(1)), RateLimitError);
    expect(error).toMatchObject({ status: 420, attempts: 1, retryAt: undefined });
    expect(client.requests).toHaveLength(1);
    await client.market.getChat(2);
  });

  it("sends no queued call during the delay", async () => {
    const client = createTestClient([congestion, delayed(10, chat())], { concurrency: 1 });
    await runTimers(getAll(client, 2));
    expect(getTimes(client)).toEqual([0, 100, 110]);
    expect(getIds(client)).toEqual([1, 1, 2]);
  });

  it("releases the slot of a call that is aborted during the delay", async () => {
    const client = createTestClient([congestion, chat()], { concurrency: 1 });
    const controller = new AbortController();
    const rejection = getRejection(client.market.getChat(1, { signal: controller.signal }));
    await settle();
    controller.abort();
    await rejection;
    await client.market.getChat(2);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("an exhausted quota", () => {
  it.each([
    [undefined, 60 * second, true],
    [undefined, 61 * second, false],
    [0, second, false],
    [2 * hour, hour, true],
  ])("with maxRateLimitWait %s and a reset in %i ms lets calls wait: %s", async (maxRateLimitWait, resetsIn, waits) => {
    const client = await createExhaustedClient(resetsIn, [chat()], { maxRateLimitWait });
    const call = client.market.getChat(2);
    if (waits) return void expect(await runTimers(call)).toMatchObject({ chatId: 2 });
    const error = await getError(call, RateLimitError);
    expect(error).toMatchObject({ status: 420, errors: [], attempts: 0, retryAt: new Date(noon + resetsIn) });
    expect(error.cause).toBeUndefined();
    expect(client.requests).toHaveLength(1);
  });

  it.each([
    ["420 about the quota, also if requests remain", 420, "1000 requests per 'hour'", 5],
    ["503, if no request remains", 503, "", 0],
  ])("delays the retry after a %s, as announced in onAttempt", async (_, status, message, remaining) => {
    const response = apiError(status, message, quotaHeaders({ resetsIn: 30 * second, remaining }));
    const client = createTestClient([response, chat()]);
    await runTimers(client.market.getChat(1));
    expect(client.attempts.map(({ retryInMs }) => retryInMs)).toEqual([30 * second, undefined]);
    expect(getTimes(client)).toEqual([0, 30 * second]);
  });

  it.each<[string, Record<string, string>, delay: number]>([
    ["no reset", {}, second],
    ["a reset that has passed, since dates have whole seconds", quotaHeaders({ resetsIn: 0 }), second],
    ["only Retry-After", { "Retry-After": "3" }, 3 * second],
    ["a Retry-After of more than a day", { "Retry-After": "86401" }, 0],
  ])("delays the queue after a 420 with %s", async (_, headers, delay) => {
    const exceeded = delayed(10, apiError(420, "1000 requests per 'hour'", headers));
    const client = createTestClient([exceeded, chat()], { concurrency: 1 });
    await runTimers(Promise.allSettled(range(3).map((id) => client.market.getChat(id))));
    expect(getTimes(client)).toEqual(delay === 0 ? [0, 10, 10] : [0, 10 + delay, 10 + delay, 10 + delay]);
  });

  it.each<[string, number, Record<string, string>, delay: number]>([
    ["without a reset, if little remains", 3, {}, 30 * second],
    ["without a reset, although much remains, as of a gateway", 900, {}, second],
    ["with Retry-After, which precedes", 3, { "Retry-After": "2" }, 2 * second],
  ])("keeps its reset after a 420 %s", async (_, remaining, headers, delay) => {
    const windows = [
      quotaHeaders({ remaining: 3, resetsIn: second }),
      quotaHeaders({ remaining, resetsIn: 30 * second }),
    ];
    const client = createTestClient([...windows.map(chat), apiError(420, "per hour", headers), chat()]);
    await getAll(client, 2);
    await runTimers(client.market.getChat(3));
    expect(getTimes(client)).toEqual([0, 0, 0, delay]);
  });

  it("without a valid reset fails a call after maxRetries", async () => {
    const client = createTestClient([apiError(420, "1000 requests per 'hour'")]);
    const error = await getError(runTimers(client.market.getChat(1)), RateLimitError);
    expect(error).toMatchObject({ attempts: 3, retryAt: undefined });
    expect(getTimes(client)).toEqual([0, 1000, 2000]);
  });

  it("rejects with the API error if the retry would have to wait too long", async () => {
    const client = createTestClient([apiError(420, "per hour", quotaHeaders({ resetsIn: hour }))]);
    const error = await getError(client.market.getChat(1), RateLimitError);
    expect(error).toMatchObject({ attempts: 1, errors: [{ message: "per hour" }], retryAt: new Date(noon + hour) });
  });

  it("that another call exhausts during a retry delay rejects with the error of the attempt as cause", async () => {
    const client = createTestClient([apiError(503), exhausted(hour)]);
    const rejection = getError(client.market.getChat(1), RateLimitError);
    await settle();
    await client.market.getChat(2);
    await vi.runAllTimersAsync();
    expect(await rejection).toMatchObject({ attempts: 1, retryAt: new Date(noon + hour), cause: { status: 503 } });
  });

  it("limits the total wait of a call over resets, retries and congestion", async () => {
    const script = [exhausted(30 * second), exhausted(20 * second, (headers) => apiError(503, "", headers))] as const;
    const client = createTestClient([...script, congestion], { maxRateLimitWait: 50_299 });
    await client.market.getChat(1);
    const error = await getError(runTimers(client.market.getChat(2)), RateLimitError);
    expect(error.attempts).toBe(3);
    expect(getTimes(client)).toEqual([0, 30_000, 50_000, 50_100]);
  });

  it("leaves the abort reason to a call whose signal has aborted before", async () => {
    const { market } = await createExhaustedClient(hour);
    expect(await getRejection(market.getChat(2, { signal: AbortSignal.abort("enough") }))).toBe("enough");
  });

  it.each([
    [60 * second, [0, 10, 30_020, 30_020, 30_020, 30_020], 30_020],
    [0, [0, 10], 20],
  ])("that a response reports delays waiting calls by %i ms at most", async (maxRateLimitWait, times, duration) => {
    const script = [delayed(10, chat()), delayed(10, exhausted(30 * second)), chat()];
    const client = createTestClient(script, { concurrency: 1, maxRateLimitWait });
    const outcomes = await runTimers(Promise.allSettled(range(6).map((id) => client.market.getChat(id))));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(times.length);
    expect(getTimes(client)).toEqual(times);
    expect(Date.now() - noon).toBe(duration);
  });

  it("delays only its own operation until its own reset, and takes no slot from others", async () => {
    const noChats = (headers = {}) => page([], undefined, headers);
    const script = [exhausted(50 * second), exhausted(20 * second, noChats), page([]), chat()];
    const client = createTestClient(script, { concurrency: 1 });
    await client.market.getChat(1);
    const waiting = client.market.getChat(2);
    await client.market.getChats();
    await runTimers(Promise.all([waiting, client.market.getChats()]));
    expect(getTimes(client)).toEqual([0, 0, 20 * second, 50 * second]);
  });

  it("is shared by low-level calls with different path parameters", async () => {
    const client = createTestClient([exhausted(hour)]);
    const params = { path: { businessId: 7 }, query: { chatId: 1 } };
    await client.market.api.GET("/v2/businesses/{businessId}/chat", { params });
    await getError(client.market.getChat(1), RateLimitError);
    expect(client.requests).toHaveLength(1);
  });
});

describe("a quota of which little remains", () => {
  it("allows as many concurrent requests as remain", async () => {
    const first = chat(quotaHeaders({ remaining: 2, resetsIn: hour }));
    const client = createTestClient([first, delayed(second, chat())], { maxRateLimitWait: 0 });
    await client.market.getChat(1);
    await runTimers(getAll(client, 6));
    // Responses without a quota do not change the number. Waiting for requests in flight is no rate limit wait.
    expect(getTimes(client)).toEqual([0, 0, 0, 1000, 1000, 2000, 2000]);
  });

  it("is used in order of arrival, also by a retry", async () => {
    const oneLeft = (respond = chat): Respond => {
      return (request) => respond(quotaHeaders({ remaining: 1, resetsIn: hour }))(request);
    };
    const failing = oneLeft((headers) => apiError(503, "", headers));
    const script = [delayed(10, failing), delayed(second, oneLeft()), delayed(100, oneLeft())];
    const client = createTestClient(script, { concurrency: 2 });
    await runTimers(getAll(client, 6));
    expect(getIds(client)).toEqual([1, 2, 1, 3, 4, 5, 6]);
  });

  it("allows a request again when one in flight fails without a response", async () => {
    const first = chat(quotaHeaders({ remaining: 1, resetsIn: 30 * second }));
    const client = createTestClient([first, delayed(100, connectionReset), chat()], { maxRetries: 0 });
    await client.market.getChat(1);
    const failing = getRejection(client.market.getChat(2));
    await runTimers(client.market.getChat(3));
    await failing;
    expect(getTimes(client)).toEqual([0, 0, 100]);
  });

  it.each([
    ["fewer remain in the later of two responses", "3 for 60 s, 0 for 60 s", false],
    ["fewer remain in the earlier of two responses of one window", "0 for 60 s, 3 for 60 s", false],
    ["the resets of one window differ by a second", "0 for 60 s, 3 for 61 s", false],
    ["a later window begins with some", "0 for 60 s, 3 for 120 s", true],
    ["a later window begins with many", "0 for 60 s, 900 for 120 s", true],
    ["a later window begins with none", "3 for 60 s, 0 for 120 s", false],
    ["an earlier window had some", "0 for 120 s, 3 for 60 s", false],
    ["a later response has no valid reset", "0 for 60 s, 3 for 0 s", false],
  ])("is tracked across responses: %s", async (_, responses, isOpen) => {
    const script = responses.split(", ").map((response, index): Respond => {
      const [remaining, seconds] = response.split(" for ").map(parseFloat);
      return delayed(index, (request) =>
        chat(quotaHeaders({ remaining: remaining ?? 0, resetsIn: (seconds ?? 0) * second }))(request),
      );
    });
    const client = createTestClient([...script, chat()], { maxRateLimitWait: 0 });
    await runTimers(getAll(client, script.length));
    const next = client.market.getChat(9);
    if (isOpen) await next;
    else await getError(next, RateLimitError);
  });

  it.each([
    [60, 61],
    [61, 60],
  ])("resets at the earliest time that responses of the window report: in %i s, in %i s", async (...times) => {
    const script = times.map((time): Respond => exhausted(time * second));
    const client = createTestClient([...script, chat()], { maxRateLimitWait: 0 });
    await getAll(client, 2);
    const { retryAt } = await getError(client.market.getChat(3), RateLimitError);
    expect(retryAt).toEqual(new Date(noon + 60 * second));
  });
});

describe("the reset of a quota", () => {
  it("is recognized if the clock is set back", async () => {
    const client = await createExhaustedClient(50 * second);
    const call = client.market.getChat(2);
    await settle();
    vi.setSystemTime(noon - hour);
    await runTimers(call);
    expect(getTimes(client)).toEqual([0, 50 * second]);
  });

  it("is measured from the response head, not from the end of the body", async () => {
    const slowBody: Respond = () => {
      const start = (controller: ReadableStreamDefaultController) => {
        controller.enqueue(new TextEncoder().encode('{"result":{"chatId":1}}'));
        setTimeout(() => controller.close(), 10 * second);
      };
      return new Response(new ReadableStream({ start }), { headers: quotaHeaders({ resetsIn: 30 * second }) });
    };
    const client = createTestClient([slowBody, chat()]);
    await runTimers(client.market.getChat(1));
    await runTimers(client.market.getChat(2));
    expect(getTimes(client)).toEqual([0, 30 * second]);
  });
});
