/** The embedded server, 20 ms away, that allows 4 requests at once. */
import { startMarketServer } from "../../../src/testing/index.js";

const server = await startMarketServer({ latency: 20, parallelLimit: 4, quota: { getChat: 10_000 } });
const { baseUrl, apiKey, businessId, chats } = server;
process.send?.(JSON.stringify({ baseUrl, apiKey, businessId, chatId: chats[0]?.chatId }));
