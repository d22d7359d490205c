/** Prints by how many bytes the heap grows between a tenth of the pages and the last one. */
import { createChatsClient } from "../../../src/index.js";
import { apiKey, businessId, pageBody, pageHeaders } from "../page.js";

const [, , pages = "", baseUrl] = process.argv;
const total = Number(pages);

/** Used without a base URL: it returns a page without HTTP. */
async function createPage(url: string): Promise<Response> {
  const page = Number(new URL(url).searchParams.get("page_token") ?? 0);
  return new Response(pageBody(page + 1), { headers: pageHeaders });
}

const market = createChatsClient({
  apiKey,
  businessId,
  ...(baseUrl === undefined ? { fetch: createPage } : { baseUrl }),
});

async function heap(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 50)); // Lets finished requests be released.
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

// What the runtime compiles at first does not depend on the number of chats.
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
