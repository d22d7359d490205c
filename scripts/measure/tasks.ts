/**
 * What runs in a process of its own, and sends its result to the process that started it. `workers.ts` replaces the
 * paths to `src` by the name of the package, so that the tasks measure it as it is built for its users.
 */
import { setTimeout } from "node:timers/promises";
import { createChatsClient, MarketError, type paths, RateLimitError, ResponseError } from "../../src/index.js";
import { sampleChats } from "../../src/testing/index.js";
import { createPage, headers } from "./page-server.js";

interface Cabinet {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly businessId: number;
}

interface Page {
  readonly result: { readonly chats: readonly unknown[] };
}

const timeout = 30_000;
const [apiKey, businessId] = ["ACMA:ThisKeyIsMadeUpForTheBenchmark00000000000:00000000", 123_456];

/** Each returns a function that requests a page of 20 chats, and returns their number. */
const clients: Record<string, (baseUrl: string) => Promise<() => Promise<number | undefined>>> = {
  async fetch(baseUrl) {
    return async () => {
      const response = await fetch(`${baseUrl}/v2/businesses/${businessId}/chats?limit=20`, {
        method: "POST",
        headers: { "Content-Type": "application/json", "Api-Key": apiKey },
        body: JSON.stringify({}),
        signal: AbortSignal.timeout(timeout),
      });
      const { result } = JSON.parse(await response.text()) as Page;
      return result.chats.length;
    };
  },
  async "openapi-fetch"(baseUrl) {
    const { default: createClient } = await import("openapi-fetch");
    const api = createClient<paths>({ baseUrl, headers: { "Api-Key": apiKey } });
    return async () => {
      const params = { path: { businessId }, query: { limit: 20 } };
      const signal = AbortSignal.timeout(timeout);
      const { data } = await api.POST("/v2/businesses/{businessId}/chats", { params, body: {}, signal });
      return data?.result?.chats.length;
    };
  },
  async axios(baseUrl) {
    const { default: axios } = await import("axios");
    const http = axios.create({ baseURL: baseUrl, headers: { "Api-Key": apiKey }, timeout });
    const path = `/v2/businesses/${businessId}/chats?limit=20`;
    return async () => (await http.post<Page>(path, {})).data.result.chats.length;
  },
};

/** A build of this package, by the module that exports it. */
async function createRequest(module: string, baseUrl: string) {
  const build: { createChatsClient: typeof createChatsClient } = await import(module);
  const market = build.createChatsClient({ apiKey, businessId, baseUrl });
  return async () => (await market.getChats()).chats.length;
}

