/** What holds whatever happens: random chats, tokens, faults, answers, aborts and limits, over real HTTP. */
import { getEventListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  ApiError,
  type Chat,
  chatContextTypes,
  type ChatsClient,
  type ChatsFilter,
  chatStatuses,
  chatTypes,
  createChatsClient,
  MarketError,
  RateLimitError,
  ResponseError,
} from "../src/index.js";
import {
  type Fault,
  type FaultMatch,
  type MarketServer,
  sampleChats,
  startMarketServer,
} from "../src/testing/index.js";
import { type Clock, startClock } from "./faults/clock.js";
import { answer, answerError, answerJson, type Deed, healthy, reset, startWire } from "./faults/wire.js";
import { aChat, apiKey, businessId } from "./support/fetch.js";
import { collect, rejectionOf } from "./support/settling.js";

vi.setConfig({ testTimeout: 120_000 });

let clock: Clock;

beforeEach(() => {
  clock = startClock();
});

afterEach(() => {
  clock[Symbol.dispose]();
});

/** Some values of a list, none of them twice. */
function someOf<Value>(values: readonly Value[]): fc.Arbitrary<Value[]> {
  return fc.subarray([...values], { minLength: 1 });
}

const aFilter: fc.Arbitrary<ChatsFilter> = fc.record(
  { statuses: someOf(chatStatuses), types: someOf(chatTypes), contextTypes: someOf(chatContextTypes) },
  { requiredKeys: [] },
);

/** The documented meaning of a filter: its lists narrow each other down. */
function fits({ statuses, types, contextTypes }: ChatsFilter) {
  return (chat: Chat): boolean =>
    (statuses?.includes(chat.status) ?? true) &&
    (types?.includes(chat.type) ?? true) &&
    (contextTypes?.includes(chat.context.type) ?? true);
}

/** What the server does to a request. None of it looks like a good answer, and none of it lasts. */
const aFault: fc.Arbitrary<[Fault, FaultMatch?]> = fc.oneof(
  fc
    .constantFrom(400, 401, 404, 408, 420, 423, 429, 499, 500, 502, 503, 504, 200)
    .map((status): [Fault] => [{ kind: "status", status }]),
  fc
    .tuple(fc.constantFrom(400, 420, 500), fc.constantFrom("", "<html>", "null", '{"errors":[{"code":'))
    .map(([status, body]): [Fault] => [{ kind: "status", status, body }]),
  fc
    .constantFrom("Hit rate limit of 4 parallel requests", "Hit rate limit of 9 requests per '1 hours'")
    .map((message): [Fault] => [{ kind: "status", status: 420, errors: [{ code: "METHOD_FAILURE", message }] }]),
  fc
    .constantFrom<["before", "head", "body"][number][]>("before", "head", "body")
    .map((where): [Fault] => [{ kind: "cut", where }]),
  fc
    .tuple(fc.constantFrom<"head" | "body">("head", "body"), fc.integer({ min: 0, max: 3 }))
    .map(([where, milliseconds]): [Fault] => [{ kind: "delay", where, milliseconds }]),
  // A delay that outlasts the client's timeout, which comes as soon as the request is there.
  fc
    .constantFrom<"head" | "body">("head", "body")
    .map((where): [Fault, FaultMatch] => [
      { kind: "delay", where, milliseconds: 600_000 },
      { when: () => setImmediate(() => clock.expire()) !== undefined },
    ]),
  fc
    .constantFrom("", "{", "null", "[]", "{}", '"OK"', '{"status":"OK"}', '{"result":null}')
    .map((body): [Fault] => [{ kind: "body", body }]),
  fc
    .constantFrom<(301 | 302 | 303 | 307 | 308)[]>(301, 302, 303, 307, 308)
    .map((status): [Fault] => [{ kind: "redirect", status, location: "/v2/businesses/123456/chats" }]),
  fc
    .constantFrom<Fault[]>({ kind: "html" }, { kind: "unsafeInteger" }, { kind: "repeatToken" })
    .map((fault): [Fault] => [fault]),
);

