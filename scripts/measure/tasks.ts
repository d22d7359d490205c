/** What runs in a process of its own, and prints its result. `workers.ts` bundles it. */
import { setTimeout } from "node:timers/promises";
import type { ChatsClientOptions, paths } from "../../src/index.js";
import { sampleChats } from "../../src/testing/index.js";
import { createPage, headers } from "./page-server.js";

type Package = typeof import("../../src/index.js");

/** The package as it is built for its users. A constant specifier would need a build for the type check. */
const packageName: string = "yandex-market-chats";
const { createChatsClient, MarketError, RateLimitError, ResponseError }: Package = await import(packageName);

interface Page {
  readonly result: { readonly chats: readonly unknown[] };
}

const timeout = 30_000;
const [apiKey, businessId] = ["ACMA:ThisKeyIsMadeUpForTheBenchmark00000000000:00000000", 123_456];
const path = `/v2/businesses/${businessId}/chats?limit=20`;

/** Each creates a function that requests a page of 20 chats, and resolves to their number. */
const clients: Record<string, (baseUrl: string) => Promise<() => Promise<number | undefined>>> = {
  async fetch(baseUrl) {
    const init = { method: "POST", headers: { "Content-Type": "application/json", "Api-Key": apiKey }, body: "{}" };
    return async () => {
      const response = await fetch(`${baseUrl}${path}`, { ...init, signal: AbortSignal.timeout(timeout) });
      return ((await response.json()) as Page).result.chats.length;
    };
  },
  async "openapi-fetch"(baseUrl) {
    const { default: createClient } = await import("openapi-fetch");
    const api = createClient<paths>({ baseUrl, headers: { "Api-Key": apiKey } });
    const params = { path: { businessId }, query: { limit: 20 } };
    return async () => {
      const options = { params, body: {}, signal: AbortSignal.timeout(timeout) };
      return (await api.POST("/v2/businesses/{businessId}/chats", options)).data?.result?.chats.length;
    };
  },
  async axios(baseUrl) {
    const { default: axios } = await import("axios");
    const http = axios.create({ baseURL: baseUrl, headers: { "Api-Key": apiKey }, timeout });
    return async () => (await http.post<Page>(path, {})).data.result.chats.length;
  },
};

/** The same for a build of this package. `module` is its name or the URL of its file. */
async function createRequestOfBuild(module: string, baseUrl: string) {
  const build: Package = await import(module);
  const market = build.createChatsClient({ apiKey, businessId, baseUrl });
  return async () => (await market.getChats()).chats.length;
}

export const tasks = {
  /** The microseconds of CPU time that one client spends on a request. */
  async cpuTime(client: string, baseUrl: string, concurrency: number): Promise<number> {
    const request = (await clients[client]?.(baseUrl)) ?? (await createRequestOfBuild(client, baseUrl));
    const send = async (count: number) => {
      for (let sent = 0; sent < count; sent += 1) {
        if ((await request()) !== 20) throw new Error(`${client} returned no page of 20 chats`);
      }
    };
    const sendConcurrently = (count: number) =>
      Promise.all(Array.from({ length: concurrency }, () => send(count / concurrency)));
    await sendConcurrently(2000); // Integrations run for months: the time to compile does not count.
    const before = process.cpuUsage();
    await sendConcurrently(4000);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 4000;
  },

  /** By how many megabytes the memory of the process grows until an endless response body is an error. */
  async endlessBody(baseUrl: string): Promise<number> {
    const market = createChatsClient({ apiKey, businessId, baseUrl: `${baseUrl}/endless`, maxRetries: 0 });
    const before = process.resourceUsage().maxRSS;
    const error: unknown = await market.getChats().catch((reason: unknown) => reason);
    if (!(error instanceof ResponseError)) throw new Error("expected a ResponseError", { cause: error });
    return (process.resourceUsage().maxRSS - before) / 1000;
  },

  /** The time of 100 pages with `prefetch`, as a multiple of the theoretical minimum. */
  async prefetch(latency: number, work: number): Promise<number> {
    const [latencies, works]: [number[], number[]] = [[], []];
    const fetch = async (url: string) => {
      latencies.push(await wait(latency));
      return new Response(createPage(url), { headers });
    };
    const market = createChatsClient({ apiKey, businessId, fetch });
    const startedAt = performance.now();
    for await (const _page of market.listChats({}, { prefetch: true }).pages()) {
      works.push(await wait(work));
      if (works.length === 100) break;
    }
    const elapsed = performance.now() - startedAt;
    // While a page is processed, the next one is requested.
    const [first = NaN, ...others] = latencies;
    return elapsed / works.reduce((sum, time, index) => sum + Math.max(time, others[index] ?? 0), first);
  },

  /** Sends concurrent calls at a given time, since the processes do not start at the same time. */
  async concurrentCalls(cabinet: ChatsClientOptions, chatId: number, calls: number, startsAt: number) {
    const market = createChatsClient(cabinet);
    if (Date.now() > startsAt) throw new Error("the process started too late");
    await setTimeout(startsAt - Date.now());
    const results = await Promise.allSettled(Array.from({ length: calls }, () => market.getChat(chatId)));
    return { lost: results.filter(({ status }) => status === "rejected").length, endedAt: Date.now() };
  },

  /** Lists every chat, and resumes when a listing fails. Complete means every chat once and in order. */
  async listAll(cabinet: ChatsClientOptions, total: number) {
    const market = createChatsClient(cabinet);
    const expected = sampleChats(total).map(({ chatId }) => chatId);
    let [chats, inOrder, resumed, heapAtTenth] = [0, 0, 0, 0];
    let pageToken: string | undefined;
    for (let isOver = false; !isOver;) {
      try {
        for await (const { chatId } of market.listChats({}, { pageToken })) {
          inOrder += chatId === expected[chats] ? 1 : 0;
          chats += 1;
          if (chats === Math.ceil(total / 10)) heapAtTenth = await measureHeap();
        }
        isOver = true;
      } catch (error) {
        if (!(error instanceof MarketError)) throw error;
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

/** Returns the megabytes of the heap that are in use. */
async function measureHeap(): Promise<number> {
  await setTimeout(50); // Lets finished requests be released.
  globalThis.gc?.();
  return Math.round(process.memoryUsage().heapUsed / 1e5) / 10;
}

const [, , name = "", args = "[]"] = process.argv;
console.log(JSON.stringify(await Reflect.apply(Reflect.get(tasks, name), undefined, JSON.parse(args))));