export const tasks = {
  /** The microseconds of CPU time that one client spends on a request. */
  async cpuTime(client: string, baseUrl: string, concurrency: number): Promise<number> {
    const request = (await clients[client]?.(baseUrl)) ?? (await createRequest(client, baseUrl));
    const send = async (count: number) => {
      for (let sent = 0; sent < count; sent += 1) {
        if ((await request()) !== 20) {
          throw new Error(`${client} returned no page of 20 chats`);
        }
      }
    };
    const sendConcurrently = (count: number) =>
      Promise.all(Array.from({ length: concurrency }, () => send(count / concurrency)));
    const requests = 4000;
    await sendConcurrently(2000); // Integrations run for months: the time to compile does not count.
    const before = process.cpuUsage();
    await sendConcurrently(requests);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / requests;
  },

  /** By how many megabytes the heap grows between a tenth of the pages and the last one, with HTTP or without. */
  async heapGrowth(pages: number, baseUrl?: string): Promise<number> {
    const respond = async (url: string) => new Response(createPage(url), { headers });
    const server = baseUrl === undefined ? { fetch: respond } : { baseUrl };
    const market = createChatsClient({ apiKey, businessId, ...server });
    const take = async (chats: AsyncIterator<unknown>, count: number) => {
      for (let taken = 0; taken < count; taken += 1) await chats.next();
    };
    // What the runtime compiles at first does not depend on the number of chats.
    const warmUp = market.listChats()[Symbol.asyncIterator]();
    await take(warmUp, 20_000);
    await warmUp.return?.();
    const chats = market.listChats()[Symbol.asyncIterator]();
    await take(chats, pages * 2);
    const atTenth = await measureHeap();
    await take(chats, pages * 18);
    return (await measureHeap()) - atTenth;
  },

  /** By how many megabytes the memory of the process grows until an endless response body is an error. */
  async endlessBody(baseUrl: string): Promise<number> {
    const market = createChatsClient({ apiKey, businessId, baseUrl, maxRetries: 0 });
    const before = process.resourceUsage().maxRSS;
    const error: unknown = await market.getChats().catch((reason: unknown) => reason);
    if (!(error instanceof ResponseError)) {
      throw new Error("expected a ResponseError", { cause: error });
    }
    return (process.resourceUsage().maxRSS - before) / 1000;
  },

  /** The time of a listing with `prefetch`, as a multiple of the theoretical minimum. */
  async prefetch(latency: number, work: number): Promise<number> {
    const latencies: number[] = [];
    const works: number[] = [];
    let pages = 3; // The first listing warms up.
    const market = createChatsClient({
      apiKey,
      businessId,
      async fetch(url) {
        latencies.push(await wait(latency));
        const page = Number(new URL(url).searchParams.get("page_token") ?? 1);
        return new Response(page < pages ? createPage(url) : '{"status":"OK","result":{"chats":[]}}', { headers });
      },
    });
    const list = async () => {
      const startedAt = performance.now();
      for await (const _page of market.listChats({}, { prefetch: true }).pages()) {
        works.push(await wait(work));
      }
      return performance.now() - startedAt;
    };
    await list();
    latencies.length = works.length = 0;
    pages = 30;
    const elapsed = await list();
    const [meanLatency, meanWork] = [mean(latencies), mean(works)];
    return elapsed / (meanLatency + meanWork + (pages - 1) * Math.max(meanLatency, meanWork));
  },

  /** Sends concurrent calls at a time, since the processes do not start at the same time. */
  async concurrentCalls(cabinet: Cabinet, chatId: number, calls: number, startsAt: number) {
    const market = createChatsClient(cabinet);
    if (Date.now() > startsAt) {
      throw new Error("the process started too late");
    }
    await setTimeout(startsAt - Date.now());
    const results = await Promise.allSettled(Array.from({ length: calls }, () => market.getChat(chatId)));
    return { lost: results.filter(({ status }) => status === "rejected").length, endedAt: Date.now() };
  },

  /** Lists every chat, and resumes when a listing fails. Complete means every chat once and in order. */
  async listAll(cabinet: Cabinet, total: number) {
    const market = createChatsClient(cabinet);
    const expected = sampleChats(total).map(({ chatId }) => chatId);
    let [chats, inOrder, resumed, heapAtTenth] = [0, 0, 0, 0];
    let pageToken: string | undefined;
    for (let isOver = false; !isOver;) {
      try {
        for await (const { chatId } of market.listChats({}, { pageToken })) {
          inOrder += chatId === expected[chats] ? 1 : 0;
          chats += 1;
          heapAtTenth = chats === Math.ceil(total / 10) ? await measureHeap() : heapAtTenth;
        }
        isOver = true;
      } catch (error) {
        if (!(error instanceof MarketError)) {
          throw error;
        }
        resumed += 1;
        pageToken = error.pageToken;
        await setTimeout(error instanceof RateLimitError ? 1_000 : 10);
      }
    }
    const isComplete = chats === total && inOrder === total;
    return { chats, isComplete, resumed, "heap at 10 %, MB": heapAtTenth, "heap at the end, MB": await measureHeap() };
  },
};

/** Waits, and returns the actual time. */
async function wait(milliseconds: number): Promise<number> {
  const startedAt = performance.now();
  await setTimeout(milliseconds);
  return performance.now() - startedAt;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Returns the megabytes of the heap that are in use. */
async function measureHeap(): Promise<number> {
  await setTimeout(50); // Lets finished requests be released.
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1e6;
}

const [, , name = "", args = "[]"] = process.argv;
process.send?.(await Reflect.apply(Reflect.get(tasks, name), undefined, JSON.parse(args)));
process.disconnect();
