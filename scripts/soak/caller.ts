/** Sends concurrent calls when told to start, and reports how many of them failed. */
import { once } from "node:events";
import { createChatsClient } from "../../src/index.js";

const [, , options = "", chatId = "", calls = ""] = process.argv;
const market = createChatsClient(JSON.parse(options) as { baseUrl: string; apiKey: string; businessId: number });
process.send?.("ready");
await once(process, "message");
const results = await Promise.allSettled(Array.from({ length: Number(calls) }, () => market.getChat(Number(chatId))));
process.send?.(results.filter(({ status }) => status === "rejected").length);
process.disconnect();
