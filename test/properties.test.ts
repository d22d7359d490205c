/** Properties that hold for random chats, faults, responses, aborts and limits, over real HTTP. */
import { getEventListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Chat, type ChatsClient, createChatsClient, MarketError, RateLimitError } from "../src/index.js";
import { type Fault, type FaultMatch, type MarketServer, startMarketServer } from "../src/testing/index.js";
import { type Clock, startClock } from "./support/clock.js";
import { businessId } from "./support/fetch.js";
import { collect } from "./support/promises.js";

vi.setConfig({ testTimeout: 60_000 });

let clock: Clock;

beforeEach(() => void (clock = startClock()));
afterEach(() => clock[Symbol.dispose]());

const expire = () => setImmediate(() => clock.expireTimeouts()) !== undefined;
const limitMessages = ["Hit rate limit of 4 parallel requests", "Hit rate limit of 9 requests per '1 hours'"];

const places = ["head", "body"] as const;
const faults: [Fault, FaultMatch?][] = [
  ...[200, 400, 404, 408, 420, 429, 499, 500, 503].map((status): [Fault] => [{ kind: "status", status }]),
  ...["", "{", "null", "[]", '{"status":"OK"}'].map((body): [Fault] => [{ kind: "body", body }]),
  ...limitMessages.map((message): [Fault] => [{ kind: "status", status: 420, errors: [{ code: "A", message }] }]),
  ...places.map((where): [Fault] => [{ kind: "cut", where }]),
  ...places.map((where): [Fault, FaultMatch] => [{ kind: "delay", where, milliseconds: 600_000 }, { when: expire }]),
  [{ kind: "cut", where: "before" }],
  [{ kind: "status", status: 500, body: "<html>" }],
  [{ kind: "html" }],
  [{ kind: "unsafeInteger" }],
  [{ kind: "redirect", location: "/" }],
  [{ kind: "delay", milliseconds: 2 }],
];
const anyFault = fc.constantFrom(...faults);

const anyCount = fc.integer({ min: 1, max: 40 });
const anyConcurrency = fc.integer({ min: 1, max: 4 });

const getAll = (market: ChatsClient, { chats }: MarketServer) =>
  Promise.allSettled(chats.map(({ chatId }) => market.getChat(chatId)));

