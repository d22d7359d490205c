/** Prints the time of a listing with `prefetch` as a multiple of the theoretical minimum. */
import { createChatsClient } from "../../../src/index.js";
import { apiKey, businessId, pageBody, pageHeaders } from "../page.js";

const [, , latencyText = "", workText = ""] = process.argv;

/** Waits, and records the actual time. */
async function wait(milliseconds: number, times: number[]): Promise<void> {
  const startedAt = performance.now();
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  times.push(performance.now() - startedAt);
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

const latencies: number[] = [];
const works: number[] = [];
let pages = 3; // The first listing warms up.
const market = createChatsClient({
  apiKey,
  businessId,
  async fetch(url) {
    await wait(Number(latencyText), latencies);
    const page = Number(new URL(url).searchParams.get("page_token") ?? 1);
    const body = page < pages ? pageBody(page + 1) : '{"status":"OK","result":{"chats":[]}}';
    return new Response(body, { headers: pageHeaders });
  },
});

async function list(): Promise<number> {
  latencies.length = works.length = 0;
  const startedAt = performance.now();
  for await (const _page of market.listChats({}, { prefetch: true }).pages()) {
    await wait(Number(workText), works);
  }
  return performance.now() - startedAt;
}

await list();
pages = 30;
const elapsed = await list();
const latency = mean(latencies);
const work = mean(works);
console.log(JSON.stringify(elapsed / (latency + work + (pages - 1) * Math.max(latency, work))));
