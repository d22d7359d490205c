/** Lists so many pages and tells by how many bytes the heap has grown from the first tenth to the end. */
import { createChatsClient } from "../../../src/index.js";
import { pageBody, pageHeaders } from "../page.js";

const [, , pages = "", baseUrl] = process.argv;
const total = Number(pages);

/** Without an address: the pages come from an injected fetch. */
async function inventPage(url: string): Promise<Response> {
  const page = Number(new URL(url).searchParams.get("page_token") ?? 0);
  return new Response(pageBody(page + 1), { headers: pageHeaders });
}

const market = createChatsClient({
  apiKey: "ACMA:AMadeUpTokenThatNoMarketKnowsOfInAnyPlace0:00000000",
  businessId: 123_456,
  ...(baseUrl === undefined ? { fetch: inventPage } : { baseUrl }),
});

async function heap(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 50)); // for what ends with a turn of the event loop
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

// What the runtime compiles and keeps for itself in the beginning is no matter of how many chats there are.
let warmUp = 20_000;
for await (const _chat of market.listChats()) {
  if ((warmUp -= 1) === 0) {
    break;
  }
}

let atTenth = 0;
let chats = 0;
for await (const _chat of market.listChats()) {
  chats += 1;
  if (chats === total * 2) {
    atTenth = await heap();
  }
  if (chats === total * 20) {
    break;
  }
}
console.log(JSON.stringify((await heap()) - atTenth));