describe("listChats", () => {
  const anyIntegration = fc.record({
    limit: fc.integer({ min: 1, max: 25 }),
    prefetch: fc.boolean(),
    concurrency: anyConcurrency,
    maxRetries: fc.integer({ min: 0, max: 2 }),
    /** Number of pages after which each run is stopped. Later runs continue to the end. */
    stops: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 4 }),
  });

  it("yields every chat once and in order, through faults and restarts", async () => {
    const scenario = [fc.nat({ max: 70 }), anyIntegration, fc.array(anyFault, { maxLength: 12 })] as const;
    await fc.assert(
      fc.asyncProperty(...scenario, async (chats, { limit, prefetch, stops, ...options }, faults) => {
        await using server = await startMarketServer({ chats });
        for (const [fault, match] of faults) server.queueFault(fault, match);
        const seen: Chat[] = [];
        let pageToken: string | undefined;
        for (let run = 0, isComplete = false; !isComplete; run += 1) {
          expect(run, "every run should make progress").toBeLessThan(50);
          const market = createChatsClient({ ...server, ...options });
          let pages = 0;
          try {
            for await (const { chats, paging } of market.listChats({}, { limit, prefetch, pageToken }).pages()) {
              seen.push(...chats);
              pageToken = paging?.nextPageToken;
              if ((pages += 1) === stops[run]) break;
            }
            isComplete = pageToken === undefined;
          } catch (error) {
            if (!(error instanceof MarketError)) throw error;
            pageToken = error.pageToken;
          }
        }
        expect(seen).toEqual(server.chats);
        expect(clock.pending).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});

describe("any response", () => {
  const params = { path: { businessId }, query: { chatId: 1 } };
  const calls: Record<string, [(market: ChatsClient) => Promise<unknown>, (body: { result: unknown }) => unknown]> = {
    getChat: [(market) => market.getChat(1), ({ result }) => result],
    getChats: [(market) => market.getChats(), ({ result }) => result],
    listChats: [(market) => collect(market.listChats()), ({ result }) => (result as { chats: Chat[] }).chats],
    "api.GET": [
      async ({ api }) => (await api.GET("/v2/businesses/{businessId}/chat", { params })).data,
      (body) => body,
    ],
  };
  const anyPaging = fc.record({ nextPageToken: fc.jsonValue() });
  const anyPage = fc.record({ chats: fc.array(fc.jsonValue()), paging: fc.oneof(anyPaging, fc.jsonValue()) });
  const anyResult = fc.record({
    status: fc.constantFrom("OK", "ERROR", "?", undefined),
    result: fc.oneof(anyPage, fc.jsonValue()),
    errors: fc.oneof(fc.array(fc.record({ code: fc.jsonValue(), message: fc.jsonValue() })), fc.jsonValue()),
  });
  const anyJson = anyResult.map((body) => JSON.stringify(body));
  const anyBody = fc.oneof(anyJson, fc.json(), fc.string({ unit: "binary" }));
  // `fetch` itself repeats a request after a 421.
  const anyOther = fc.integer({ min: 200, max: 999 }).filter((status) => ![204, 205, 304, 421].includes(status));
  const anyStatus = fc.oneof(fc.constant(200), anyOther);

  it.each(Object.entries(calls))("to %s leads to its result or a MarketError", async (name, [call, getExpected]) => {
    await using server = await startMarketServer({ quota: { getChat: 1e9, getChats: 1e9 } });
    const market = createChatsClient({ ...server, maxRetries: 0 });
    await fc.assert(
      fc.asyncProperty(anyStatus, anyBody, async (status, body) => {
        server.queueFault({ kind: "status", status, body });
        const [outcome] = await Promise.allSettled([call(market)]);
        if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(MarketError);
        else if (status < 300) expect(outcome.value).toEqual(getExpected(JSON.parse(body) as { result: unknown }));
        else expect([name, outcome.value]).toEqual(["api.GET", undefined]);
      }),
    );
  });
});

it("a quota is never exceeded: calls wait, or reject if they must not", async () => {
  const clockOffset = fc.integer({ min: -86_400_000, max: 86_400_000 });
  // Longer than windowTolerance in gate.ts: the client takes shorter windows of a server for one. Those of the API
  // last minutes or hours.
  const quotaPeriod = fc.integer({ min: 3000, max: 9000 });
  const scenario = [anyCount, anyConcurrency, fc.nat({ max: 20 }), quotaPeriod, clockOffset, fc.boolean()] as const;
  await fc.assert(
    fc.asyncProperty(...scenario, async (chats, concurrency, spare, period, offset, mayWait) => {
      const quota = concurrency + spare; // The first requests are sent before the client knows the quota.
      const options = { chats, quota: { getChat: quota }, clockOffset: offset };
      await using server = await startMarketServer({ ...options, ...(mayWait && { quotaPeriod: period }) });
      const maxRateLimitWait = mayWait ? 2 ** 31 - 1 : 0;
      const settled = await getAll(createChatsClient({ ...server, concurrency, maxRateLimitWait }), server);
      const rejected = settled.flatMap((outcome): unknown[] => ("reason" in outcome ? [outcome.reason] : []));
      expect(rejected).toHaveLength(mayWait ? 0 : Math.max(0, chats - quota));
      for (const error of rejected) {
        expect(error).toBeInstanceOf(RateLimitError);
        expect(error).toMatchObject({ attempts: 0, retryAt: expect.any(Date) as Date });
      }
      expect(new Set(server.requests.map(({ status }) => status))).toEqual(new Set([200]));
    }),
    { numRuns: 40 },
  );
});

it("aborts at any time leave the results of other calls unchanged, and leave nothing behind", async () => {
  const anyCall = fc.record({ index: fc.nat(9), abortAfter: fc.option(fc.integer({ min: 0, max: 12 })) });
  const anyCalls = fc.array(anyCall, { minLength: 1, maxLength: 25 });
  const scenario = [anyCalls, anyConcurrency, fc.array(anyFault, { maxLength: 5 })] as const;
  const reason = new Error("enough");
  await fc.assert(
    fc.asyncProperty(...scenario, async (calls, concurrency, faults) => {
      await using server = await startMarketServer({ chats: 10, latency: 1, parallelLimit: Infinity });
      for (const [fault, match] of faults) server.queueFault(fault, match);
      const market = createChatsClient({ ...server, concurrency });
      const check = async ({ index, abortAfter }: { index: number; abortAfter: number | null }) => {
        const controller = new AbortController();
        const chat = server.chats[index] as Chat;
        if (abortAfter !== null) void sleep(abortAfter).then(() => controller.abort(reason));
        const result: unknown = await market
          .getChat(chat.chatId, { signal: controller.signal })
          .catch((error: unknown) => error);
        const isExpected = result instanceof MarketError || (abortAfter !== null && result === reason);
        if (!isExpected) expect(result).toEqual(chat);
        expect(getEventListeners(controller.signal, "abort")).toEqual([]);
      };
      await Promise.all(calls.map(check));
      expect(clock.pending).toBe(0);
      // All slots are free. An exhausted quota, which a fault may have reported, rejects.
      expect(await getAll(market, server)).toHaveLength(10);
    }),
    { numRuns: 30 },
  );
});