interface Integration {
  readonly filter: ChatsFilter;
  readonly limit: number;
  readonly prefetch: boolean;
  readonly concurrency: number;
  readonly maxRetries: number;
  /** After how many pages each of its runs is stopped. Those that follow go on to the end. */
  readonly stops: readonly number[];
}

const anIntegration: fc.Arbitrary<Integration> = fc.record({
  filter: aFilter,
  limit: fc.integer({ min: 1, max: 25 }),
  prefetch: fc.boolean(),
  concurrency: fc.integer({ min: 1, max: 4 }),
  maxRetries: fc.integer({ min: 0, max: 2 }),
  stops: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 4 }),
});

/**
 * Lists all chats as an integration does that is stopped now and then, and fails now and then: with what it has kept
 * of the last run it starts the next one, which is another process.
 */
async function listInRuns(
  server: { baseUrl: string; apiKey: string; businessId: number },
  { filter, limit, prefetch, stops, ...options }: Integration,
  onPage: () => void = () => {},
): Promise<Chat[]> {
  const listed: Chat[] = [];
  let pageToken: string | undefined;
  for (let run = 0; ; run += 1) {
    expect(run, "every run should get on").toBeLessThan(50);
    const market = createChatsClient({ ...server, ...options });
    let pages = 0;
    try {
      for await (const page of market.listChats(filter, { limit, prefetch, pageToken }).pages()) {
        listed.push(...page.chats);
        onPage();
        pages += 1;
        pageToken = page.paging?.nextPageToken;
        if (pages === stops[run]) {
          break;
        }
      }
      if (pageToken === undefined) {
        return listed;
      }
    } catch (error) {
      expect(error).toBeInstanceOf(MarketError);
      pageToken = (error as MarketError).pageToken;
    }
  }
}

describe("a listing", () => {
  it("gives every chat once and in order, through any faults and any number of runs", async () => {
    const aScenario = fc.record({
      count: fc.integer({ min: 0, max: 70 }),
      integration: anIntegration,
      faults: fc.array(aFault, { maxLength: 15 }),
    });
    await fc.assert(
      fc.asyncProperty(aScenario, async ({ count, integration, faults }) => {
        await using server = await startMarketServer({ chats: count });
        for (const [fault, match] of faults) {
          server.queueFault(fault, match);
        }
        expect(await listInRuns(server, integration)).toEqual(sampleChats(count).filter(fits(integration.filter)));
        expect(clock.pending).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  it("gives every chat that was there once and in order, whatever is added meanwhile", async () => {
    const additions = fc.array(fc.record({ count: fc.integer({ min: 1, max: 30 }), place: fc.nat() }), {
      maxLength: 8,
    });
    const faults = fc.array(aFault, { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(anIntegration, additions, faults, async (integration, added, queued) => {
        await using server = await startMarketServer({ chats: 60 });
        for (const [fault, match] of queued) {
          server.queueFault(fault, match);
        }
        const before = [...server.chats];
        let skip = before.length;
        const [...batches] = added;
        const listed = await listInRuns(server, integration, () => {
          const { count = 0, place = 0 } = batches.shift() ?? {};
          server.chats.splice(place % (server.chats.length + 1), 0, ...sampleChats(count, { skip }));
          skip += count;
        });
        const isNew = ({ chatId }: Chat) => !before.some((chat) => chat.chatId === chatId);
        expect(listed.filter((chat) => !isNew(chat))).toEqual(before.filter(fits(integration.filter)));
        expect(new Set(listed.map(({ chatId }) => chatId)).size).toBe(listed.length);
      }),
      { numRuns: 60 },
    );
  });

  /** A book of one chat a page. From each page but the last a token leads on to the next one. */
  function book(tokens: readonly string[], isBroken: (page: number) => boolean = () => false): Deed {
    return (response, request) => {
      const token = request.url.searchParams.get("page_token");
      const page = token === null ? 0 : tokens.indexOf(token) + 1;
      const nextPageToken = tokens[page];
      const result = { chats: [aChat(page + 1)], ...(nextPageToken !== undefined && { paging: { nextPageToken } }) };
      const deed =
        token !== null && page === 0
          ? answerError(400, "BAD_REQUEST", "Bad page token")
          : isBroken(page)
            ? answerError(404, "NOT_FOUND", "This page has been torn out")
            : answerJson(200, { status: "OK", result });
      deed(response, request);
    };
  }

  it("sends any page token back as it came, and hands it out with an error to go on from", async () => {
    const anyTokens = fc.uniqueArray(fc.string({ unit: "binary", minLength: 1, maxLength: 60 }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(anyTokens, fc.nat({ max: 8 }), fc.boolean(), async (tokens, brokenPage, prefetch) => {
        let isBroken = true;
        await using wire = await startWire(book(tokens, (page) => isBroken && page === brokenPage));
        const market = createChatsClient({ apiKey, businessId, baseUrl: wire.baseUrl });
        const seen: number[] = [];
        const list = async (pageToken?: string) => {
          for await (const { chatId } of market.listChats({}, { pageToken, prefetch })) {
            seen.push(chatId);
          }
        };
        if (brokenPage <= tokens.length) {
          const error = await rejectionOf(list());
          expect(error).toBeInstanceOf(ApiError);
          const { pageToken } = error as ApiError;
          expect(pageToken).toBe(brokenPage === 0 ? undefined : tokens[brokenPage - 1]);
          isBroken = false;
          await list(pageToken);
        } else {
          await list();
        }
        expect(seen).toEqual([...tokens.keys(), tokens.length].map((page) => page + 1));
      }),
      { numRuns: 100 },
    );
  });

  it("takes no page token that a URL cannot carry", async () => {
    const anyText = fc.array(fc.integer({ min: 0xd000, max: 0xdfff }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(anyText, async (units) => {
        const token = String.fromCharCode(...units);
        await using wire = await startWire(book([token]));
        const market = createChatsClient({ apiKey, businessId, baseUrl: wire.baseUrl });
        const listing = collect(market.listChats());
        await (canBeSent(token)
          ? expect(listing).resolves.toHaveLength(2)
          : expect(listing).rejects.toThrow(ResponseError));
      }),
      { numRuns: 100 },
    );
  });

  function canBeSent(token: string): boolean {
    try {
      return encodeURIComponent(token) !== "";
    } catch {
      return false;
    }
  }
});

/** A way to ask for something, and what it gives of the body of an answer with status 200. */
interface Way {
  readonly call: (market: ChatsClient) => Promise<unknown>;
  readonly gives: (body: { result: { chats: unknown } }) => unknown;
}

const path = { businessId };

const ways: Record<string, Way> = {
  getChat: { call: (market) => market.getChat(1), gives: ({ result }) => result },
  getChats: { call: (market) => market.getChats(), gives: ({ result }) => result },
  listChats: { call: (market) => collect(market.listChats()), gives: ({ result }) => result.chats },
  "api.GET": {
    async call({ api }) {
      const query = { chatId: 1 };
      const { data, error, response } = await api.GET("/v2/businesses/{businessId}/chat", { params: { path, query } });
      return response.ok ? data : error;
    },
    gives: (body) => body,
  },
  "api.POST": {
    async call({ api }) {
      const { data, error, response } = await api.POST("/v2/businesses/{businessId}/chats", {
        params: { path },
        body: {},
      });
      return response.ok ? data : error;
    },
    gives: (body) => body,
  },
};

describe("an answer", () => {
  const aResult = fc.record(
    {
      status: fc.constantFrom("OK", "ERROR", "?"),
      result: fc.oneof(
        fc.record({ chats: fc.array(fc.jsonValue()), paging: fc.jsonValue() }, { requiredKeys: [] }),
        fc.record({ chats: fc.jsonValue(), paging: fc.record({ nextPageToken: fc.jsonValue() }) }),
        fc.jsonValue(),
      ),
      errors: fc.oneof(fc.array(fc.record({ code: fc.jsonValue(), message: fc.jsonValue() })), fc.jsonValue()),
    },
    { requiredKeys: [] },
  );
  const aBody = fc.oneof(
    fc.json(),
    aResult.map((body) => JSON.stringify(body)),
    fc.string({ unit: "binary" }),
  );
  const aStatus = fc.oneof(
    { weight: 2, arbitrary: fc.constant(200) },
    { weight: 1, arbitrary: fc.integer({ min: 200, max: 999 }).filter((status) => ![204, 205, 304].includes(status)) },
  );
  const aType = fc.constantFrom("application/json", "text/html", "", "; charset=?", "multipart/form-data");

  it.each(Object.entries(ways))(
    "to %s of any kind gives its result, or a MarketError",
    async (name, { call, gives }) => {
      await using wire = await startWire();
      const market = createChatsClient({ apiKey, businessId, baseUrl: wire.baseUrl, maxRetries: 0 });
      await fc.assert(
        fc.asyncProperty(aStatus, aBody, aType, async (status, body, type) => {
          wire.script = [answer(status, body, { "Content-Type": type })];
          const [outcome] = await Promise.allSettled([call(market)]);
          if (outcome.status === "rejected") {
            expect(outcome.reason).toBeInstanceOf(MarketError);
            expect((outcome.reason as MarketError).message).toMatch(/^(getChats?|GET \/\S+|POST \/\S+): \S/);
          } else if (status < 300) {
            expect(outcome.value).toEqual(gives(JSON.parse(body) as { result: { chats: unknown } }));
          } else {
            expect(name).toMatch(/^api/); // The others throw.
            expect(outcome.value).toEqual(parsed(body));
          }
        }),
        { numRuns: 150 },
      );
    },
  );

  /** The body of an error as openapi-fetch gives it. */
  function parsed(body: string): unknown {
    try {
      return JSON.parse(body);
    } catch {
      return body.replace(/^\ufeff/, "") || undefined;
    }
  }

  it("with an error keeps the Market's words, all of them", async () => {
    const words = fc.array(
      fc.record(
        { code: fc.string({ unit: "binary" }), message: fc.string({ unit: "binary" }) },
        { requiredKeys: ["code"] },
      ),
    );
    const status = fc.integer({ min: 400, max: 599 }).filter((number) => number !== 407);
    await using wire = await startWire();
    const market = createChatsClient({ apiKey, businessId, baseUrl: wire.baseUrl, maxRetries: 0 });
    await fc.assert(
      fc.asyncProperty(
        status,
        words,
        fc.constantFrom(...Object.entries(ways)),
        async (number, errors, [name, { call }]) => {
          const body = { status: "ERROR", errors };
          wire.script = [answerJson(number, body)];
          if (name.startsWith("api")) {
            expect(await call(market)).toEqual(body);
            return;
          }
          const error = (await rejectionOf(call(market))) as ApiError;
          expect(error).toBeInstanceOf(ApiError);
          expect({ status: error.status, errors: error.errors }).toEqual({ status: number, errors });
          for (const text of errors.flatMap(({ code, message = "" }) => [code, message])) {
            expect(error.message).toContain(text);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe("the attempts of a call", () => {
  const outcomes: Record<string, { deed: Deed; isRetried: boolean }> = {
    answer: { deed: healthy, isRetried: false },
    ...Object.fromEntries(
      [400, 401, 404, 423, 499].map((status) => [status, { deed: answerError(status, "A", ""), isRetried: false }]),
    ),
    html: { deed: answer(200, "<html>"), isRetried: false },
    redirect: { deed: answer(307, ""), isRetried: false },
    ...Object.fromEntries(
      [408, 420, 429, 500, 503, 599].map((status) => [status, { deed: answerError(status, "A", ""), isRetried: true }]),
    ),
    reset: { deed: reset, isRetried: true },
  };

  it("end with the first answer that is not worth another one, or when there have been enough", async () => {
    const names = fc.array(fc.constantFrom(...Object.keys(outcomes)), { minLength: 1, maxLength: 8 });
    const retries = fc.nat({ max: 5 });
    await fc.assert(
      fc.asyncProperty(names, retries, fc.option(retries), async (sequence, ofClient, ofCall) => {
        const script = sequence.map((name) => outcomes[name] ?? { deed: healthy, isRetried: false });
        await using wire = await startWire(...script.map(({ deed }) => deed), healthy);
        const attempts: number[] = [];
        const market = createChatsClient({
          apiKey,
          businessId,
          baseUrl: wire.baseUrl,
          maxRetries: ofClient,
          onAttempt: ({ attempt }) => void attempts.push(attempt),
        });
        const outcome: unknown = await market
          .getChat(1, ofCall === null ? {} : { maxRetries: ofCall })
          .catch((error) => error);

        const last = script.findIndex(({ isRetried }) => !isRetried);
        const expected = Math.min((last === -1 ? script.length : last) + 1, (ofCall ?? ofClient) + 1);
        expect(wire.requests).toHaveLength(expected);
        expect(attempts).toEqual(Array.from({ length: expected }, (_, index) => index + 1));
        const isAnswered = (sequence[expected - 1] ?? "answer") === "answer";
        expect(outcome).toEqual(isAnswered ? aChat(1) : expect.objectContaining({ attempts: expected }));
      }),
      { numRuns: 150 },
    );
  });
});

describe("the limits", () => {
  /** Asks for each of the server's chats, all at once, and gives what became of the calls. */
  function askForAll(market: ChatsClient, { chats }: MarketServer): Promise<PromiseSettledResult<Chat>[]> {
    return Promise.allSettled(chats.map(({ chatId }) => market.getChat(chatId)));
  }

  const count = fc.integer({ min: 1, max: 40 });
  const concurrency = fc.integer({ min: 1, max: 6 });

  it("on requests at once are kept, whatever goes wrong with them", async () => {
    const latency = fc.integer({ min: 0, max: 2 });
    await fc.assert(
      fc.asyncProperty(
        count,
        concurrency,
        latency,
        fc.array(aFault, { maxLength: 10 }),
        async (chats, places, delay, faults) => {
          await using server = await startMarketServer({ chats, parallelLimit: places, latency: delay });
          for (const [fault] of faults) {
            if (isNoMatterOfLimits(fault)) {
              server.queueFault(fault);
            }
          }
          const market = createChatsClient({ ...server, concurrency: places });
          const listing = collect(market.listChats({}, { prefetch: true })).catch(() => []);
          const settled = await askForAll(market, server);
          await listing;
          settled.forEach((outcome, index) => {
            expect("value" in outcome ? outcome.value : server.chats[index]).toEqual(server.chats[index]);
            expect("reason" in outcome ? outcome.reason : undefined).toEqual(
              "reason" in outcome ? expect.any(MarketError) : undefined,
            );
          });
          expect(settled.filter(({ status }) => status === "rejected").length).toBeLessThanOrEqual(faults.length);
          expect(server.peakParallel).toBeLessThanOrEqual(places);
          expect(server.requests.filter(({ status }) => status === 420)).toEqual([]);
        },
      ),
      { numRuns: 50 },
    );
  });

  /** A 420 would be taken for the server's own, and what times out is in flight at the server for longer than here. */
  function isNoMatterOfLimits(fault: Fault): boolean {
    return !(fault.kind === "status" && fault.status === 420) && !(fault.kind === "delay" && fault.milliseconds > 10);
  }

  it("on requests in a period are never run into: the client stops before, and says until when", async () => {
    await fc.assert(
      fc.asyncProperty(count, concurrency, fc.nat({ max: 40 }), async (chats, places, spare) => {
        const quota = places + spare; // The first ones go out before anything is known.
        await using server = await startMarketServer({ chats, quota: { getChat: quota } });
        const market = createChatsClient({ ...server, concurrency: Math.min(places, 4), maxRateLimitWait: 0 });
        const settled = await askForAll(market, server);
        const refusals = settled.flatMap((outcome): unknown[] => ("reason" in outcome ? [outcome.reason] : []));
        expect(refusals).toHaveLength(Math.max(0, chats - quota));
        for (const refusal of refusals) {
          expect(refusal).toBeInstanceOf(RateLimitError);
          expect(refusal).toMatchObject({ attempts: 0, retryAt: expect.any(Date) as Date });
        }
        expect(server.requests.map(({ status }) => status)).toEqual(Array(Math.min(chats, quota)).fill(200));
      }),
      { numRuns: 60 },
    );
  });

  it("on requests in a period are waited for, and every call gets its answer", async () => {
    const clockOffset = fc.integer({ min: -86_400_000, max: 86_400_000 });
    const quotaPeriod = fc.integer({ min: 1000, max: 5000 });
    await fc.assert(
      fc.asyncProperty(
        count,
        concurrency,
        fc.nat({ max: 5 }),
        quotaPeriod,
        clockOffset,
        async (chats, places, spare, period, offset) => {
          const options = { chats, quota: { getChat: places + spare }, quotaPeriod: period, clockOffset: offset };
          await using server = await startMarketServer(options);
          const market = createChatsClient({ ...server, concurrency: Math.min(places, 4) });
          const settled = await askForAll(market, server);
          expect(settled).toEqual(server.chats.map((value) => ({ status: "fulfilled", value })));
          expect(server.requests.map(({ status }) => status)).toEqual(Array(chats).fill(200));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("calls that are aborted", () => {
  it("at any time leave the others their answers, and nothing else", async () => {
    const aCall = fc.record({ chat: fc.nat({ max: 9 }), abortAfter: fc.option(fc.integer({ min: 0, max: 12 })) });
    const someCalls = fc.array(aCall, { minLength: 1, maxLength: 25 });
    const faults = fc.array(aFault, { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(someCalls, fc.integer({ min: 1, max: 4 }), faults, async (called, concurrency, queued) => {
        await using server = await startMarketServer({ chats: 10, latency: 1, parallelLimit: Infinity });
        for (const [fault, match] of queued) {
          server.queueFault(fault, match);
        }
        const market = createChatsClient({ ...server, concurrency });
        const settled = await Promise.all(
          called.map(async ({ chat, abortAfter }) => {
            const controller = new AbortController();
            const { signal } = controller;
            const answered = market.getChat(server.chats[chat]?.chatId ?? 0, { signal });
            if (abortAfter !== null) {
              void sleep(abortAfter).then(() => controller.abort(called));
            }
            const outcome: unknown = await answered.catch((error: unknown) => error);
            expect(getEventListeners(signal, "abort")).toEqual([]);
            return outcome;
          }),
        );
        settled.forEach((outcome, index) => {
          const { chat, abortAfter } = called[index] ?? { chat: 0, abortAfter: null };
          const isAborted = abortAfter !== null && outcome === called;
          const isExpected = isAborted || outcome instanceof MarketError;
          expect(isExpected ? server.chats[chat] : outcome).toEqual(server.chats[chat]);
        });
        expect(clock.pending).toBe(0);
        // Every place is free again. A quota that a fault has told of may be out.
        const again = await Promise.allSettled(server.chats.map(({ chatId }) => market.getChat(chatId)));
        expect(again).toHaveLength(10);
        expect(clock.pending).toBe(0);
      }),
      { numRuns: 50 },
    );
  });
});
